"""What the packets of one agent said, at any instant of a short window: who held what, and what stopped it.

`Version.objects.in_force_at` is the rule; here it is asked of rows that are read once, so that a whole minute costs as
many statements as one instant. A test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, FilteredRelation, Q

from approvals.asking import placed
from approvals.models import Grant, Version
from approvals.people import Person
from approvals.querysets import VersionQuerySet
from approvals.scope.matching import Action, Outcome, Placed, Ruling, decide
from approvals.standing import by_break_glass, is_granted, is_in_place
from approvals.vocabulary import Field, Level, State

Viewer = Person | AnonymousUser | None  # None is the system: it sees everything
MOST_LINES = 20_000
BIG = ("content", "lines", "findings", "links")

# The least permissive first.
PERMITS = (Ruling.NEVER, Ruling.UNREADABLE, Ruling.NO_LINE, Ruling.HELD, Ruling.ALLOWED)


class TooMuch(Exception):
    """The agent has more lines in force than one answer reads."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One suspension."""

    since: datetime
    until: datetime | None
    by: str
    reason: str

    def holds_at(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or self.until > moment)


@dataclass(slots=True, eq=False)
class Held:
    """One version that was granted, with its stops and all its lines, also those that did not stand any more.

    `beside` are the versions of its packet that stood in its place by break-glass.
    """

    version: Version
    stops: list[Stop] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    beside: list[Version] = field(default_factory=list)

    @property
    def is_system(self) -> bool:
        return self.version.packet.level == Level.SYSTEM

    def granted_at(self, moment: datetime) -> bool:
        """Begun, and not ended, superseded or revoked; or by break-glass. Not while one stands in its place."""
        if by_break_glass(self.version, moment):
            return True
        return is_granted(self.version, moment) and self.instead_at(moment) is None

    def instead_at(self, moment: datetime) -> Version | None:
        """The version that stood in its place by break-glass, settled or not."""
        return next((one for one in self.beside if is_in_place(one, moment)), None)

    def holds_at(self, moment: datetime) -> bool:
        """Granted and not suspended; a run also needs its parent, which `Authority` asks."""
        return self.granted_at(moment) and self.stop_at(moment) is None

    def stop_at(self, moment: datetime) -> Stop | None:
        return next((stop for stop in self.stops if stop.holds_at(moment)), None)

    def lines_at(self, moment: datetime) -> list[Placed]:
        """The lines that stood, each with its row as source."""
        return placed(grant for grant in self.grants if stands(grant, moment))

    def instants(self) -> Iterable[datetime | None]:
        """Every instant at which something of it begins or ends."""
        version = self.version
        yield from (version.in_force_from, version.ends_at, version.superseded_at, version.packet.revoked_at)
        yield from (version.glass_broken_at, version.glass_until, version.glass_over_at)
        rows: tuple[Stop | Grant, ...] = (*self.stops, *self.grants)
        for row in rows:
            yield from (row.since, row.until)


def _reached(instant: datetime | None, moment: datetime) -> bool:
    return instant is not None and instant <= moment


def stands(grant: Grant, moment: datetime) -> bool:
    """As `Grant.objects.standing_at` says it."""
    return (grant.since is None or grant.since <= moment) and not _reached(grant.until, moment)


@dataclass(slots=True)
class Authority:
    """Everything that could count inside the window [since, until], both ends included.

    A named `identity` selects only packets with that identity, and what a run of it runs inside.
    """

    since: datetime
    until: datetime
    held: list[Held]
    identity: str = ""

    def instants(self) -> list[datetime]:
        """The beginning of the window, then every instant inside it at which the authority may have changed."""
        inside = {at for held in self.held for at in held.instants() if at and self.since < at <= self.until}
        return [self.since, *sorted(inside)]

    def in_force_at(self, moment: datetime) -> list[Held]:
        """The versions that hold; a run only while some version of its parent does."""
        holding = [held for held in self.held if held.holds_at(moment)]
        packets = {held.version.packet_id for held in holding}
        return [held for held in holding if held.version.packet.parent_id in {None, *packets}]

    def counting_at(self, moment: datetime) -> list[Held]:
        """Those in force that the identity asked about selects; all of them when none was."""
        holding = self.in_force_at(moment)
        parents = {held.version.packet.parent_id for held in holding if self._is_named(held)}
        return [held for held in holding if self._is_named(held) or held.version.packet_id in parents]

    def _is_named(self, held: Held) -> bool:
        return self.identity in ("", held.version.identity)

    def decide_at(self, moment: datetime, action: Action) -> Outcome:
        """What all lines in force say together: the strictest wins, and a run must be allowed by its parent too."""
        holding = self.counting_at(moment)
        lines = {held: held.lines_at(moment) for held in holding}
        everything = [row for rows in lines.values() for row in rows]
        never = [row for row in everything if row.field is Field.NEVER]
        ways = [
            min((decide([row for held in side for row in lines[held]] + never, action) for side in way), key=_permits)
            for way in self._ways(holding)
        ]
        best = max(ways, key=_permits)
        if best.ruling != Ruling.ALLOWED:
            return best
        strictest = decide(everything, action)  # another packet may want a person for what this one allows
        return strictest if strictest.ruling == Ruling.HELD else best

    def _ways(self, holding: list[Held]) -> list[tuple[list[Held], ...]]:
        """The ways to a yes: by system packets alone, or by a run and, as well, by the packet it runs inside."""
        named = [held for held in holding if self._is_named(held)]
        direct = [held for held in named if held.is_system and not held.version.each_run_needs_packet]
        runs = [held for held in named if not held.is_system]
        ways: list[tuple[list[Held], ...]] = [(direct,)]
        for parent in dict.fromkeys(held.version.packet.parent_id for held in runs):
            inside = [held for held in runs if held.version.packet.parent_id == parent]
            around = [held for held in holding if held.version.packet_id == parent]
            ways.append((inside + direct, around + direct))
        return ways


