"""An agent's packets over time: for each, when its versions held and when it was stopped; in words, and as a bar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from approvals.models import Packet, Version
from approvals.vocabulary import State

WIDTH, THINNEST = 800, 3  # of the drawing
LONGEST_PAST = timedelta(days=365)  # what is older is told in words and drawn at the edge


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when until when, as a version held or a stop stood. `until` None: it still stands. `how` is how it ended."""

    name: str
    since: datetime
    until: datetime | None
    how: str
    by: str = ""
    x: int = 0
    width: int = 0


@dataclass(slots=True)
class Lane:
    """One packet: its versions and its stops, the newest first."""

    packet: Packet
    heading: str
    versions: list[Stretch] = field(default_factory=list)
    stops: list[Stretch] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OverTime:
    """All packets that ever held, on one axis."""

    lanes: list[Lane]
    first: datetime
    last: datetime
    now_x: int


Held = tuple[Version, datetime, datetime]  # from when until when it was granted, or held by break-glass


def over_time(packets: Iterable[Packet], now: datetime) -> OverTime | None:
    """The packets of which a version was approved, with versions and suspensions loaded. None when there is none."""
    approved = [(packet, held) for packet in packets if (held := _approved(packet))]
    if not approved:
        return None
    rows = [one for _, held in approved for one in held]
    first = max(min(since for _, since, _ in rows), now - LONGEST_PAST)
    last = max(now + timedelta(days=1), *(_end(one)[0] for one in rows))
    axis = _Axis(first, last)
    return OverTime([_lane(packet, held, axis, now) for packet, held in approved], first, last, axis.x(now))


def _approved(packet: Packet) -> list[Held]:
    versions = packet.versions.all()
    approved = [
        (one, one.in_force_from, one.ends_at)
        for one in versions
        if one.state == State.APPROVED and one.in_force_from and one.ends_at
    ]
    glass = [
        (one, one.glass_broken_at, min(one.glass_until, one.glass_over_at or one.glass_until))
        for one in versions
        if one.glass_broken_at and one.glass_until
    ]
    return approved + glass


def _end(held: Held) -> tuple[datetime, str]:
    """Until when it holds, and what ends it: whichever comes first."""
    version, _, end = held
    early = ((version.superseded_at, "superseded"), (version.packet.revoked_at, "revoked"))
    return min([(end, "end"), *((at, how) for at, how in early if at is not None)])


@dataclass(frozen=True, slots=True)
class _Axis:
    first: datetime
    last: datetime

    def x(self, moment: datetime) -> int:
        inside = min(max(moment, self.first), self.last)
        return round(WIDTH * ((inside - self.first) / (self.last - self.first)))

    def stretch(self, name: str, since: datetime, until: datetime, how: str) -> Stretch:
        """Never too narrow to be seen, and never beyond the edge."""
        left = min(self.x(since), WIDTH - THINNEST)
        return Stretch(name, since, until, how, x=left, width=max(THINNEST, self.x(until) - left))


def _lane(packet: Packet, held: list[Held], axis: _Axis, now: datetime) -> Lane:
    lane = Lane(packet, held[0][0].heading)
    for one in held:
        (version, since, _), (until, how) = one, _end(one)
        name = f"v{version.number}"
        if until > since:
            words = {"end": "ended" if until <= now else "ends then"}.get(how, how)
            lane.versions.append(axis.stretch(name, since, until, words))
        else:
            lane.versions.append(Stretch(name, since, until, f"never began: {how}"))
    for stop in packet.suspensions.all():
        stretch = axis.stretch("Suspended", stop.since, stop.until or now, "")
        lane.stops.append(replace(stretch, until=stop.until, by=stop.by_name))
    return lane
