"""Short ways to say which lines stand where, and what a call meets in them."""

from __future__ import annotations

from approvals.scope.grammar import parse
from approvals.scope.matching import Outcome, Placed, Ruling, actions_of, decide
from approvals.vocabulary import Field


def scope(*, data: str = "", tools: str = "", writes: str = "", human: str = "", never: str = "") -> list[Placed]:
    """Lines in their fields, numbered as typed."""
    fields = {
        Field.DATA_SOURCES: data,
        Field.TOOLS: tools,
        Field.WRITE_ACTIONS: writes,
        Field.HUMAN_APPROVAL: human,
        Field.NEVER: never,
    }
    return [
        Placed(field, line, None, number)
        for field, text in fields.items()
        for number, line in enumerate(parse(text), start=1)
    ]


def ask(lines: list[Placed], typed: str) -> Outcome:
    """The outcome of a call typed in a way that can mean only one."""
    (action,) = actions_of(typed)
    return decide(lines, action)


def ruling(lines: list[Placed], typed: str) -> Ruling:
    """What the lines say of such a call."""
    return ask(lines, typed).ruling
