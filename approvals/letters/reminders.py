"""Reminders before an end. A row is a claim, unique on (version, end, days, person): a second run writes nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Q

from approvals import transitions, validity
from approvals.errors import DATABASE_GONE
from approvals.letters import audience, ending
from approvals.letters.audience import Recipient
from approvals.letters.claiming import carry
from approvals.letters.message import as_html, as_text, one_line
from approvals.letters.writing import write
from approvals.models import Letter, Reminder, SignOffRule, Version
from approvals.people import Person
from approvals.vocabulary import LetterState, State

logger = logging.getLogger(__name__)
DAY = timedelta(days=1)
WEEKEND = timedelta(days=2)  # how far ahead of its threshold a reminder may go out
USUAL = 30
BATCH = 500


def flag(now: datetime) -> int:
    """Write the reminders that are due and not there yet, their events and their letters; returns how many."""
    written = 0
    for version in _ending(now):
        try:
            written += _flag(version, now)
        except DATABASE_GONE:
            raise
        except Exception:  # one version must not keep the reminders of the others
            logger.exception("a version was not flagged", extra={"version": version.pk})
    return written + write_letters(now)


def _flag(version: Version, now: datetime) -> int:
    due = [(to, days) for to in audience.owners(version) if (days := due_days(version, to.person, now)) is not None]
    there = _there(version)
    new = sorted({days for to, days in due if not _told(there, to.person, days)})
    return sum(_claim(version, days, [to.person for to, its in due if its == days], now) for days in new)


def _ending(now: datetime) -> Iterator[Version]:
    """Versions that end within the longest warning any rule has asked for, a batch at a time."""
    horizon = now + timedelta(days=longest_warning()) + WEEKEND
    owing = Version.objects.owing_reminders(now, horizon).filter(in_force_from__lte=now).for_page()
    last = 0
    while batch := list(owing.prefetch_related("reminders").filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield from batch
        last = batch[-1].pk


def longest_warning() -> int:
    """In days: the earliest reminder of any rule, as it is or ever was."""
    rows = [*SignOffRule.objects.values_list("reminder_days", flat=True)]
    rows += SignOffRule.history.values_list("reminder_days", flat=True)
    return int(max([USUAL, *(day for days in rows for day in days)]))


def due_days(version: Version, person: Person, now: datetime) -> int | None:
    """The most urgent threshold that is due for this person by then, or None: it stands for those missed before."""
    return min((days for days, at in due_at(version, person) if at <= now), default=None)


def due_at(version: Version, person: Person) -> Iterator[tuple[int, datetime]]:
    """Each threshold with the instant its reminder is due. Thresholds before the version held never existed."""
    if version.ends_at is None or version.in_force_from is None:
        return
    for days in version.reminder_days:
        threshold = version.ends_at - days * DAY
        if threshold >= version.in_force_from:
            yield days, max(on_a_working_day(threshold, zone_of(person)), version.in_force_from)


def on_a_working_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment; or, when it falls on a weekend there, the Friday before at the same time of day."""
    there = moment.astimezone(zone)
    return (there - timedelta(days=max(0, there.weekday() - 4))).astimezone(UTC)


def zone_of(person: Person) -> ZoneInfo:
    """The person's zone; UTC when what is stored is none."""
    try:
        return person.zone
    except (OSError, ValueError, KeyError):
        return ZoneInfo("UTC")


def _there(version: Version) -> set[tuple[int, int]]:
    """Who was told how many days before this end, of reminders read beforehand."""
    return {(row.recipient_id, row.days) for row in version.reminders.all() if row.ends_at == version.ends_at}


def _told(there: Iterable[tuple[int, int]], person: Person, days: int) -> bool:
    """Whether this person has this reminder or a more urgent one: a clock that went back asks for no older one."""
    return any(pk == person.pk and told <= days for pk, told in there)


@transaction.atomic
def _claim(version: Version, days: int, people: Iterable[Person], now: datetime) -> int:
    """Claim one threshold for each of these people; those who were told meanwhile are left out. One event for all."""
    made: list[str] = []
    if version.ends_at is None:
        return 0
    there = set(version.reminders.filter(ends_at=version.ends_at).values_list("recipient", "days"))
    missed: set[int] = set()
    for person in people:
        if _told(there, person, days):
            continue
        if not _insert(Reminder(version=version, ends_at=version.ends_at, days=days, recipient=person, flagged_at=now)):
            continue
        made.append(person.username)
        passed = {day for day, at in due_at(version, person) if day > days and at <= now}
        missed |= {day for day in passed if (person.pk, day) not in there}
    if made:
        transitions.flag_expiring(version, days, made, instead_of=sorted(missed, reverse=True))
    return len(made)


