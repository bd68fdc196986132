"""Each finding on the line or packet it is about, and its silence on the nearest harmless one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from approvals.content import Content
from approvals.risk import Facts, findings, tier
from approvals.scope.grammar import parse
from approvals.vocabulary import Field, Severity

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
NEVER = {Field.NEVER: parse("Read(.env)")}


def codes(content: Content) -> set[str]:
    return {finding.code for finding in findings(content, Facts(now=NOW))}


def one_line(text: str, field: Field = Field.TOOLS) -> Content:
    return Content(lines={field: parse(text), **NEVER}, retention_days=365)


@pytest.mark.parametrize(
    ("code", "risky", "harmless"),
    [
        ("any_command", "Bash", "Bash(git diff *)"),
        ("any_command", "Bash(*)", "Bash(ls *)"),
        ("runs_anything", "Bash(npx *)", "Bash(pnpm test *)"),
        ("runs_anything", "Bash(docker exec *)", "Bash(docker ps *)"),
        ("runs_anything", "Bash(docker *)", "Bash(docker compose ps *)"),
        ("runs_anything", "Bash(kubectl *)", "Bash(kubectl get *)"),
        ("writes_remotely", "Bash(kubectl rollout undo *)", "Bash(kubectl describe *)"),
        ("runs_anything", "Bash(python *)", "Bash(python --version *)"),
        ("runs_anything", "Bash(bash -c *)", "Bash(mypy *)"),
        ("writes_remotely", "Bash(gh api *)", "Bash(gh issue view *)"),
        ("writes_remotely", "Bash(git push *)", "Bash(git log *)"),
        ("search_runs_programs", "Bash(find *)", "Bash(grep *)"),
        ("sends_out", "Bash(curl *)", "WebFetch(domain:docs.python.org)"),
        ("any_page", "WebFetch", "WebFetch(domain:docs.python.org)"),
        ("whole_server", "mcp__github", "mcp__github__list_issues"),
        ("whole_server", "mcp__github__*", "mcp__github__get_issue"),
        ("never_bites", "Write(src/**)", "Read(src/**)"),
    ],
)
def test_a_line_is_noticed_and_its_harmless_neighbour_is_not(code: str, risky: str, harmless: str) -> None:
    assert code in codes(one_line(risky))
    assert code not in codes(one_line(harmless))


def test_a_write_to_every_file_is_high_and_to_a_folder_is_not_noticed() -> None:
    assert "any_file" in codes(one_line("Edit(**)", Field.WRITE_ACTIONS))
    assert "any_file" not in codes(one_line("Edit(src/**)", Field.WRITE_ACTIONS))


def test_behind_a_persons_yes_the_same_line_weighs_less() -> None:
    open_line = findings(one_line("Bash(gh api *)"), Facts(now=NOW))
    behind = findings(one_line("Bash(gh api *)", Field.HUMAN_APPROVAL), Facts(now=NOW))
    assert tier(open_line) is Severity.HIGH
    assert tier(behind) is Severity.MEDIUM
    assert "move it under human approval" in open_line[0].remedy
    assert behind[0].remedy == "A person has to say yes each time, for the exact call."


def test_a_never_line_is_no_risk_however_broad() -> None:
    assert codes(Content(lines={Field.NEVER: parse("Bash\nmcp__github")}, retention_days=365)) == set()


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("many_lines", Content(lines={Field.TOOLS: parse("\n".join(f"tool{n}" for n in range(41)))})),
        ("writes_without_a_person", Content(lines={Field.WRITE_ACTIONS: parse("Edit(src/**)")})),
        ("nothing_never", Content(lines={Field.TOOLS: parse("Bash(git log *)")})),
        ("personal_identity", Content(identity="mara@example.org")),
        ("personal_identity", Content(identity="root")),
        ("short_retention", Content(retention_days=30)),
        ("one_person", Content(owner="engineer", rollback_owner="engineer")),
    ],
)
def test_a_packet_is_noticed(code: str, content: Content) -> None:
    assert code in codes(content)


def test_a_careful_packet_is_low_risk_and_has_no_finding() -> None:
    content = Content(
        owner="engineer", rollback_owner="teammate", identity="svc-docs-writer", retention_days=365,
        lines={
            Field.TOOLS: parse("Bash(git diff *)"), Field.WRITE_ACTIONS: parse("Edit(docs/**)"),
            Field.HUMAN_APPROVAL: parse("mcp__github__create_pull_request"), Field.NEVER: parse("Read(.env)"),
        },
    )  # fmt: skip
    found = findings(content, Facts(now=NOW))
    assert found == ()
    assert tier(found) is Severity.LOW


def test_the_riskiest_comes_first() -> None:
    content = Content(lines={Field.TOOLS: parse("Bash(find *)\nWrite(x)\nBash(gh api *)")})
    ranks = [finding.severity.rank for finding in findings(content, Facts(now=NOW))]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) == 3
