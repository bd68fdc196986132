"""What lies before one person on Home. A fixed number of statements, each cut at a page, whatever there is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim

from approvals import access
from approvals.models import Decision, Delivery, Grant, Letter, Packet, Question, Reminder, Suspension, Version
from approvals.named import versions_to_accept
from approvals.pages.waiting import MOST_WAITING, line_of
from approvals.querysets import VersionQuerySet
from approvals.signers import signer_left
from approvals.together import Part, put, together
from approvals.transitions.assessing import count_wider_lines
from approvals.vocabulary import OPEN_STATES, ChangeKind, LetterState, Level, Role, State
from approvals.walks import there_is
from portal.pages import ends

ROWS = 15  # of one list; what does not fit is on its own page
FEW = 5  # of a list beside it
COUNTED = MOST_WAITING - 1  # more than this waits: said as such
SOON = LATELY = timedelta(days=30)
PACKETS = 250  # of somebody without the broad right, newest first, whose ends are counted
REVIEWS = 300  # decisions from which the median is taken
DECIDED = (State.APPROVED, State.REJECTED, State.CHANGES_REQUESTED)
Wait = tuple[datetime, datetime]
BIG = ("content", "findings", "rules", "links")
NAME = Coalesce(
    NullIf(Trim(Concat("recipient__first_name", Value(" "), "recipient__last_name")), Value("")), "recipient__username"
)


@dataclass(slots=True)
class Desk:
    """The rows of every list, in the order they are shown in; one row more than is shown when there are more."""

    waiting: list[Any] = field(default_factory=list)
    waiting_count: int = 0
    mine: list[Any] = field(default_factory=list)
    ending: list[Any] = field(default_factory=list)
    ended: list[Any] = field(default_factory=list)
    glass: list[Any] = field(default_factory=list)  # in force by break-glass, or so past the deadline
    named: list[Any] = field(default_factory=list)  # by somebody else, and not accepted yet
    stops: list[Any] = field(default_factory=list)
    waits: dict[int, Wait] = field(default_factory=dict)
    ends: list[Any] = field(default_factory=list)
    ends_capped: bool = False
    administrators: list[Any] = field(default_factory=list)
    undelivered: list[Any] = field(default_factory=list)  # e-mails that reached nobody, for whoever can do something
    webhooks: list[Any] = field(default_factory=list)  # the same of webhooks


def laid_out(person: Any, now: datetime) -> Desk:
    """Everything for this person: at most four statements."""
    lists = (_mine(person), _ending(person, now), _ended(person, now))
    parts = [Part(rows, ("id",)) for rows in lists]
    parts += [_glass(person), _named(person, now), _stops(person), _administrators(person), _undelivered(person, now)]
    parts += [_webhooks(person, now), *_reviews(person), _ends_of(person, now)]
    mine, ending, ended, glass, desk_named, stops, administrators, astray, hooks, *rest = together(*parts)
    decisions, reviewed, counting = rest
    desk = Desk(stops=sorted(stops, key=lambda stop: stop.since, reverse=True), waits=_waits(decisions, reviewed))
    desk.named = list({one.packet_id: one for one in desk_named}.values())
    desk.undelivered = sorted(astray, key=lambda letter: letter.pk, reverse=True)
    desk.webhooks = sorted(hooks, key=lambda delivery: delivery.pk, reverse=True)
    desk.glass = sorted(glass, key=lambda one: one.glass_until)
    line = line_of(person)
    desk.waiting_count, desk.administrators = len(line), administrators
    desk.ends, desk.ends_capped = counting, _is_capped(counting, person, now)
    keys = [{row.pk for row in rows} for rows in (line[:ROWS], mine, ending, ended)]
    _fill(desk, keys, person, now)
    _say_more(desk, person, now)
    return desk


def _waits(decisions: list[Any], versions: list[Any]) -> dict[int, Wait]:
    """Of each version that was decided, from when to when that took; the last decision ends it."""
    submitted = {one.pk: one.submitted_at for one in versions}
    decided = {one.version_id: one.at for one in decisions if one.version_id in submitted}  # oldest first
    return {key: (submitted[key], at) for key, at in decided.items()}


def _cut(rows: QuerySet[Any], most: int) -> QuerySet[Any]:
    """The first of these rows as a condition on keys: what is sliced cannot be joined with others."""
    found: QuerySet[Any] = rows.model._default_manager.filter(pk__in=rows.values("pk")[:most])
    return found


def _own(person: Any) -> Q:
    return Q(owner=person) | Q(backup_owner=person)


def _mine(person: Any) -> QuerySet[Any]:
    """Open versions of this person's: drafts to finish, questions to answer, reviews to wait for."""
    parts = ("owner", "backup_owner", "created_by")
    opened = Version.objects.filter(state__in=OPEN_STATES).order_by()
    first, *others = (opened.filter(**{part: person}).values("pk") for part in parts)
    return _cut(Version.objects.filter(pk__in=first.union(*others)).order_by("-pk"), ROWS + 1)


def _following() -> VersionQuerySet:
    return Version.objects.filter(packet=OuterRef("packet"), number__gt=OuterRef("number"), state__in=OPEN_STATES)


