"""Claude Code's settings become a table and findings. The files are real ones."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from approvals.scope.claude_code import Imported, import_file
from approvals.scope.grammar import parse_line
from approvals.scope.matching import Placed, can_ever_match
from approvals.vocabulary import Field, Severity

DATA = Path(__file__).parents[1] / "data" / "claude-code"


def real(name: str) -> Imported:
    return import_file(name, (DATA / name).read_bytes())


def settings(permissions: dict[str, Any] | None = None, **more: Any) -> Imported:
    return import_file("settings.json", json.dumps({"permissions": permissions or {}, **more}).encode())


def codes(imported: Imported) -> list[str]:
    return [finding.code for finding in imported.findings]


def test_sentrys_settings_have_exactly_their_85_lines() -> None:
    found = real("sentry.settings.json")
    assert found.kind == "settings"
    assert len(found.rows) == len({row.text for row in found.rows}) == 85
    targets = Counter("mcp" if row.text.startswith("mcp") else row.text.split("(")[0] for row in found.rows)
    assert targets == {"Bash": 59, "mcp": 9, "Skill": 7, "WebFetch": 10}
    assert Counter(row.place for row in found.rows) == {Field.TOOLS: 59, Field.DATA_SOURCES: 19, None: 7}
    assert [row.text for row in found.rows if not row.sure] == [
        "Bash(docker network *)",
        "Bash(gh api *)",
        "Bash(git branch *)",
        "Bash(git remote *)",
        "Bash(git tag *)",
        "Bash(pnpm fix *)",
        "Bash(pre-commit run *)",
    ]
    assert codes(found) == ["all_project_servers", "project_servers", "folder_outside", "folder_outside"]
    assert found.rows[0].origin == "permissions.allow[0]"
    assert found.rows[0].line == parse_line("Bash(cat *)")


@pytest.mark.parametrize(
    ("name", "rows", "found"),
    [
        ("langfuse.settings.json", 7, ["all_project_servers", "project_servers", "hooks_run"]),
        ("n8n.settings.json", 10, []),
        ("workers-sdk.settings.json", 0, ["all_project_servers", "hooks_run"]),
        ("wp-calypso.settings.json", 11, ["hooks_run"]),
    ],
)
def test_other_real_settings(name: str, rows: int, found: list[str]) -> None:
    imported = real(name)
    assert len(imported.rows) == rows
    assert codes(imported) == found


def test_what_is_denied_is_never_allowed_and_what_is_asked_needs_a_person() -> None:
    assert {row.place for row in real("wp-calypso.settings.json").rows} == {Field.NEVER}
    found = settings({"ask": ["Bash(git push:*)"], "deny": ["WebFetch"]})
    assert [(row.text, row.place, row.sure) for row in found.rows] == [
        ("Bash(git push *)", Field.HUMAN_APPROVAL, True),
        ("WebFetch", Field.NEVER, True),
    ]


@pytest.mark.parametrize(
    ("rule", "place", "sure"),
    [
        ("Bash(git diff:*)", Field.TOOLS, True),
        ("Bash(git stash list:*)", Field.TOOLS, True),
        ("Bash(git stash:*)", Field.WRITE_ACTIONS, True),
        ("Bash(git commit:*)", Field.WRITE_ACTIONS, True),
        ("Bash(pytest:*)", Field.TOOLS, True),
        ("Bash(pnpm knip:prod:*)", Field.TOOLS, True),
        ("Bash(python --version:*)", Field.TOOLS, True),
        ("Bash(python:*)", None, False),
        ("Bash(npx:*)", None, False),
        ("Bash(git:*)", None, False),
        ("Bash(git diff*)", None, False),
        ("Bash(curl:*)", None, False),
        ("Bash(unheard-of:*)", None, False),
        ("Bash(git diff && rm x)", None, False),
        ("Bash", None, False),
        ("Bash(*)", None, False),
        ("PowerShell(x)", None, False),
        ("Read(src/**)", Field.DATA_SOURCES, True),
        ("Grep", Field.DATA_SOURCES, True),
        ("Edit(docs/**)", Field.WRITE_ACTIONS, True),
        ("Write", Field.WRITE_ACTIONS, True),
        ("WebFetch(domain:a.org)", Field.DATA_SOURCES, True),
        ("WebSearch", Field.DATA_SOURCES, True),
        ("Skill(x:y)", Field.TOOLS, True),
        ("mcp__a__get_issue", Field.DATA_SOURCES, True),
        ("mcp__a__create_issue", Field.WRITE_ACTIONS, True),
        ("mcp__a__get_or_create", Field.WRITE_ACTIONS, True),
        ("mcp__a__run", None, False),
        ("mcp__a__*", None, False),
        ("mcp__a", None, False),
        ("Something", None, False),
    ],
)
def test_each_rule_is_sorted_by_the_list(rule: str, place: Field | None, sure: bool) -> None:
    (row,) = settings({"allow": [rule]}).rows
    assert (row.place, row.sure) == (place, sure)
    assert row.why.endswith(".")


def test_what_is_unsure_is_never_proposed_as_a_write_and_what_is_sorted_can_bite() -> None:
    rules = [row.text for name in DATA.glob("*.settings.json") for row in real(name.name).rows]
    for row in settings({"allow": rules}).rows:
        assert row.sure or row.place != Field.WRITE_ACTIONS
        if row.line is not None and row.place is not None:
            assert can_ever_match(Placed(row.place, row.line)) is None


@pytest.mark.parametrize(
    "rule",
    [
        "Write(docs/**)",
        "MultiEdit(a)",
        "NotebookEdit(a)",
        "Glob(src/**)",
        "Bash(command:rm *)",
        "Read(file_path:x)",
        "WebFetch(url:x)",
    ],
)
@pytest.mark.parametrize(
    ("name", "severity"), [("allow", Severity.MEDIUM), ("ask", Severity.MEDIUM), ("deny", Severity.HIGH)]
)
def test_a_rule_that_is_never_asked_for_is_a_finding(rule: str, name: str, severity: Severity) -> None:
    found = settings({name: [rule]})
    (finding,) = found.findings
    assert (finding.code, finding.severity, finding.line) == ("never_asked_for", severity, rule)
    assert finding.remedy.endswith((".", "instead."))
    assert found.rows[0].text == rule


@pytest.mark.parametrize("rule", ["mcp__*", "*", "mcp__a__b(x:y)", "Read(../x)", "Bash(env *)"])
def test_an_allow_rule_without_effect_is_a_finding_and_unsure(rule: str) -> None:
    found = settings({"allow": [rule]})
    assert codes(found) == ["never_asked_for"]
    assert (found.rows[0].place, found.rows[0].sure) == (None, False)


@pytest.mark.parametrize(
    ("allow", "deny"),
    [
        ("Bash(git diff:*)", "Bash"),
        ("Bash(git diff:*)", "Bash(git:*)"),
        ("mcp__a__b", "mcp__a"),
        ("mcp__a__b", "mcp__*"),
        ("WebFetch(domain:a.org)", "WebFetch"),
        ("Edit(docs/**)", "Edit"),
        ("Write", "Edit"),
    ],
)
def test_an_allow_rule_shadowed_by_a_denial_is_a_finding(allow: str, deny: str) -> None:
    assert "shadowed" in codes(settings({"allow": [allow], "deny": [deny]}))
    assert "asked_anyway" in codes(settings({"allow": [allow], "ask": [deny]}))
    assert "shadowed" not in codes(settings({"allow": [deny], "deny": [allow]})) or allow == deny


def test_equal_rules_are_one_row_and_a_finding() -> None:
    found = settings({"allow": ["Bash(ls:*)", "Bash(ls *)"]})
    assert [row.text for row in found.rows] == ["Bash(ls *)"]
    assert codes(found) == ["said_twice"]


@pytest.mark.parametrize(
    ("more", "code", "severity"),
    [
        ({"enableAllProjectMcpServers": True}, "all_project_servers", Severity.HIGH),
        ({"disableAllHooks": True}, "hooks_off", Severity.HIGH),
        ({"hooks": {"PreToolUse": []}}, "hooks_run", Severity.MEDIUM),
        ({"apiKeyHelper": "/bin/x"}, "runs_outside", Severity.MEDIUM),
        ({"madeUp": 1}, "unknown_key", Severity.LOW),
    ],
)
def test_settings_around_the_rules_are_findings(more: dict[str, Any], code: str, severity: Severity) -> None:
    (finding,) = settings(**more).findings
    assert (finding.code, finding.severity) == (code, severity)


@pytest.mark.parametrize(
    ("permissions", "code"),
    [
        ({"defaultMode": "bypassPermissions"}, "wide_mode"),
        ({"defaultMode": "acceptEdits"}, "wide_mode"),
        ({"defaultMode": "yolo"}, "unknown_mode"),
        ({"defaultMode": ["x"]}, "unknown_mode"),
        ({"defaultMode": "dontAsk"}, None),
        ({"additionalDirectories": ["../x"]}, "folder_outside"),
        ({"additionalDirectories": ["/x"]}, "folder_outside"),
        ({"additionalDirectories": ["~/x"]}, "folder_outside"),
        ({"additionalDirectories": ["a/../../x"]}, "folder_outside"),
        ({"additionalDirectories": ["C:\\x"]}, "folder_outside"),
        ({"additionalDirectories": [7]}, "folder_outside"),
        ({"additionalDirectories": ["docs"]}, None),
        ({"additionalDirectories": "docs"}, "left_out"),
        ({"madeUp": 1}, "unknown_key"),
    ],
)
def test_permissions_around_the_rules_are_findings(permissions: dict[str, object], code: str | None) -> None:
    assert codes(settings(permissions)) == ([code] if code else [])


@pytest.mark.parametrize(
    "rule",
    [
        "Bash(",
        "Bash(a\nb)",
        "rm -rf /",
        7,
        None,
        "Bash(a\u200b)",
        "Bash: a, b",
        "Bash(a) # x",
        "Bash(" + "x" * 2000 + ")",
    ],
)
def test_a_rule_that_cannot_be_a_line_is_left_out_and_said(rule: object) -> None:
    found = settings({"allow": [rule]})
    (row,) = found.rows
    assert (row.line, row.place, row.sure) == (None, None, False)
    assert codes(found) == ["rule_left_out"]


def test_a_secret_is_named_and_never_repeated() -> None:
    key = "sk-" + "a1B2" * 8
    found = settings(
        {"allow": [f"Bash(curl -H 'Authorization: Bearer {key}' *)"]},
        env={"MY_TOKEN": key, "LANG": "C", "REF_TOKEN": "${MY_TOKEN}"},
    )
    assert codes(found) == ["secret_in_file", "secret_in_file"]
    assert key not in repr(found)
    assert "MY_TOKEN" in found.findings[1].sentence
    assert "REF_TOKEN" not in found.findings[1].sentence
