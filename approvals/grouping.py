"""Lines as a reader wants them: gathered by target, the riskiest first, each with its marks. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from approvals.vocabulary import Severity

MCP = re.compile(r"(mcp__[^_(]+(?:_[^_(]+)*)__(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mark:
    """A word beside a line: "wider, high" in the tone of the finding."""

    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One line, cut in two for its accent: the target, and the rest with its parentheses."""

    target: str
    rest: str
    note: str = ""
    marks: tuple[Mark, ...] = ()
    rank: int = -1

    @property
    def text(self) -> str:
        return self.target + self.rest


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one target; without a heading, lines that stand alone."""

    heading: str
    lines: tuple[Shown, ...]


def of(row: Any, name: str) -> Any:
    """One value of a row, be it an object or the plain data it was stored as."""
    return row.get(name) if isinstance(row, dict) else getattr(row, name, None)


def shown(line: Any, marks: tuple[Mark, ...] = (), rank: int = -1) -> Shown:
    """A line from a scope.Line, anything that holds one as `.line`, or its canonical text."""
    held = getattr(line, "line", line)
    text = str(held)
    target = getattr(held, "target", None) or text.partition("(")[0]
    return Shown(target, text[len(target) :], getattr(held, "note", "") or "", marks, rank)


def grouped(lines: Iterable[Any], findings: Iterable[Any] = (), wider: Collection[str] = ()) -> list[Group]:
    """Groups by target in the order typed; inside a group what has a finding stands first."""
    by_line: dict[str, list[Severity]] = {}
    for finding in findings:
        if of(finding, "line"):
            by_line.setdefault(str(of(finding, "line")), []).append(Severity(of(finding, "severity")))
    heaps: dict[str, list[Shown]] = {}
    for line in lines:
        one = shown(line)
        severities = by_line.get(one.text, [])
        marked = shown(line, _marks(severities, one.text in wider), _rank(severities, one.text in wider))
        heaps.setdefault(_heading(one), []).append(marked)
    return _alone(heaps) + [Group(name, _cut(name, heap)) for name, heap in heaps.items() if len(heap) > 1]


def _alone(heaps: dict[str, list[Shown]]) -> list[Group]:
    single = [heap[0] for heap in heaps.values() if len(heap) == 1]
    return [Group("", _riskiest_first(single))] if single else []


def _heading(line: Shown) -> str:
    server = MCP.fullmatch(line.target)
    return server[1] if server else line.target


def _cut(heading: str, heap: list[Shown]) -> tuple[Shown, ...]:
    """Under its heading a line shows only what is its own."""
    lines = _riskiest_first(heap)
    return tuple(Shown("", _own(heading, line) or line.text, line.note, line.marks, line.rank) for line in lines)


def _own(heading: str, line: Shown) -> str:
    rest = line.text[len(heading) :]
    if rest.startswith("__"):
        return rest[2:]
    return rest[1:-1] if rest.startswith("(") and rest.endswith(")") else rest


def _riskiest_first(lines: list[Shown]) -> tuple[Shown, ...]:
    return tuple(sorted(lines, key=lambda line: -line.rank))


def _rank(severities: list[Severity], is_wider: bool) -> int:
    return max([severity.rank * 2 + 1 for severity in severities], default=-1) + (1 if is_wider else 0)


def _marks(severities: list[Severity], is_wider: bool) -> tuple[Mark, ...]:
    worst = max(severities, key=lambda severity: severity.rank, default=None)
    words = [word for word in ("wider" if is_wider else "", worst.value if worst else "") if word]
    tone = "bad" if is_wider and not worst else worst.tag.tone if worst else ""
    return (Mark(", ".join(words), tone),) if words else ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a diff. `struck` is true for what is gone."""

    direction: str
    text: str
    what: str
    struck: bool = False
    line: str = ""
    findings: tuple[Any, ...] = ()


def rows(changes: Any, findings: Iterable[Any] = ()) -> list[Row]:
    """The rows of `cuts.Changes`, wider first, each with the findings about its line."""
    found = list(findings)
    return [
        _row(direction, change, found)
        for direction in ("wider", "narrower", "other")
        for change in getattr(changes, direction)
    ]


def _row(direction: str, change: Any, findings: list[Any]) -> Row:
    line = change.line or ""
    gone = bool(line) and change.text != line
    about = [one for one in findings if direction == "wider" and not gone and line and of(one, "line") == line]
    struck = gone and direction == "narrower"
    return Row(direction, line if struck else change.text, change.label, struck, line, tuple(about))


def unplaced(changes: Any, findings: Iterable[Any]) -> list[Any]:
    """The findings no row of the diff shows: the page lists them on their own."""
    found = list(findings)
    placed = [one for row in rows(changes, found) for one in row.findings]
    return [one for one in found if one not in placed]
