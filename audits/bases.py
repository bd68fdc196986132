"""What an answer rests on: every packet in force that says so of the call by itself, and what a run runs inside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from approvals.models import Decision, Version
from approvals.scope.matching import Action, Outcome, Placed, Ruling, decide
from audits.authority import Held
from audits.near_misses import grant_of

MOST_BASES = 3  # beside the first
DECIDING = (Ruling.ALLOWED, Ruling.HELD, Ruling.NEVER)


@dataclass(frozen=True, slots=True)
class Basis:
    """One version, the line of it that decides, all its lines that stood, who had signed it, and its end then."""

    version: Version
    placed: Placed
    lines: tuple[Placed, ...] = ()
    decisions: tuple[Decision, ...] = ()
    ends: datetime | None = None

    def signed(self, decisions: tuple[Decision, ...], ends: datetime | None) -> Basis:
        return replace(self, decisions=decisions, ends=ends)


def bases(counting: list[Held], at: datetime, action: Action, outcome: Outcome) -> list[Basis]:
    """The packets behind an outcome: those whose lines it names first, then those that say the same, then parents.

    A packet whose runs each need one of their own counts only as what a run is inside.
    """
    if outcome.ruling not in DECIDING:
        return []
    own = {held: _deciding(held, at, action, outcome.ruling) for held in counting}
    named = dict(reversed([(grant_of(row).version, row) for row in outcome.lines]))
    found = {held: row for held in counting if (row := named.get(held.version) or own[held])}
    inside = {held.version.packet.parent_id for held in found}
    around = {held.version.packet_id for held in found}
    order = list(dict.fromkeys(grant_of(row).version for row in outcome.lines))

    def counts(held: Held) -> bool:
        """In its own right, or as what a run is inside; a run only when its packet says the same."""
        version = held.version
        if outcome.ruling == Ruling.NEVER or version in named:
            return True
        alone = version.packet.parent_id in {None, *around} and not version.each_run_needs_packet
        return alone or version.packet_id in inside

    there = [Basis(held.version, row, tuple(held.lines_at(at))) for held, row in found.items() if counts(held)]
    return sorted(there, key=lambda one: order.index(one.version) if one.version in order else len(order))


def _deciding(held: Held, at: datetime, action: Action, ruling: Ruling) -> Placed | None:
    """The line by which this packet alone says the same; None when it does not."""
    alone = decide(held.lines_at(at), action)
    return alone.lines[0] if alone.ruling == ruling and alone.lines else None
