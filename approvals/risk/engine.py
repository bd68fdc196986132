"""Runs every finding, riskiest first, and tells the tier."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from approvals.content import Content
from approvals.risk import by_command, by_data, by_file, by_name, by_packet, by_weight
from approvals.risk.facts import Facts
from approvals.scope.finding import Finding
from approvals.scope.grammar import Line
from approvals.vocabulary import Field, Severity


def findings(content: Content, facts: Facts) -> tuple[Finding, ...]:
    """Everything noticed about the content, riskiest first, then in the order of the packet."""
    found = [finding for field in Field for line in content.of(field) for finding in _of_line(field, line)]
    for look in (*by_data.LOOKS, *by_packet.LOOKS):
        found += look(content, facts)
    found += [finding for weigh in by_weight.LOOKS for finding in weigh(content, found)]
    return tuple(sorted(found, key=lambda finding: -finding.severity.rank))


def _of_line(field: Field, line: Line) -> Iterator[Finding]:
    """Of what a command or a file line allows, the gravest thing is said; a line of Never is never a risk."""
    if field is Field.NEVER:
        yield from by_name.dead(field, line)
        return
    for looks in (by_command.LOOKS, by_file.LOOKS):
        yield from next((found for look in looks if (found := look(field, line))), [])
    for look in by_name.LOOKS:
        yield from look(field, line)


def tier(found: Iterable[Finding]) -> Severity:
    """The highest severity; low when nothing was found."""
    return max((finding.severity for finding in found), key=lambda severity: severity.rank, default=Severity.LOW)
