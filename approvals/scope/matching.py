"""May this call be made? Lines on one side, a call on the other, and an outcome that says why.

Every part of the call is held against every line. A line that forbids, or that asks for a person, is read as widely as
it could be meant; a line that allows only covers what it surely covers. A part that changes something needs a line of
"Allowed write actions". What cannot be read is not allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from approvals.scope.asking import Action, actions_of, asks_of
from approvals.scope.asks import Ask
from approvals.scope.covering import covers
from approvals.scope.dead_lines import why_never
from approvals.scope.grammar import Line
from approvals.scope.near import likeness
from approvals.scope.shell_words import Unreadable
from approvals.scope.tools import may_write
from approvals.vocabulary import Field

__all__ = [
    "Action",
    "Outcome",
    "PartOutcome",
    "Placed",
    "Ruling",
    "actions_of",
    "can_ever_match",
    "covers",
    "decide",
    "may_write",
]

MAX_NEAR = 5
MAX_TOLD = 4


class Ruling(StrEnum):
    """What the lines say. Only ALLOWED is a yes; HELD becomes one by a person, for this one call."""

    NEVER = "never"
    HELD = "held"
    ALLOWED = "allowed"
    NO_LINE = "no_line"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Placed:
    """A line and where it stands. `source` is whatever the caller wants back (a grant, a version).

    `was` is the field a signer moved the line from: under human approval it still gives no more than it gave there.
    """

    field: Field
    line: Line
    source: object = None
    number: int = 0
    was: Field | None = None


@dataclass(frozen=True, slots=True)
class PartOutcome:
    """What the lines say of one part of the call."""

    text: str
    ruling: Ruling
    line: Placed | None
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the lines say of the whole call, which of them decided it (in order of its parts), and why."""

    ruling: Ruling
    action: Action
    lines: tuple[Placed, ...]
    reason: str
    near_misses: tuple[Placed, ...] = ()
    parts: tuple[PartOutcome, ...] = ()


# The first of these that a part has is the ruling of the call.
WORST_FIRST = (Ruling.NEVER, Ruling.NO_LINE, Ruling.HELD, Ruling.ALLOWED)


def decide(scope: Sequence[Placed], action: Action) -> Outcome:
    """Hold a call against lines. It never raises: what cannot be read has the ruling UNREADABLE, which is a no."""
    try:
        asks = asks_of(action)
    except Unreadable as reason:
        return Outcome(Ruling.UNREADABLE, action, (), str(reason), near_misses(scope, action))
    parts = tuple(_rule(scope, ask) for ask in asks)
    ruling = next(r for r in WORST_FIRST if any(part.ruling == r for part in parts))
    deciding = [part for part in parts if part.ruling == ruling]
    lines = tuple(dict.fromkeys(part.line for part in deciding if part.line is not None))
    near = near_misses(scope, action) if ruling == Ruling.NO_LINE else ()
    return Outcome(ruling, action, lines, _reason(deciding), near, parts)


def _reason(deciding: Sequence[PartOutcome]) -> str:
    if len(deciding) == 1 or deciding[0].ruling != Ruling.ALLOWED:
        return deciding[0].reason
    more = f" And {len(deciding) - MAX_TOLD} more." if len(deciding) > MAX_TOLD else ""
    return " ".join(part.reason for part in deciding[:MAX_TOLD]) + more


def _rule(scope: Sequence[Placed], ask: Ask) -> PartOutcome:
    never = next((p for p in scope if p.field.counts_as == Field.NEVER and ask.may_mean(p.line)), None)
    if never is not None:
        return _part(ask, Ruling.NEVER, never, f"{_shown(ask)} {_verb(ask, never)}: {_where(never)}.")
    human = [p for p in scope if p.field.counts_as == Field.HUMAN_APPROVAL and ask.may_mean(p.line)]
    allowing = next((p for p in scope if _allows(p, ask)), None)
    if allowing is None and not any(_gives(p, ask) for p in human):
        return _part(ask, Ruling.NO_LINE, None, _why_no_line(scope, ask))
    if human:
        first = next((p for p in human if _gives(p, ask)), human[0])
        return _part(ask, Ruling.HELD, first, f"{_shown(ask)} needs a person's yes each time: {_where(first)}.")
    return _part(ask, Ruling.ALLOWED, allowing, f"{_shown(ask)} is allowed: {_where(allowing)}.")


def _allows(placed: Placed, ask: Ask) -> bool:
    if not placed.field.allows or (ask.writes and placed.field.counts_as != Field.WRITE_ACTIONS):
        return False
    return ask.allows(placed.line)


def _gives(placed: Placed, ask: Ask) -> bool:
    """Whether a line under human approval lets a person say yes: a moved one never to what its old field refused."""
    if ask.writes and placed.was is not None and placed.was.counts_as != Field.WRITE_ACTIONS:
        return False
    return ask.allows(placed.line)


def _part(ask: Ask, ruling: Ruling, line: Placed | None, reason: str) -> PartOutcome:
    return PartOutcome(ask.text, ruling, line, reason)


def _shown(ask: Ask) -> str:
    text = " ".join(ask.text.split())
    return f"“{text if len(text) <= 120 else text[:119] + '…'}”"


def _verb(ask: Ask, never: Placed) -> str:
    if ask.allows(never.line) or not ask.hidden:
        return "is never allowed"
    return "holds something that cannot be seen before it runs, and it could be what is never allowed"


def _where(placed: Placed | None) -> str:
    if placed is None:
        return ""
    number = f", line {placed.number}" if placed.number else ""
    return f"{placed.line} under {placed.field.label}{number}"


def _why_no_line(scope: Sequence[Placed], ask: Ask) -> str:
    reason = f"No line allows {_shown(ask)}."
    if ask.writes and any(p.field.allows and ask.allows(p.line) for p in scope):
        return f"{reason} It changes something, so it needs a line under {Field.WRITE_ACTIONS.label}."
    return f"{reason} {ask.hint}".strip()


def near_misses(scope: Iterable[Placed], action: Action) -> tuple[Placed, ...]:
    """Up to five lines that allow or ask for a person and are most like the call, for the reader."""
    candidates = [p for p in scope if p.field.counts_as != Field.NEVER]
    scored = [(likeness(p.line, action), -place, p) for place, p in enumerate(candidates)]
    scored.sort(key=lambda entry: entry[:2], reverse=True)
    return tuple(p for score, _, p in scored[:MAX_NEAR] if score > 0)


def can_ever_match(placed: Placed) -> str | None:
    """None when a check can meet this line; else the sentence that says why it never bites."""
    return why_never(placed.line, placed.field)
