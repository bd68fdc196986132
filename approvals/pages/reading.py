"""What is shown beneath an input: lines as signers will see them, and instants in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from approvals.forms.fields import InstantField, LinesField
from approvals.forms.packet import PacketForm
from approvals.scope.finding import Finding
from approvals.scope.grammar import Line, read

MANY = 12  # more lines than this would say the text above a second time


@dataclass(frozen=True, slots=True)
class Row:
    """Lines that stand side by side, and the findings about them."""

    lines: tuple[Line, ...]
    findings: tuple[Finding, ...] = ()
    error: None = None


@dataclass(frozen=True, slots=True)
class Beneath:
    """What one input says when it is read back."""

    rows: list[Row]
    folded: tuple[Line, ...] = ()
    instant: datetime | None = None


def readings(form: PacketForm, found: Iterable[Finding]) -> dict[str, Beneath]:
    """For every input of lines or instants what it says, by the input's name. Findings are those of the saved draft."""
    told = list(found)
    return {name: _beneath(form, name, told) for name in form.fields}


def _beneath(form: PacketForm, name: str, found: list[Finding]) -> Beneath:
    field, value = form.fields[name], form[name].value()
    if isinstance(field, LinesField):
        lines = [line for _, line in read(str(value or "")).lines]
        return _lines_beneath(lines, [one for one in found if one.field == name])
    if isinstance(field, InstantField):
        return Beneath([], instant=form.cleaned_data.get(name) if form.is_bound else form.initial.get(name))
    return Beneath([])


def _lines_beneath(lines: list[Line], found: list[Finding]) -> Beneath:
    """A line with a finding has its own row, riskiest first; the others stand together, folded when they are many."""
    by_line: dict[str, list[Finding]] = {}
    for finding in found:
        by_line.setdefault(finding.line or "", []).append(finding)
    marked = [Row((line,), tuple(by_line[str(line)])) for line in lines if str(line) in by_line]
    marked.sort(key=lambda row: -max(finding.severity.rank for finding in row.findings))
    plain = tuple(line for line in lines if str(line) not in by_line)
    if len(plain) > MANY:
        return Beneath(marked, folded=plain)
    return Beneath(marked + ([Row(plain)] if plain else []))
