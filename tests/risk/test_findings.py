"""Each finding on the line or packet it is about, and its silence on the nearest harmless one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

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
        ("runs_anything", "Bash(xargs *)", "Bash(wc *)"),
        ("runs_anything", "Bash(env *)", "Bash(printenv HOME)"),
        ("runs_anything", "Bash(ssh *)", "Bash(ssh-add -l)"),
        ("writes_remotely", "Bash(git *)", "Bash(git status *)"),
        ("writes_remotely", "Bash(gh *)", "Bash(gh pr view *)"),
        ("writes_remotely", "Bash(aws s3 cp *)", "Bash(aws s3 ls *)"),
        ("writes_remotely", "Bash(helm upgrade *)", "Bash(helm list *)"),
        ("destroys", "Bash(rm *)", "Bash(rm build.log)"),
        ("destroys", "Bash(git clean *)", "Bash(git branch *)"),
        ("installs", "Bash(npm install *)", "Bash(npm install)"),
        ("installs", "Bash(pip install *)", "Bash(pip list *)"),
        ("outlives_the_run", "Bash(crontab *)", "Bash(date *)"),
        ("credentials", "Read(~/.ssh/**)", "Read(docs/ssh.md)"),
        ("credentials", "Read(.env)", "Read(.env.example)"),
        ("credentials", "Bash(cat ~/.aws/*)", "Bash(cat docs/*)"),
        ("credentials", "Read(**/*.pem)", "Read(nodes/credentials/**)"),
        ("reads_everywhere", "Read", "Read(src/**)"),
        ("reads_everywhere", "Read(~/**)", "Read(~/notes/**)"),
        ("wide_name", "crm.*", "crm.customers"),
        ("lookalike_name", "bash(git diff *)", "Bash(git diff *)"),
        ("lookalike_name", "mcp_github_list", "mcp__github__list"),
        ("mixed_scripts", "Bash(cat d\u043ecs)", "Bash(cat docs)"),
        ("mixed_scripts", "Bash(cat d\u043ecs)", "Bash(cat \u0434\u043e\u043a)"),
        ("looks_like_a_key", "Bash(login --token=hunter2hunter2)", "Bash(login --token=$TOKEN)"),
        (
            "looks_like_a_key",
            "Bash(login aB3dE5fG7hI9jK1lM3nO5pQ7)",
            "Bash(git show 0123456789abcdef0123456789abcdef01234567)",
        ),
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


@pytest.mark.parametrize(
    ("code", "risky", "harmless"),
    [
        ("changes_own_rules", "Edit(.claude/**)", "Edit(src/claude/**)"),
        ("changes_own_rules", "Edit(CLAUDE.md)", "Edit(README.md)"),
        ("changes_own_rules", "Edit(.git/hooks/**)", "Edit(src/hooks/**)"),
        ("changes_ci", "Edit(.github/workflows/**)", "Edit(.github/ISSUE_TEMPLATE/bug.md)"),
        ("changes_ci", "Edit(.gitlab-ci.yml)", "Edit(docs/gitlab.md)"),
        ("changes_build", "Edit(package.json)", "Edit(data/package.txt)"),
        ("writes_outside", "Edit(~/notes/**)", "Edit(notes/**)"),
        ("writes_outside", "Edit(//etc/**)", "Edit(//tmp/build/**)"),
        ("writes_outside", "Edit(.bashrc)", "Edit(bashrc.md)"),
        ("any_method", "zendesk", "zendesk(create_draft)"),
        ("any_method", "zendesk(*)", "zendesk(update_*)"),
    ],
)
def test_a_write_line_is_noticed_and_its_harmless_neighbour_is_not(code: str, risky: str, harmless: str) -> None:
    assert code in codes(one_line(risky, Field.WRITE_ACTIONS))
    assert code not in codes(one_line(harmless, Field.WRITE_ACTIONS))


@pytest.mark.parametrize("line", ["Bash", "Bash(npm *)", "Edit(**)", "Edit(~/.claude/**)", "Bash(sudo rm *)"])
def test_one_cause_is_said_once(line: str) -> None:
    content = replace(one_line(line, Field.WRITE_ACTIONS), each_run_needs_packet=True)
    about = [one for one in findings(content, Facts(now=NOW)) if one.line and one.code != "never_bites"]
    assert len(about) == 1


SAFE: dict[str, Any] = {
    "owner": "engineer", "rollback_owner": "teammate", "backup_owner": "teammate", "retention_days": 183,
    "rollback_path": "Close its pull requests.", "identity": "svc-docs", "run_record_location": "https://logs.example.org/",
    "ends": NOW + timedelta(days=90),
}  # fmt: skip
LINES = {Field.TOOLS: parse("Bash(git log *)"), **NEVER}


def packet(**changes: Any) -> Content:
    return Content(**{"lines": LINES, **SAFE, **changes})


WRITES = {Field.WRITE_ACTIONS: parse("Bash(git push *)"), Field.HUMAN_APPROVAL: parse("deploy(start)"), **NEVER}
ASKS = {**LINES, Field.HUMAN_APPROVAL: parse("deploy(start)")}


def lines(**places: str) -> dict[Field, Any]:
    return {**LINES, **{Field(place): parse(text) for place, text in places.items()}}


@pytest.mark.parametrize(
    ("code", "risky", "harmless"),
    [
        ("thin_rollback", {"rollback_path": "Revert it"}, {"rollback_path": "https://runbooks.example.org/docs"}),
        ("thin_rollback", {"rollback_path": "see wiki"}, {"rollback_path": "Revert the merge."}),
        ("short_retention", {"retention_days": 182}, {"retention_days": 183}),
        ("unsafe_record", {"run_record_location": "http://logs.example.org/"}, {}),
        ("unsafe_record", {"run_record_location": "/var/log/agent.log"}, {"run_record_location": "s3://logs/agent/"}),
        ("long_life", {"ends": NOW + timedelta(days=92)}, {"ends": NOW + timedelta(days=91)}),
        ("one_person", {"backup_owner": "", "rollback_owner": "engineer"}, {"backup_owner": ""}),
        ("no_backup_owner", {"lines": WRITES, "backup_owner": ""}, {"lines": WRITES}),
        ("no_backup_owner", {"lines": WRITES, "backup_owner": ""}, {"backup_owner": ""}),
        ("runs_unseen", {"lines": WRITES}, {"lines": WRITES, "each_run_needs_packet": True}),
        ("personal_identity", {"identity": "mara@example.org"}, {"identity": "svc-docs@example.org"}),
        ("personal_identity", {"identity": "mara@example.org"}, {"identity": "docs@web.iam.gserviceaccount.com"}),
        ("mixed_scripts", {"identity": "sv\u0441-docs"}, {"identity": "svc-d\u00f6cs"}),
        ("looks_like_a_key", {"job": "Use password: tr0ub4dor&3 for it."}, {"job": "Resets a password when asked."}),
        ("many_lines", {"lines": lines(tools="\n".join(f"t{n}" for n in range(40)))},
         {"lines": lines(tools="\n".join(f"t{n}" for n in range(39)))}),
        ("covered_line", {"lines": lines(tools="Bash(git log *)\nBash(git log -1)")},
         {"lines": lines(tools="Bash(git log *)\nBash(git diff -1)")}),
        ("covered_line", {"lines": lines(tools="crm.a\ncrm.*")}, {"lines": lines(tools="crm.a\ncrm.b")}),
        ("void_line", {"lines": lines(tools="Read(.env)")}, {"lines": lines(tools="Read(docs/a.md)")}),
        ("held_line", {"lines": lines(tools="deploy(start)", human_approval="deploy(*)")}, {"lines": ASKS}),
        ("lookalike_name", {"lines": lines(tools="mcp__github__x\nmcp__g1thub__x")},
         {"lines": lines(tools="mcp__github__x\nmcp__gitlab__x")}),
        ("nothing_never", {"lines": {Field.TOOLS: parse("Bash(git log *)")}}, {}),
        ("writes_without_a_person", {"lines": lines(write_actions="Edit(docs/**)")},
         {"lines": lines(write_actions="Edit(docs/**)", human_approval="deploy(start)")}),
    ],
)  # fmt: skip
def test_a_packet_is_noticed_and_its_harmless_neighbour_is_not(
    code: str, risky: dict[str, Any], harmless: dict[str, Any]
) -> None:
    assert code in codes(packet(**risky))
    assert code not in codes(packet(**harmless))
    assert codes(packet()) == set()
