"""Stand-in until the importer lands."""
from __future__ import annotations

import json
from dataclasses import dataclass

from approvals.scope.finding import Finding
from approvals.scope.grammar import Line, LineErrors, parse_line
from approvals.vocabulary import Field, Severity


class ImportRefused(ValueError):
    def __init__(self, message: str, remedy: str = "") -> None:
        self.message, self.remedy = message, remedy
        super().__init__(f"{message} {remedy}".strip())

@dataclass(frozen=True)
class Row:
    text: str
    origin: str
    line: Line | None
    place: Field | None
    sure: bool
    why: str

@dataclass(frozen=True)
class Imported:
    kind: str
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]

def import_file(name: str, raw: bytes) -> Imported:
    try:
        data = json.loads(raw)
    except ValueError as error:
        raise ImportRefused("This is not JSON.", "Mend it.") from error
    rows = []
    for kind, place in (("allow", Field.TOOLS), ("ask", Field.HUMAN_APPROVAL), ("deny", Field.NEVER)):
        for n, rule in enumerate(data.get("permissions", {}).get(kind, [])):
            try:
                line = parse_line(rule)
            except LineErrors:
                line = None
            sure = line is not None and "gh api" not in rule
            rows.append(Row(rule, f"permissions.{kind}[{n}]", line, place if sure else None, sure, "It only reads." if sure else "It can write as well as read."))
    return Imported("settings", tuple(rows), (Finding("x", Severity.MEDIUM, "All project MCP servers are enabled.", "Name them."),))
