"""One letter for one person and day: the reminders that have none, and whatever else comes due for them that day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Min, Q

from approvals.letters import audience, ending
from approvals.letters.audience import Recipient
from approvals.letters.claiming import carry
from approvals.letters.flagging import ending_by, flag_all
from approvals.letters.message import as_html, as_text, one_line
from approvals.letters.thresholds import midnight_after
from approvals.letters.writing import write
from approvals.models import Letter, Packet, Reminder, Version
from approvals.people import Person
from approvals.vocabulary import State

MOMENT = timedelta(microseconds=1)


def write_letters(now: datetime) -> int:
    """One letter for each person with reminders that have none; returns how many more reminders it took along."""
    owed = Reminder.objects.filter(letter__isnull=True, ends_at__gt=now)
    people = {row.recipient.pk: row.recipient for row in owed.select_related("recipient").order_by("recipient")}
    return sum(_write_letter(person, now) for person in people.values())


def _write_letter(person: Person, now: datetime) -> int:
    """Whatever else comes due for this person today goes into the same letter."""
    until = midnight_after(now, person) - MOMENT
    theirs = ending_by(now, until).filter(Q(owner=person) | Q(backup_owner=person))
    more = flag_all(list(theirs), now, until=until, only=person)
    rows = _unlettered(person)
    reasons = overtaken(rows, now)
    versions = _versions([row for row in rows if not reasons[row.pk]])
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


def _unlettered(person: Person) -> list[Reminder]:
    rows = Reminder.objects.filter(letter__isnull=True, recipient=person)
    return list(rows.select_related("version__packet", "recipient").order_by("pk"))


def _versions(rows: Iterable[Reminder]) -> list[Version]:
    """The versions of these reminders, whatever ends first standing first."""
    keys = {row.version_id for row in rows}
    return list(Version.objects.for_page().defer("content").filter(pk__in=keys).order_by("ends_at", "pk"))


def _reply_to(version: Version, reader: Person) -> str:
    """A person: the last who signed, else the other owner, else who rolls back; never the reader."""
    last = version.decisions.select_related("person").order_by("-pk").first()
    people = [last.person if last else None, version.owner, version.backup_owner, version.rollback_owner]
    return next((one.email for one in people if one and audience.reachable(one) and one.pk != reader.pk), "")


def overtaken(rows: Sequence[Reminder], now: datetime) -> dict[int, str]:
    """By key of these reminders of one person: why it is not right any more, or nothing. Asked again at sending."""
    if not rows:
        return {}
    person, versions = rows[0].recipient, {row.version_id for row in rows}
    packets = Packet.objects.visible_to(person).filter(pk__in={row.version.packet_id for row in rows})
    seen = set(packets.values_list("pk", flat=True))
    theirs = Reminder.objects.filter(recipient=person, version__in=versions).order_by().values("version", "ends_at")
    urgent = {(row["version"], row["ends_at"]): row["least"] for row in theirs.annotate(least=Min("days"))}
    return {row.pk: _overtaken(row, now, urgent, seen) for row in rows}


def _overtaken(row: Reminder, now: datetime, urgent: dict[tuple[int, datetime], int], seen: set[int]) -> str:
    version = row.version
    if version.packet.revoked_at is not None:
        return f"Not needed any more: {version.packet} was revoked."
    if version.superseded_at is not None or version.state != State.APPROVED:
        return f"Not needed any more: a later version took the place of {version}."
    if version.ends_at != row.ends_at:
        return f"Not right any more: the end of {version} was moved."
    if row.ends_at <= now:
        return f"Too late: {version} has ended."
    if urgent[version.pk, row.ends_at] < row.days:
        return f"Not needed any more: a more urgent reminder of the end of {version} took its place."
    if version.packet_id not in seen:
        return f"{row.recipient.printed_name} may not see {version.packet} any more."
    return ""


def refresh(letter: Letter, now: datetime) -> str:
    """Put a reminder into today's words before it is sent. The reason not to send it, when nothing of it is left."""
    rows = list(letter.reminders.select_related("version__packet", "recipient").order_by("pk"))
    reasons = overtaken(rows, now)
    versions = _versions([row for row in rows if not reasons[row.pk]])
    if not versions:
        return " ".join(dict.fromkeys(reasons.values()))
    message = ending.ends_soon(versions, Recipient(letter.recipient, audience.why(versions[0], letter.recipient)), now)
    letter.subject, letter.text, letter.html = one_line(message.subject), as_text(message), as_html(message)
    letter.save(update_fields=["subject", "text", "html"])
    return ""
