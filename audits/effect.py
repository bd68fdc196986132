"""What the lines of an agent come to together: which line a stricter one overrules, and which run reaches beyond.

A check decides one call; this says it of whole lines, and only where it is sure: one line provably covers another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from approvals.models import Grant, Version
from approvals.scope.covering import covers
from approvals.scope.matching import Placed
from approvals.vocabulary import Field
from audits.authority import Authority, Held
from audits.near_misses import grant_of

STRICTER = (Field.NEVER, Field.HUMAN_APPROVAL)  # the strictest first


@dataclass(frozen=True, slots=True)
class Effect:
    """One line that stands, and what keeps it from counting as written: a stricter line, or the run's surroundings."""

    placed: Placed
    overruled_by: Placed | None = None
    only_in_runs: bool = False
    is_outside: bool = False  # of a run: no line of its system packet allows it any more

    @property
    def grant(self) -> Grant:
        return grant_of(self.placed)

    @property
    def version(self) -> Version:
        return self.grant.version


def held_with(authority: Authority, at: datetime, identity: str) -> list[Held]:
    """The versions in force then; a named identity selects only packets with that identity."""
    held = authority.in_force_at(at)
    return [one for one in held if one.version.identity == identity] if identity else held


def lines_of(held: Iterable[Held], at: datetime) -> list[Placed]:
    """Every line that stood, of all of them, in the order of the packets."""
    return [row for one in held for row in one.lines_at(at)]


def effects(shown: Iterable[Placed], held: list[Held], at: datetime) -> list[Effect]:
    """These lines, each held against the stricter ones of everything that is in force."""
    everything = lines_of(held, at)
    stricter = [row for field in STRICTER for row in everything if row.field is field]
    of_packet = {one.version.packet_id: one.lines_at(at) for one in held if one.is_system}
    return [_effect(row, stricter, of_packet) for row in shown]


def _effect(row: Placed, stricter: list[Placed], of_packet: dict[int, list[Placed]]) -> Effect:
    version = grant_of(row).version
    over = next((one for one in stricter if _overrules(one, row)), None)
    parent = version.packet.parent_id
    is_outside = parent is not None and row.field.allows and not _inside(row, of_packet.get(parent, []))
    return Effect(row, over, parent is None and version.each_run_needs_packet and row.field.allows, is_outside)


def _overrules(one: Placed, row: Placed) -> bool:
    """Whether everything the line allows falls under that stricter one."""
    is_stricter = row.field is not Field.NEVER and (one.field is Field.NEVER or row.field.allows)
    return is_stricter and covers(one.line, row.line)


def _inside(row: Placed, lines: list[Placed]) -> bool:
    return any(one.field is not Field.NEVER and covers(one.line, row.line) for one in lines)
