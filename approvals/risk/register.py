"""The data register as the findings read it: which entry a line reaches, and how much that data matters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from approvals.content import Content
from approvals.scope.covering import covers
from approvals.scope.grammar import Line
from approvals.scope.tools import KNOWN_TOOLS, MCP, mcp_parts
from approvals.vocabulary import Field

SEPARATOR = re.compile(r"[.:/_-]")


class DataClass(StrEnum):
    """How much it matters who reads some data; what is not in the data register counts as the last."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CUSTOMER = "customer"
    PRODUCTION = "production"

    @property
    def rank(self) -> int:
        return ("public", "internal", "customer", "production").index(self.value)

    @property
    def label(self) -> str:
        return f"{self.value} data"


@dataclass(frozen=True, slots=True)
class Registered:
    """One entry: the targets it is about, what that data is called, its class, and who answers for it."""

    pattern: str
    name: str
    data_class: DataClass
    owner: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a line's data. `entry` None: not registered, so it counts as production data."""

    entry: Registered | None

    @property
    def data_class(self) -> DataClass:
        return self.entry.data_class if self.entry else DataClass.PRODUCTION


def first_word(target: str) -> str:
    """The word by which entries are looked up: `crm` of crm.customers, `mcp__crm` of mcp__crm__get_customer."""
    parts = mcp_parts(target)
    if parts is not None:
        return f"{MCP}{parts[0]}"
    return SEPARATOR.split(target, maxsplit=1)[0]


def is_data(field: Field, line: Line) -> bool:
    """Whether the line by itself names data to be read, rather than a file, a command, a page or an MCP tool."""
    tool = line.target in KNOWN_TOOLS or mcp_parts(line.target) is not None
    return field.counts_as is Field.DATA_SOURCES and not tool


def known_of(field: Field, line: Line, register: Sequence[Registered]) -> Known | None:
    """What is known of the line's data; None for a line that is about no data.

    The longest entry that covers the whole line counts, and any graver one that the line's wildcard reaches.
    """
    if field is Field.NEVER:
        return None
    reach = Line(line.target)
    covering = [one for one in register if covers(Line(one.pattern), reach)]
    inside = [one for one in register if one not in covering and covers(reach, Line(one.pattern))]
    if covering:
        closest = max(covering, key=lambda one: len(one.pattern))
        return Known(max([closest, *inside], key=lambda one: one.data_class.rank))
    return Known(None) if is_data(field, line) else Known(max(inside, key=_rank)) if inside else None


def _rank(entry: Registered) -> int:
    return entry.data_class.rank


def data_class(content: Content, register: Sequence[Registered]) -> DataClass | None:
    """The gravest class of all data the content reaches; None when it names none."""
    classes = [
        known.data_class
        for field in Field
        for line in content.of(field)
        if (known := known_of(field, line, register)) is not None
    ]
    return max(classes, key=lambda one: one.rank, default=None)


def first_words(contents: Iterable[Content]) -> set[str]:
    """The words by which every entry these contents could reach is found."""
    return {
        first_word(line.target)
        for content in contents
        for field in Field
        if field is not Field.NEVER
        for line in content.of(field)
    }
