"""Permission rules that do not do what they seem to: never asked for, or shadowed by another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from approvals.scope.covering import covers
from approvals.scope.dead_lines import why_never
from approvals.scope.finding import Finding
from approvals.scope.grammar import Line
from approvals.scope.tools import DEAD_PATH_TOOLS, FILE_READERS, FILE_WRITERS, MAIN_FIELDS, MCP, mcp_parts
from approvals.scope.wildcard import matches
from approvals.vocabulary import Field, Severity

NAMED = {"allow": None, "ask": Field.HUMAN_APPROVAL, "deny": Field.NEVER}


def never_consulted(line: Line, name: str) -> str | None:
    """Why Claude Code never asks for this rule, or None. `name` is the list it stands in."""
    instead = DEAD_PATH_TOOLS.get(line.target)
    if instead is not None and line.method is not None:
        return f"Claude Code never looks at a path on {line.target}; {instead}({line.method}) is what counts."
    main = MAIN_FIELDS.get(line.target)
    if main is not None and line.method is not None and line.method.startswith(f"{main}:"):
        return f"Claude Code never limits {line.target} by {main}:…; the value alone is what counts."
    if name != "allow":
        return None
    if mcp_parts(line.target) is not None and line.method is not None:
        return "Claude Code looks at the parameters of an MCP tool only in rules that deny or ask."
    return why_never(line, Field.WRITE_ACTIONS)


def about_rules(rules: Sequence[tuple[str, Line]]) -> Iterator[Finding]:
    """What is noticed of rules, each with the list it stands in."""
    for name, line in rules:
        reason = never_consulted(line, name)
        if reason is not None:
            yield _dead(line, name, reason)
    for name, line in rules:
        if name == "allow":
            yield from _shadows(line, rules)


def _dead(line: Line, name: str, reason: str) -> Finding:
    if name == "deny":
        sentence = f"{line} looks like a protection and is none. {reason}"
        return Finding("never_asked_for", Severity.HIGH, sentence, _instead(line), str(line), Field.NEVER)
    return Finding(
        "never_asked_for", Severity.MEDIUM, f"{line} has no effect. {reason}", _instead(line), str(line), NAMED[name]
    )


def _instead(line: Line) -> str:
    instead = DEAD_PATH_TOOLS.get(line.target)
    return (
        f"Write {instead}({line.method}) instead."
        if instead and line.method
        else "Leave it out, or write what is meant."
    )


def _shadows(allowed: Line, rules: Sequence[tuple[str, Line]]) -> Iterator[Finding]:
    for name, line in rules:
        if name == "allow" or not _shadowed_by(allowed, line):
            continue
        if name == "deny":
            sentence = f"{allowed} is allowed, but {line} denies it, and a denial has no exceptions."
            yield Finding("shadowed", Severity.MEDIUM, sentence, "Leave out one of the two.", str(allowed))
        else:
            sentence = f"{allowed} is allowed, but {line} still asks a person each time."
            yield Finding("asked_anyway", Severity.LOW, sentence, "Leave out one of the two.", str(allowed))
        return


def _shadowed_by(allowed: Line, line: Line) -> bool:
    if never_consulted(line, "deny"):
        return False
    family = "Edit" if allowed.target in FILE_WRITERS else "Read" if allowed.target in FILE_READERS else allowed.target
    names = {allowed.target, family}
    parts = mcp_parts(allowed.target)
    if parts is not None:
        names.add(f"{MCP}{parts[0]}")
    if line.method is None:
        return any(matches(line.target, target) for target in names)
    return covers(line, Line(family, allowed.method))
