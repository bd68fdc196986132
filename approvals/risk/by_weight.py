"""What only matters because of what was found before. Nothing here weighs more than that."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from approvals.content import Content
from approvals.risk.kinds import found
from approvals.scope.finding import Finding
from approvals.vocabulary import Field, Level, Severity

Look = Callable[[Content, Sequence[Finding]], list[Finding]]


def no_backup_owner(content: Content, before: Sequence[Finding]) -> list[Finding]:
    """High risk, and nobody to turn to when the owner is away."""
    risky = any(finding.severity is Severity.HIGH for finding in before)
    alone = any(finding.code == "one_person" for finding in before)
    if not risky or alone or not content.owner or content.backup_owner not in ("", content.owner):
        return []
    return [found("no_backup_owner", "The risk is high, and when the owner is away nobody stands in.")]


def runs_unseen(content: Content, before: Sequence[Finding]) -> list[Finding]:
    """Writes of high risk in any number of runs nobody looks at."""
    writes = [one for one in before if one.severity is Severity.HIGH and one.field is Field.WRITE_ACTIONS]
    if not writes or content.level is not Level.SYSTEM or content.each_run_needs_packet:
        return []
    return [found("runs_unseen", "It may make high-risk changes in any number of runs, and nobody looks at a run.")]


LOOKS: tuple[Look, ...] = (no_backup_owner, runs_unseen)
