"""The words of an answer: what was, then why. Pure: rows in, sentences out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from approvals.models import Version
from approvals.scope.matching import Outcome, Placed, Ruling
from approvals.vocabulary import Field
from audits.near_misses import grant_of

if TYPE_CHECKING:
    from audits.answer import Answer

VERDICTS = {
    "would_have_allowed": "The packet would have allowed it, but no call was recorded.",
    "held": "Held for a person.",
    "not_allowed": "Not allowed: no packet, or no line, then.",
    "cannot_say": "Cannot say.",
}
FORBIDDEN = "Not allowed: a line forbids it."
UNREADABLE = "Not allowed: it cannot be read with certainty."

NO_SUCH_AGENT = "There is no such agent you may see. Check the name; it is the one machines use."
FUTURE = "That moment has not come yet. Ask about now, or about a moment that has passed."
TOO_MUCH = "This agent has more lines in force than one answer can read. Ask about it packet by packet."


def several(identity: str, agents: Sequence[str]) -> str:
    """An identity that several agents use."""
    return f"{identity} is the identity of several agents: {', '.join(agents)}. Ask about one of them by its name."


def as_identity(identity: str, agent: str) -> str:
    """What was asked when an identity was typed."""
    return f"{identity} is an identity of {agent}; only packets that name it were asked."


def more(count: int) -> str:
    """How many packets say the same beyond those that are shown."""
    return f"{count} more {'packet says' if count == 1 else 'packets say'} the same and are not shown here."


def headline(verdict: str, ruling: Ruling) -> str:
    """The verdict in its own words; a no says which kind of no it is."""
    if ruling == Ruling.NEVER:
        return FORBIDDEN
    return UNREADABLE if ruling == Ruling.UNREADABLE else VERDICTS[verdict]


def detail(agent: str, outcome: Outcome, *, in_force: bool) -> str:
    """What decided: the lines with their packets, or why there was none."""
    match outcome.ruling:
        case Ruling.ALLOWED:
            return f"{_places(outcome.lines)}."
        case Ruling.HELD:
            people = answering(grant_of(outcome.lines[0]).version)
            return f"{_places(outcome.lines)}. {people} has to say yes to each call, and no call was recorded."
        case Ruling.NEVER:
            return f"{outcome.reason.split(': ')[0]}: {_places(outcome.lines)}."
        case Ruling.UNREADABLE:
            return outcome.reason
    return outcome.reason if in_force else f"{agent} had no packet in force then."


def answering(version: Version) -> str:
    """Who says yes to a held call."""
    return (version.human_approval_by or version.packet.agent.team).name


def _places(lines: Iterable[Placed]) -> str:
    return "; ".join(place(row) for row in lines)


def place(row: Placed) -> str:
    """AP-0042 v2, “Allowed tools and methods”, line 1: Bash(git diff *)."""
    version = grant_of(row).version
    inside = f", a run inside {version.packet.parent}" if version.packet.parent else ""
    return f"{version}{inside}, “{Field(row.field).label}”, line {row.number}: {row.line}"


def both_ways(readings: Sequence[tuple[str, str]]) -> str:
    """Every call a lone path can mean, with its answer."""
    return "It can mean " + "; ".join(f"{name}: {words.removesuffix('.')}" for name, words in readings) + "."


def took_over(answers: Sequence[Answer]) -> str:
    """Another version decided within the minute, and said the same."""
    turns = ", then ".join(f"{one.version or 'no packet'} from {clock(one.at)}" for one in answers[1:])
    return f"Within this minute the authority changed hands: {answers[0].version or 'no packet'}, then {turns}."


def changed(answers: Sequence[Answer]) -> str:
    """The authority changed inside the minute, so that one answer would be wrong for a part of it."""
    times = " and ".join(clock(one.at) for one in answers[1:])
    return f"The authority changed within this minute, at {times}. Ask again with the second to have one answer."


def turns(answers: Sequence[Answer]) -> tuple[str, ...]:
    """What was true in each part of such a minute."""
    first = f"Until {clock(answers[1].at)}: {answers[0].headline} {answers[0].detail}"
    return first, *(f"From {clock(one.at)}: {one.headline} {one.detail}" for one in answers[1:])


def clock(instant: datetime) -> str:
    """14:02:31.5 UTC, as exact as the record is."""
    there = instant.astimezone(UTC)
    fraction = f".{there.microsecond:06d}".rstrip("0") if there.microsecond else ""
    return f"{there:%H:%M:%S}{fraction} UTC"
