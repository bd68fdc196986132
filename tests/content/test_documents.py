"""The keys of a packet as YAML and JSON: others write files with them, so they stay as they are."""

from __future__ import annotations

import json

import pytest
import yaml

from approvals.content import Content
from approvals.documents import DocumentError, from_yaml, to_json, to_yaml
from approvals.vocabulary import Field, Level

SYSTEM = """
packet: 1
agent: sentry-dev
level: system
owner: engineer
backup_owner: teammate
job: Triage new issues.
data_sources: [mcp__sentry__get_issue]
tools: ["Bash(git diff *)"]
write_actions: ["Edit(src/**)"]
human_approval: ["Bash(git push *)"]
human_approval_by: Security
never: ["Read(.env)"]
identity: svc-sentry-dev
run_record: {location: "https://logs.example.org/sentry-dev", retention_days: 365}
starts: 2027-01-01
ends: 2027-02-01T12:00:00Z
rollback: {owner: teammate, path: Close its pull requests.}
links: [{url: "https://example.org/ticket"}]
system: {access_revoked: Disable it., when_wrong: It is stopped., each_run_needs_packet: true}
"""
RUN = """
packet: 1
agent: sentry-dev
level: run
parent: AP-0001
run: {task: Fix it., files_read: ["Read(src/**)"], files_change: ["Edit(src/**)"], commands: ["Bash(git diff *)"],
  look_at: The tests., link: "https://example.org/run"}
"""
KEYS = [
    *("packet", "agent", "level", "parent", "owner", "backup_owner", "job", "data_sources", "tools", "write_actions"),
    *("human_approval", "human_approval_by", "never", "identity", "run_record", "starts", "ends", "rollback", "links"),
]


def test_every_key_is_read() -> None:
    system, run = from_yaml(SYSTEM), from_yaml(RUN)
    assert (system.owner, system.backup_owner, system.human_approval_by) == ("engineer", "teammate", "Security")
    assert {field: str(lines[0]) for field, lines in system.lines.items() if lines} == {
        Field.DATA_SOURCES: "mcp__sentry__get_issue",
        Field.TOOLS: "Bash(git diff *)",
        Field.WRITE_ACTIONS: "Edit(src/**)",
        Field.HUMAN_APPROVAL: "Bash(git push *)",
        Field.NEVER: "Read(.env)",
    }
    assert (system.retention_days, system.rollback_owner, system.rollback_path) == (
        *(365, "teammate"),
        "Close its pull requests.",
    )
    assert str(system.starts) == "2027-01-01 00:00:00+00:00", "a bare date is its first instant in UTC"
    assert (system.access_revoked, system.when_wrong, system.each_run_needs_packet) == (
        *("Disable it.", "It is stopped."),
        True,
    )
    assert (run.level, run.parent, run.task, run.look_at) == (Level.RUN, "AP-0001", "Fix it.", "The tests.")
    assert {Field.FILES_READ, Field.FILES_CHANGE, Field.COMMANDS} <= {
        field for field, lines in run.lines.items() if lines
    }


@pytest.mark.parametrize(("text", "extra"), [(SYSTEM, "system"), (RUN, "run")])
def test_the_same_keys_are_written(text: str, extra: str) -> None:
    content: Content = from_yaml(text)
    for written in (yaml.safe_load(to_yaml(content)), json.loads(to_json(content))):
        assert set(written) <= {*KEYS, extra}
        assert set(yaml.safe_load(text)) <= set(written)


@pytest.mark.parametrize("text", ["packet: 1\nend: 2027-01-01", "packet: 1\nrollback: {person: x}", "packet: 2", "{}"])
def test_an_unknown_key_or_packet_is_an_error(text: str) -> None:
    with pytest.raises(DocumentError):
        from_yaml(text)
