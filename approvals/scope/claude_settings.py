"""Claude Code's settings.json: its permission rules as rows, sorted by the documented list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from approvals.scope.finding import Finding
from approvals.scope.grammar import Line
from approvals.scope.imported import Imported, ImportRefused, Row, read_rule, shown
from approvals.scope.secret_marks import looks_secret
from approvals.scope.settings_findings import about_settings
from approvals.scope.settings_rules import about_rules, never_consulted
from approvals.scope.sorting import Sorted, sort
from approvals.vocabulary import Field, Severity

LISTS = {"allow": None, "ask": Field.HUMAN_APPROVAL, "deny": Field.NEVER}
MAX_RULES = 1000
BY_LIST = {
    "ask": Sorted(Field.HUMAN_APPROVAL, True, "The settings ask a person each time."),
    "deny": Sorted(Field.NEVER, True, "The settings deny it."),
}


def read_settings(data: dict[str, Any]) -> Imported:
    """Rows and findings of one settings file. Raises ImportRefused when its rules are not lists of texts."""
    permissions = data.get("permissions", {})
    if not isinstance(permissions, dict):
        raise ImportRefused("“permissions” is not an object in this file.", "Compare it with Claude Code's manual.")
    findings: list[Finding] = []
    rows = tuple(_rows(permissions, findings))
    findings += about_rules(
        [(row.origin.split("[")[0].removeprefix("permissions."), row.line) for row in rows if row.line]
    )
    findings += about_settings(data, permissions)
    return Imported("settings", rows, tuple(findings))


def _rows(permissions: dict[str, Any], findings: list[Finding]) -> Iterator[Row]:
    seen: set[tuple[str, tuple[str, str | None]]] = set()
    for name in LISTS:
        for place, rule in enumerate(_rules(permissions, name)):
            row = _row(rule, name, f"permissions.{name}[{place}]", findings)
            key = (name, row.line.key) if row.line else None
            if key in seen:
                findings.append(_twice(row))
                continue
            if key:
                seen.add(key)
            yield row


def _rules(permissions: dict[str, Any], name: str) -> list[Any]:
    rules = permissions.get(name, [])
    if not isinstance(rules, list):
        raise ImportRefused(f"“permissions.{name}” is not a list in this file.", "It should be a list of rules.")
    if len(rules) > MAX_RULES:
        raise ImportRefused(
            f"“permissions.{name}” has {len(rules):,} rules; at most {MAX_RULES:,} are read.",
            "Nobody can review so many. Remove those the agent does not need.",
        )
    return rules


def _row(rule: object, name: str, origin: str, findings: list[Finding]) -> Row:
    if not isinstance(rule, str):
        findings.append(_unreadable(origin, "It is not a text."))
        return Row("(not a text)", origin, None, None, False, "This rule is not a text, so it was left out.")
    if looks_secret(rule):
        findings.append(_secret(origin))
        return Row("(holds a secret)", origin, None, None, False, "This rule holds a secret, so it was left out.")
    try:
        line = read_rule(rule)
    except ValueError as reason:
        findings.append(_unreadable(origin, str(reason)))
        return Row(shown(rule), origin, None, None, False, str(reason))
    found = _sorted(line, name)
    return Row(str(line), origin, line, found.place, found.sure, found.why)


def _sorted(line: Line, name: str) -> Sorted:
    dead = never_consulted(line, name)
    if name != "allow":
        return BY_LIST[name]
    return Sorted(None, False, f"It has no effect today. {dead}") if dead else sort(line)


def _unreadable(origin: str, reason: str) -> Finding:
    sentence = f"The rule {origin} was left out. {reason}"
    return Finding("rule_left_out", Severity.MEDIUM, sentence, "Write it as a line by hand, if the agent needs it.")


def _secret(origin: str) -> Finding:
    sentence = f"The rule {origin} holds what looks like a secret, so it was left out."
    return Finding(
        "secret_in_file", Severity.HIGH, sentence, "Change that secret now: whoever can read the file has it."
    )


def _twice(row: Row) -> Finding:
    sentence = f"{row.line} stands twice in the file; the second, {row.origin}, was left out."
    return Finding("said_twice", Severity.LOW, sentence, line=str(row.line))
