"""Runs every finding, riskiest first, and tells the tier."""

from __future__ import annotations

from collections.abc import Iterable

from approvals.content import Content
from approvals.risk import by_line, by_packet
from approvals.risk.facts import Facts
from approvals.scope.finding import Finding
from approvals.scope.grammar import Line
from approvals.vocabulary import Field, Severity


def findings(content: Content, facts: Facts) -> tuple[Finding, ...]:
    """Everything noticed about the content, riskiest first, then in the order of the packet."""
    found = [finding for field in Field for line in content.of(field) for finding in _of_line(field, line)]
    for look in by_packet.LOOKS:
        found += look(content, facts)
    return tuple(sorted(found, key=lambda finding: -finding.severity.rank))


def _of_line(field: Field, line: Line) -> Iterable[Finding]:
    """The first finding of each kind that fits; a line of Never is never a risk."""
    if field is Field.NEVER:
        return by_line.dead(field, line)
    return [finding for look in by_line.LOOKS for finding in look(field, line)]


def tier(found: Iterable[Finding]) -> Severity:
    """The highest severity; low when nothing was found."""
    return max((finding.severity for finding in found), key=lambda severity: severity.rank, default=Severity.LOW)