def _ending(person: Any, now: datetime) -> QuerySet[Any]:
    """What ends within 30 days, runs aside: of one's own all, with the broad right whatever has no renewal."""
    rows = Version.objects.owing_reminders(now, now + SOON).filter(packet__level=Level.SYSTEM)
    of_person = _own(person) | ~Q(there_is(_following())) if access.sees_every_packet(person) else _own(person)
    return _cut(rows.filter(of_person).order_by("ends_at", "pk"), ROWS + 1)


def _ended(person: Any, now: datetime) -> QuerySet[Any]:
    """What ended in the last 30 days and was neither renewed nor revoked before; a run is meant to be over."""
    rows = Version.objects.filter(
        state=State.APPROVED, ends_at__gt=now - LATELY, ends_at__lte=now, superseded_at__isnull=True,
        packet__revoked_at__isnull=True, packet__level=Level.SYSTEM,
    )  # fmt: skip
    mine = rows if access.sees_every_packet(person) else rows.filter(_own(person))
    return _cut(mine.order_by("-ends_at", "-pk"), FEW + 1)


def _glass(person: Any) -> Part:
    """What holds by break-glass, of packets this person may see, the deadline that comes first in front."""
    sight = access.sight_of(person, "packet")
    rows = Version.objects.filter(sight, glass_broken_at__isnull=False, glass_over_at__isnull=True)
    beside = (("reference", F("packet__reference")), ("agent", F("packet__agent__slug")))
    columns = ("id", "number", "job", "glass_broken_at", "glass_broken_by_name", "glass_reason", "glass_until")
    return Part(_cut(rows.order_by("glass_until", "pk"), ROWS), columns, beside)


def _named(person: Any, now: datetime) -> Part:
    """What somebody else named this person in as owner or rollback owner, until they accept it."""
    rows = versions_to_accept(person, now).order_by("-pk")
    beside = (("reference", F("packet__reference")), ("agent", F("packet__agent__slug")))
    return Part(_cut(rows, ROWS), ("id", "packet_id", "number", "job"), beside)


def _stops(person: Any) -> Part:
    """Open suspensions of packets this person may see, newest first."""
    rows = Suspension.objects.filter(access.sight_of(person, "packet"), until__isnull=True)
    beside = (("reference", F("packet__reference")), ("agent", F("packet__agent__slug")))
    return Part(_cut(rows.order_by("-since", "-pk"), FEW + 1), beside=beside)


def _undelivered(person: Any, now: datetime) -> Part:
    """E-mails of the last 30 days that reached nobody, or nobody knows: for Security and administrators."""
    rows = Letter.objects.filter(undelivered=True, settled_at__gt=now - LATELY)
    if not person.is_in(Role.SECURITY, Role.ADMINISTRATORS):
        rows = rows.none()
    columns = ("id", "version_id", "subject", "state", "address", "server_said", "settled_at")
    return Part(_cut(rows.order_by("-pk"), FEW + 1), columns, (("name", NAME),))


def _webhooks(person: Any, now: datetime) -> Part:
    """Webhooks of the last 30 days that no receiver took, or nobody knows: for Security and administrators."""
    rows = Delivery.objects.filter(undelivered=True, settled_at__gt=now - LATELY)
    if not person.is_in(Role.SECURITY, Role.ADMINISTRATORS):
        rows = rows.none()
    columns = ("id", "subject", "state", "host", "server_said", "settled_at")
    return Part(_cut(rows.order_by("-pk"), FEW + 1), columns, (("kind", F("receiver__kind")),))


def _reviews(person: Any) -> tuple[Part, Part]:
    """The last decisions on reviews that are over, and their versions, for whoever sees every packet."""
    decided = Version.objects.filter(pk=OuterRef("version"), state__in=DECIDED)
    rows = Decision.objects.filter(Exists(decided)).order_by("-pk")
    if not access.sees_every_packet(person):
        rows = rows.none()
    of = Version.objects.filter(pk__in=rows.values("version")[:REVIEWS])
    return Part(_cut(rows, REVIEWS), ("id", "version_id", "at")), Part(of, ("id", "submitted_at"))


def _administrators(person: Any) -> Part:
    """Whom to ask, for somebody who is on no team and in no role."""
    people = get_user_model()._default_manager.filter(is_active=True, groups__name=Role.ADMINISTRATORS)
    rows = people.none() if person.memberships() else _cut(people.order_by("pk"), FEW)
    return Part(rows, ("id", "username", "first_name", "last_name"))


def _ends_of(person: Any, now: datetime) -> Part:
    """Standing authority that counts now, by its end. With the broad right week by week, each walk cut at a hundred."""
    rows = Version.objects.counting_at(now).filter(packet__revoked_at__isnull=True, packet__level=Level.SYSTEM)
    if access.sees_every_packet(person):
        walks = [rows.filter(**span).order_by("ends_at", "pk") for span in _spans(now)]
        first, *others = (_cut(walk, ends.COUNTED + 1).order_by().values("pk") for walk in walks)
        rows = Version.objects.filter(pk__in=first.union(*others, all=True))
    else:
        rows = rows.filter(packet__in=Packet.objects.all().newest_visible_to(person, limit=PACKETS + 1))
    holds = Version.objects.in_force_at(now).filter(pk=OuterRef("pk"))
    beside = (("agent", F("packet__agent")), ("renewal", Exists(_following())), ("holds", Exists(holds)))
    return Part(rows, ("id", "packet_id", "ends_at", "superseded_at"), beside)


