"""What an import gives: a table with one row for each rule or tool, and what was noticed; or a refusal."""

from __future__ import annotations

from dataclasses import dataclass

from approvals.scope.characters import is_refused
from approvals.scope.finding import Finding
from approvals.scope.grammar import Line, LineErrors, parse_line
from approvals.vocabulary import Field

MAX_SHOWN = 200


class ImportRefused(ValueError):
    """Nothing was imported. `message` says why in a full sentence, `remedy` what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        self.message, self.remedy = message, remedy
        super().__init__(f"{message} {remedy}".strip())


@dataclass(frozen=True, slots=True)
class Row:
    """One rule or tool. `place` is where it is proposed to go; None when a person has to choose. `why` says why."""

    text: str
    origin: str
    line: Line | None
    place: Field | None
    sure: bool
    why: str


@dataclass(frozen=True, slots=True)
class Imported:
    """A file as read: `kind` is "settings", "mcp_servers" or "tools_list"."""

    kind: str
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]


def read_rule(text: str) -> Line:
    """A rule of another program as a line of ours. Raises ValueError when the two would not mean the same."""
    try:
        line = parse_line(text.strip())
    except LineErrors as errors:
        raise ValueError(f"It cannot be written as one line: {errors.errors[0].message}") from errors
    shape = line.target if line.method is None else f"{line.target}("
    if line.note or not text.strip().startswith(shape) or (line.method is None) != ("(" not in text):
        raise ValueError("It cannot be written as one line that means the same.")
    return line


def shown(text: str) -> str:
    """A text for a row or a sentence: on one line, not too long, and with what cannot be seen (or stored) in words."""
    flat = " ".join(text[: MAX_SHOWN * 4].split())
    flat = "".join(f"(U+{ord(c):04X})" if is_refused(c) else c for c in flat)
    return flat if len(flat) <= MAX_SHOWN else f"{flat[: MAX_SHOWN - 1]}…"
