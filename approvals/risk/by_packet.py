"""What can only be said of the packet as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable

from approvals.content import Content
from approvals.risk.facts import Facts
from approvals.scope.finding import Finding
from approvals.vocabulary import Field, Severity

MANY_LINES = 40
SIX_MONTHS = 183  # days; EU AI Act, article 26(6): logs are kept for at least six months
PERSONAL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}\Z|\A(root|admin|administrator)\Z", re.IGNORECASE)


def many_lines(content: Content, facts: Facts) -> list[Finding]:
    """More than anyone reads in an incident."""
    count = sum(len(lines) for lines in content.lines.values())
    if count <= MANY_LINES:
        return []
    sentence = f"{count} lines are more than anyone reads in an incident."
    return [Finding("many_lines", Severity.LOW, sentence, "Shorter patterns may say the same.")]


def writes_without_a_person(content: Content, facts: Facts) -> list[Finding]:
    """Something may be changed, and no change waits for a person."""
    writes = content.of(Field.WRITE_ACTIONS) + content.of(Field.FILES_CHANGE)
    if not writes or content.of(Field.HUMAN_APPROVAL):
        return []
    return [
        Finding(
            "writes_without_a_person", Severity.MEDIUM, "It may change things, and nothing waits for a person.",
            "Put the change that hurts most under human approval.", None, Field.HUMAN_APPROVAL,
        )
    ]  # fmt: skip


def nothing_never(content: Content, facts: Facts) -> list[Finding]:
    """No line wins over everything."""
    if content.of(Field.NEVER):
        return []
    remedy = "Name what must not happen whatever else is allowed, such as Read(.env)."
    return [Finding("nothing_never", Severity.LOW, "Nothing is never allowed.", remedy, None, Field.NEVER)]


def personal_identity(content: Content, facts: Facts) -> list[Finding]:
    """A person's account makes the agent's acts theirs."""
    if not PERSONAL.search(content.identity):
        return []
    return [
        Finding(
            "personal_identity", Severity.HIGH, "The identity looks like a person's or a shared administrator's.",
            "Give the agent an account of its own.",
        )
    ]  # fmt: skip


def short_retention(content: Content, facts: Facts) -> list[Finding]:
    """Run records that are gone when somebody asks."""
    if content.retention_days is None or content.retention_days >= SIX_MONTHS:
        return []
    sentence = f"The run records are gone after {content.retention_days} days."
    return [Finding("short_retention", Severity.LOW, sentence, f"Keep them for at least {SIX_MONTHS} days.")]


def one_person(content: Content, facts: Facts) -> list[Finding]:
    """Owner, backup and rollback in one pair of hands."""
    if not content.owner or content.owner != content.rollback_owner or content.backup_owner not in ("", content.owner):
        return []
    return [
        Finding(
            "one_person", Severity.LOW, "Only one person answers for this agent, by day and by night.",
            "Name somebody else as backup or rollback owner.",
        )
    ]  # fmt: skip


LOOKS: tuple[Callable[[Content, Facts], list[Finding]], ...] = (
    personal_identity,
    writes_without_a_person,
    many_lines,
    nothing_never,
    short_retention,
    one_person,
)