def _insert(row: Reminder) -> bool:
    """False when somebody else claimed the same at the same time."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def write_letters(now: datetime) -> int:
    """One letter for each person with reminders that have none; returns how many more reminders it took along."""
    owed = Reminder.objects.filter(letter__isnull=True, ends_at__gt=now)
    people = {row.recipient.pk: row.recipient for row in owed.select_related("recipient").order_by("recipient")}
    return sum(_write_letter(person, now) for person in people.values())


def _write_letter(person: Person, now: datetime) -> int:
    """Whatever else comes due for this person today goes into the same letter."""
    more = _rest_of_the_day(person, now)
    rows = _unlettered(person)
    versions = _versions([row for row in rows if not overtaken(row, now)])
    if not versions:
        return more
    try:
        with transaction.atomic():
            to = Recipient(person, audience.why(versions[0], person))
            letter = write(
                ending.ends_soon(versions, to, now), to, key=f"reminder-{rows[0].pk}-{person.pk}", event=None,
                version=versions[0] if len(versions) == 1 else None, reply_to=_reply_to(versions[0], person),
            )  # fmt: skip
            carry(letter, rows)
    except IntegrityError:
        return more  # somebody else wrote this letter at the same time
    return more


def _rest_of_the_day(person: Person, now: datetime) -> int:
    here = now.astimezone(zone_of(person))
    midnight = (here + DAY).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    theirs = Version.objects.owing_reminders(now, midnight + longest_warning() * DAY + WEEKEND).filter(
        Q(owner=person) | Q(backup_owner=person), in_force_from__lte=now
    )
    written = 0
    for version in theirs.for_page().prefetch_related("reminders").order_by("pk"):
        days = due_days(version, person, midnight - timedelta(microseconds=1))
        if days is not None and not _told(_there(version), person, days):
            written += _claim(version, days, [person], now)
    return written


def _unlettered(person: Person) -> list[Reminder]:
    rows = Reminder.objects.filter(letter__isnull=True, recipient=person)
    return list(rows.select_related("version__packet", "recipient").order_by("pk"))


def _versions(rows: Iterable[Reminder]) -> list[Version]:
    """The versions of these reminders, whatever ends first standing first."""
    keys = {row.version_id for row in rows}
    return list(Version.objects.for_page().filter(pk__in=keys).order_by("ends_at", "pk"))


def _reply_to(version: Version, reader: Person) -> str:
    """A person: the last who signed, else the other owner, else who rolls back; never the reader."""
    last = version.decisions.select_related("person").order_by("-pk").first()
    people = [last.person if last else None, version.owner, version.backup_owner, version.rollback_owner]
    return next((one.email for one in people if one and audience.reachable(one) and one.pk != reader.pk), "")


def overtaken(row: Reminder, now: datetime) -> str:
    """Why this reminder is not right any more, or nothing. Asked again when it is sent."""
    version = row.version
    if version.packet.revoked_at is not None:
        return f"Not needed any more: {version.packet} was revoked."
    if version.superseded_at is not None or version.state != State.APPROVED:
        return f"Not needed any more: a later version took the place of {version}."
    if version.ends_at != row.ends_at:
        return f"Not right any more: the end of {version} was moved."
    if row.ends_at <= now:
        return f"Too late: {version} has ended."
    if version.reminders.filter(ends_at=row.ends_at, recipient=row.recipient, days__lt=row.days).exists():
        return f"Not needed any more: a more urgent reminder of the end of {version} took its place."
    if not audience.may_see(row.recipient, version.packet):
        return f"{row.recipient.printed_name} may not see {version.packet} any more."
    return ""


def refresh(letter: Letter, now: datetime) -> str:
    """Put a reminder into today's words before it is sent. The reason not to send it, when nothing of it is left."""
    rows = list(letter.reminders.select_related("version__packet", "recipient").order_by("pk"))
    reasons = [overtaken(row, now) for row in rows]
    versions = _versions([row for row, reason in zip(rows, reasons, strict=True) if not reason])
    if not versions:
        return " ".join(dict.fromkeys(reasons))
    message = ending.ends_soon(versions, Recipient(letter.recipient, audience.why(versions[0], letter.recipient)), now)
    letter.subject, letter.text, letter.html = one_line(message.subject), as_text(message), as_html(message)
    letter.save(update_fields=["subject", "text", "html"])
    return ""


def hand_on(lost: Letter) -> None:
    """A reminder that reached nobody becomes a reminder of whoever is next; the next run writes its letter."""
    now = validity.now()
    for row in lost.reminders.select_related("version__packet"):
        if overtaken(row, now) and row.ends_at <= now:
            continue
        version = Version.objects.for_page().get(pk=row.version_id)
        same = Reminder.objects.filter(version=version, ends_at=row.ends_at, days=row.days).select_related("letter")
        told = {one.recipient_id: one.letter.state if one.letter else LetterState.PENDING for one in same}
        next_people = audience.next_in_line(version, lost.recipient, told)
        _claim(version, row.days, [to.person for to in next_people], now)
