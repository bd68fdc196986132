"""What is shown beneath an input: lines as signers will see them, and instants in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from approvals.forms.fields import InstantField, LinesField
from approvals.forms.packet import PacketForm
from approvals.scope.finding import Finding
from approvals.scope.grammar import Line, LineError, read

MANY = 12  # more lines than this would say the text above a second time


@dataclass(frozen=True, slots=True)
class Row:
    """Lines that stand side by side, and the findings about them."""

    lines: tuple[Line, ...] = ()
    findings: tuple[Finding, ...] = ()
    error: LineError | None = None


@dataclass(frozen=True, slots=True)
class Beneath:
    """What one input says when it is read back."""

    rows: list[Row]
    folded: tuple[Line, ...] = ()
    instant: datetime | None = None
    of_lines: bool = False


def readings(form: PacketForm, found: Iterable[Finding]) -> dict[str, Beneath]:
    """For every input of lines or instants what it says, by the input's name. The form has been read."""
    told = list(found)
    return {name: _beneath(form, name, told) for name in form.fields}


def _beneath(form: PacketForm, name: str, found: list[Finding]) -> Beneath:
    field, value = form.fields[name], form[name].value()
    if isinstance(field, LinesField):
        reading = read(str(value or ""))
        errors = [] if form.is_bound else [Row(error=error) for error in reading.errors]  # else they stand at the input
        return _lines_beneath([line for _, line in reading.lines], [one for one in found if one.field == name], errors)
    if isinstance(field, InstantField):
        return Beneath([], instant=form.cleaned_data.get(name))
    return Beneath([])


def _lines_beneath(lines: list[Line], found: list[Finding], errors: list[Row]) -> Beneath:
    """What cannot be read, then lines with a finding, riskiest first; the others together, folded when many."""
    by_line: dict[str, list[Finding]] = {}
    for finding in found:
        by_line.setdefault(finding.line or "", []).append(finding)
    marked = [Row((line,), tuple(by_line[str(line)])) for line in lines if str(line) in by_line]
    marked.sort(key=lambda row: -max(finding.severity.rank for finding in row.findings))
    plain = tuple(line for line in lines if str(line) not in by_line)
    if len(plain) > MANY:
        return Beneath(errors + marked, folded=plain, of_lines=True)
    return Beneath(errors + marked + ([Row(plain)] if plain else []), of_lines=True)