def _permits(outcome: Outcome) -> int:
    return PERMITS.index(outcome.ruling)


def visible(versions: VersionQuerySet, viewer: Viewer) -> VersionQuerySet:
    """Those this viewer may see; the system sees all."""
    return versions if viewer is None else versions.visible_to(viewer)


def load(agent: str, viewer: Viewer, since: datetime, until: datetime, identity: str = "") -> Authority:
    """The versions of the agent granted at any instant of the window, with their stops and lines: two statements.

    Raises TooMuch when they have more lines than one answer reads.
    """
    granted = visible(Version.objects.all(), viewer).filter(granted_in(since, until), packet__agent__slug=agent)
    held: dict[int, Held] = {}
    for row in _with_stops(granted, since, until):
        one = held.setdefault(row.pk, Held(row))
        if row.stop_since is not None:
            one.stops.append(Stop(row.stop_since, row.stop_until, row.stop_by, row.stop_reason))
    _set_beside(held.values())
    add_lines(held)
    return Authority(since, until, list(held.values()), identity)


def granted_in(since: datetime, until: datetime) -> Q:
    """Versions granted at some instant of the window, both ends included; also while suspended."""
    approved = Q(state=State.APPROVED, in_force_from__lte=until, ends_at__gt=since) & (
        Q(superseded_at__isnull=True) | Q(superseded_at__gt=since)
    )
    glass = Q(glass_broken_at__lte=until) & (Q(glass_over_at__isnull=True) | Q(glass_over_at__gt=since))
    return (approved | glass) & (Q(packet__revoked_at__isnull=True) | Q(packet__revoked_at__gt=since))


def _set_beside(held: Iterable[Held]) -> None:
    glass = [one.version for one in held if one.version.glass_broken_at is not None]
    for one in held if glass else ():
        packet, number = one.version.packet_id, one.version.number
        one.beside = [other for other in glass if other.packet_id == packet and other.number > number]


def _with_stops(versions: VersionQuerySet, since: datetime, until: datetime) -> VersionQuerySet:
    """Each version once for every suspension inside the window, or once when there is none."""
    inside = Q(packet__suspensions__since__lte=until) & (
        Q(packet__suspensions__until__isnull=True) | Q(packet__suspensions__until__gt=since)
    )
    joined: VersionQuerySet = readable(versions).annotate(
        stop=FilteredRelation("packet__suspensions", condition=inside),
        stop_since=F("stop__since"),
        stop_until=F("stop__until"),
        stop_by=F("stop__by_name"),
        stop_reason=F("stop__reason"),
    )
    return joined.order_by("pk")


def readable(versions: VersionQuerySet) -> VersionQuerySet:
    """With what an answer says of a version, and without its big columns."""
    return versions.select_related(
        "packet__agent__team", "packet__parent", "packet__revoked_by", "owner", "backup_owner", "rollback_owner",
        "human_approval_by",
    ).defer(*BIG)  # fmt: skip


def add_lines(held: dict[int, Held]) -> None:
    """Hang every line on its version, in the order of the packet: one statement, and none without versions."""
    if not held:
        return
    grants = Grant.objects.filter(version__in=list(held)).order_by("version", "pk")
    for number, grant in enumerate(grants[: MOST_LINES + 1]):
        if number == MOST_LINES:
            raise TooMuch
        one = held[grant.version_id]
        grant.version = one.version
        one.grants.append(grant)
