"""Lines as a reader wants them: gathered by target, the riskiest first, each with its marks. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from approvals.vocabulary import Severity

NEVER_BITES = "never_bites"  # the finding about a line that no check can meet
DECLARED = "declared, not checked"
NO_FATES: Mapping[str, str] = MappingProxyType({})
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
    canonical: str = ""  # the whole line, also where only its own part is shown
    questions: tuple[Any, ...] = ()

    @property
    def text(self) -> str:
        return self.target + self.rest


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one target; without a heading, lines that stand alone."""

    heading: str
    lines: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Marking:
    """What is known of lines beside their text: findings, what is wider, a word for each of them, and questions."""

    findings: tuple[Any, ...] = ()
    wider: Collection[str] = ()
    always: str = ""
    questions: tuple[Any, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)  # what data a line reaches, by its text

    def mark(self, line: Any) -> Shown:
        """The line with its marks, how far up it belongs, and what was asked about it."""
        one = shown(line)
        about = [finding for finding in self.findings if of(finding, "line") == one.text]
        severities = [Severity(of(finding, "severity")) for finding in about]
        is_wider = one.text in self.wider
        marks = [*_marks(severities, is_wider, any(of(finding, "code") == NEVER_BITES for finding in about))]
        if self.always:
            marks.append(Mark(self.always, ""))
        if one.text in self.known:
            marks.append(Mark(self.known[one.text], ""))
        asked = tuple(question for question in self.questions if of(question, "line") == one.text)
        return replace(one, marks=tuple(marks), rank=_rank(severities, is_wider), questions=asked)


def of(row: Any, name: str) -> Any:
    """One value of a row, be it an object or the plain data it was stored as."""
    return row.get(name) if isinstance(row, dict) else getattr(row, name, None)


def shown(line: Any) -> Shown:
    """A line from a scope.Line, anything that holds one as `.line`, or its canonical text."""
    held = getattr(line, "line", line)
    text = str(held)
    target = getattr(held, "target", None) or text.partition("(")[0]
    return Shown(target, text[len(target) :], getattr(held, "note", "") or "", canonical=text)


def grouped(lines: Iterable[Any], findings: Iterable[Any] = (), wider: Collection[str] = ()) -> list[Group]:
    """Groups by target, with the marks of findings and of what is wider."""
    return grouped_as(lines, Marking(tuple(findings), wider))


def grouped_as(lines: Iterable[Any], marking: Marking) -> list[Group]:
    """Groups by target; the riskiest stand first, of the groups and inside each, and the rest in the order typed."""
    heaps: dict[str, list[Shown]] = {}
    for line in lines:
        one = marking.mark(line)
        heaps.setdefault(heading(one), []).append(one)
    found = _alone(heaps) + [Group(name, _cut(name, heap)) for name, heap in heaps.items() if len(heap) > 1]
    return sorted(found, key=lambda group: -max(line.rank for line in group.lines))


def _alone(heaps: dict[str, list[Shown]]) -> list[Group]:
    single = [heap[0] for heap in heaps.values() if len(heap) == 1]
    return [Group("", _riskiest_first(single))] if single else []


def heading(line: Shown) -> str:
    """The target its group is called by: of an MCP tool its server."""
    server = MCP.fullmatch(line.target)
    return server[1] if server else line.target


def _cut(heading: str, heap: list[Shown]) -> tuple[Shown, ...]:
    """Under its heading a line shows only what is its own."""
    lines = _riskiest_first(heap)
    return tuple(replace(line, target="", rest=_own(heading, line) or line.text) for line in lines)


def _own(heading: str, line: Shown) -> str:
    rest = line.text[len(heading) :]
    if rest.startswith("__"):
        return rest[2:]
    return rest[1:-1] if rest.startswith("(") and rest.endswith(")") else rest


def _riskiest_first(lines: list[Shown]) -> tuple[Shown, ...]:
    return tuple(sorted(lines, key=lambda line: -line.rank))


def _rank(severities: list[Severity], is_wider: bool) -> int:
    return max([severity.rank * 2 + 1 for severity in severities], default=-1) + (1 if is_wider else 0)


def _marks(severities: list[Severity], is_wider: bool, is_dead: bool) -> tuple[Mark, ...]:
    worst = max(severities, key=lambda severity: severity.rank, default=None)
    grave = worst.value if worst and not (is_dead and worst is Severity.LOW) else ""
    words = [word for word in ("wider" if is_wider else "", grave, DECLARED if is_dead else "") if word]
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
    questions: tuple[Any, ...] = ()
    fate: str = ""


def rows(
    changes: Any, findings: Iterable[Any] = (), questions: Iterable[Any] = (), fates: Mapping[str, str] = NO_FATES
) -> list[Row]:
    """The rows of `cuts.Changes`, wider first, each with the findings and questions about its line.

    `fates`: what became of a line since, by its text.
    """
    found, asked = list(findings), list(questions)
    return [
        _row(direction, change, found, asked, fates)
        for direction in ("wider", "narrower", "other")
        for change in getattr(changes, direction)
    ]


def _row(direction: str, change: Any, findings: list[Any], questions: list[Any], fates: Mapping[str, str]) -> Row:
    line = change.line or ""
    gone = bool(line) and change.text != line
    stands = direction == "wider" and not gone and bool(line)
    about = tuple(one for one in findings if stands and of(one, "line") == line)
    asked = tuple(one for one in questions if line and of(one, "line") == line)
    struck = gone and direction == "narrower"
    text = line if struck else change.text
    return Row(direction, text, change.label, struck, line, about, asked, fates.get(line, "") if stands else "")


def unplaced(changes: Any, findings: Iterable[Any]) -> list[Any]:
    """The findings no row of the diff shows: the page lists them on their own."""
    found = list(findings)
    placed = [one for row in rows(changes, found) for one in row.findings]
    return [one for one in found if one not in placed]