def _spans(now: datetime) -> list[dict[str, datetime]]:
    """The weeks of the drawing and what comes behind them, as conditions."""
    inside = [{"ends_at__gt": after, "ends_at__lte": until} for after, until in ends.weeks(now)]
    return [*inside, {"ends_at__gt": now + ends.SPAN}]


def _is_capped(rows: list[Any], person: Any, now: datetime) -> bool:
    """Whether there was more than was read."""
    if not access.sees_every_packet(person):
        return len(rows) > PACKETS
    weeks = [*ends.weeks(now), (now + ends.SPAN, None)]
    return any(sum(ends.within(row, *week) for row in rows) > ends.COUNTED for week in weeks)


def _fill(desk: Desk, keys: list[set[int]], person: Any, now: datetime) -> None:
    """Read the versions of all four lists at once, and put each list into its order."""
    found = list(_read(set().union(*keys), now))
    waiting, mine, ending, ended = ([one for one in found if one.pk in group] for group in keys)
    desk.waiting = sorted(waiting, key=lambda one: (one.answer_by, one.pk))
    desk.mine = sorted(mine, key=lambda one: (not one.asked, not one.sent_back, -one.pk))
    desk.ending = sorted(ending, key=lambda one: (one.ends_at, one.pk))
    desk.ended = sorted(ended, key=lambda one: (one.ends_at, one.pk), reverse=True)
    for one in ending + ended:
        one.is_own = person.pk in (one.owner_id, one.backup_owner_id)


def _read(keys: set[int], now: datetime) -> QuerySet[Any]:
    """These versions with what a row says of them."""
    unanswered = Question.objects.filter(version=OuterRef("pk"), answered_at__isnull=True)
    sent_back = Version.objects.filter(pk=OuterRef("based_on"), state=State.CHANGES_REQUESTED)
    same = Version.objects.filter(packet=OuterRef("packet")).granted_at(now).order_by("-number")
    approved = Version.objects.filter(packet=OuterRef("pk"), state=State.APPROVED)
    before = Packet.objects.filter(Exists(approved), agent=OuterRef("packet__agent"))
    rows = Version.objects.filter(pk__in=keys).select_related("packet__agent__team", "owner", "submitted_by")
    said: QuerySet[Any] = rows.defer(*BIG).annotate(
        signed=Count("seats", filter=Q(seats__decision__isnull=False)),
        needed=Count("seats"),
        asked=Exists(unanswered),
        signer_left=signer_left(),
        sent_back=Exists(sent_back),
        is_new_agent=~Exists(before),
        current_number=Subquery(same.values("number")[:1]),
        current_end=Subquery(same.values("ends_at")[:1]),
        next_number=Subquery(_following().values("number")[:1]),
        next_state=Subquery(_following().values("state")[:1]),
    )
    return said


def _say_more(desk: Desk, person: Any, now: datetime) -> None:
    """How many lines are wider, and who was told of an end: one statement, none when nobody asks."""
    wider = {one.packet_id: one for one in desk.waiting if one.change == ChangeKind.WIDER and one.current_number}
    if not wider and not desk.ending:
        return
    current = Version.objects.approved_at(now).filter(packet__in=list(wider))
    sent = Reminder.objects.filter(version__in=[one.pk for one in desk.ending], letter__state=LetterState.SENT)
    granted, grants, reminders = together(
        Part(current, ("id", "packet_id", "number", "state", "ends_at")),
        Part(Grant.objects.filter(version__in=current)),
        Part(sent, beside=(("name", NAME),)),
    )
    for one in granted:
        put(one, "grants", [grant for grant in grants if grant.version_id == one.pk])
        wider[one.packet_id].wider = count_wider_lines(one, wider[one.packet_id], now)
    for one in desk.ending:
        about = [row for row in reminders if row.version_id == one.pk and row.ends_at == one.ends_at]
        one.told = _told(about, person)


def _told(reminders: Iterable[Any], person: Any) -> str:
    """“You were told 30, 14 and 7 days before.”; of somebody else only when the reader was not told."""
    days: dict[tuple[int, str], set[int]] = {}
    for row in reminders:
        days.setdefault((row.recipient_id, row.name), set()).add(row.days)
    if not days:
        return "No e-mail about it was sent yet."
    mine = {who: found for who, found in days.items() if who[0] == person.pk}
    said = [f"{'You were' if who[0] == person.pk else f'{who[1]} was'} told {_listed(found)} before."
            for who, found in (mine or days).items()]  # fmt: skip
    return " ".join(said)


def _listed(days: set[int]) -> str:
    *first, last = [str(day) for day in sorted(days, reverse=True)]
    return f"{', '.join(first)} and {last} days" if first else f"{last} day{'' if last == '1' else 's'}"
