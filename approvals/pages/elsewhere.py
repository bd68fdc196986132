"""What the agent may do beside this packet: its other packets in force, as far as the reader may see them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from approvals import access, grouping
from approvals.asking import line_of
from approvals.models import Grant, Packet, Version
from approvals.together import Part
from approvals.vocabulary import Field

MOST = 20  # packets named; an agent may have hundreds of runs
MOST_LINES = 400
NAMED = ("id", "number", "packet_id", "job", "identity", "ends_at")
LINE = ("id", "version_id", "field", "target", "method", "note")


@dataclass(frozen=True, slots=True)
class Allowed:
    """The lines of one field of another packet, by target: “Bash 59”."""

    label: str
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Other:
    """One other packet in force, with what it allows."""

    version: Version
    allowed: tuple[Allowed, ...]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The other packets, whether there are more than are named, and how many this reader may not see."""

    others: tuple[Other, ...]
    more: bool
    hidden: int
    lines_left_out: bool

    def __bool__(self) -> bool:
        return bool(self.others or self.hidden)


def others_of(packet: Packet, viewer: Any, moment: datetime) -> tuple[Part, Part, Part]:
    """What to ask together with the rest of the page: the packets to name, their lines, and the ones not to name."""
    others = Version.objects.in_force_at(moment).filter(packet__agent=packet.agent_id).exclude(packet=packet.pk)
    sight = access.sight_of(viewer, "packet")
    seen = others.filter(sight).order_by("-pk").values("pk")
    unseen = (others.exclude(sight) if sight else others.none()).order_by("-pk").values("pk")
    lines = Grant.objects.standing_at(moment).filter(version__in=seen[:MOST]).order_by("pk").values("pk")
    reference = (("reference", F("packet__reference")),)
    return (
        Part(Version.objects.filter(pk__in=seen[: MOST + 1]), NAMED, reference),
        Part(Grant.objects.filter(pk__in=lines[: MOST_LINES + 1]), LINE),
        Part(Version.objects.filter(pk__in=unseen[:MOST_LINES]), ("id",)),
    )


def elsewhere(versions: list[Any], lines: list[Any], hidden: list[Any]) -> Elsewhere:
    """The three answers put together, the newest packet first."""
    for version in versions:
        version.packet = Packet(pk=version.packet_id, reference=version.reference)
    named = sorted(versions, key=lambda one: -one.pk)[:MOST]
    others = tuple(Other(one, _allowed([row for row in lines if row.version_id == one.pk])) for one in named)
    return Elsewhere(others, len(versions) > MOST, len(hidden), len(lines) > MOST_LINES)


def _allowed(lines: list[Grant]) -> tuple[Allowed, ...]:
    found = []
    for field in sorted(Field, key=lambda field: not field.allows):  # what it may do, then what holds it back
        counts = Counter(grouping.heading(grouping.shown(line_of(row))) for row in lines if row.field == field)
        if counts:
            found.append(Allowed(field.label, tuple(counts.items())))
    return tuple(found)
