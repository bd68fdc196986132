"""MCP servers and their tools become a table. Hints of the server are never proof."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from approvals.scope.claude_code import Imported, import_file
from approvals.vocabulary import Field, Severity

DATA = Path(__file__).parents[1] / "data"


def tools(*entries: Any, name: str = "srv.tools-list.json", **more: Any) -> Imported:
    return import_file(name, json.dumps({"tools": list(entries), **more}).encode())


def server(entry: Any) -> Imported:
    return import_file(".mcp.json", json.dumps({"mcpServers": {"x": entry}}).encode())


def test_the_real_file_system_server() -> None:
    found = import_file("filesystem.tools-list.json", (DATA / "mcp" / "filesystem.tools-list.json").read_bytes())
    assert found.kind == "tools_list"
    assert len(found.rows) == 14
    writes = [row.text for row in found.rows if row.place == Field.WRITE_ACTIONS]
    assert writes == [
        f"mcp__filesystem__{name}" for name in ("write_file", "edit_file", "create_directory", "move_file")
    ]
    assert all(row.place == Field.DATA_SOURCES for row in found.rows if row.text not in writes)
    assert all("not proof" in row.why for row in found.rows)


def test_the_real_memory_server() -> None:
    found = import_file("memory.tools-list.json", (DATA / "mcp" / "memory.tools-list.json").read_bytes())
    assert [row.text for row in found.rows if not row.sure] == ["mcp__memory__add_observations"]
    assert [row.place for row in found.rows if not row.sure] == [None]


def test_the_real_server_lists() -> None:
    sentry = import_file("sentry.mcp.json", (DATA / "claude-code" / "sentry.mcp.json").read_bytes())
    assert [(row.text, row.place, row.sure) for row in sentry.rows] == [
        ("mcp__playwright-extension", None, False),
        ("mcp__sentry", None, False),
    ]
    assert [finding.code for finding in sentry.findings] == ["server_not_pinned"]
    langfuse = import_file("langfuse.mcp.json", (DATA / "claude-code" / "langfuse.mcp.json").read_bytes())
    assert len(langfuse.rows) == 4
    assert [(f.code, f.severity) for f in langfuse.findings] == [("server_not_pinned", Severity.HIGH)]


@pytest.mark.parametrize(
    ("name", "hints", "place", "sure"),
    [
        ("get_x", {}, Field.DATA_SOURCES, True),
        ("get_x", {"readOnlyHint": False}, None, False),
        ("get_x", {"readOnlyHint": True, "destructiveHint": True}, None, False),
        ("delete_x", {}, Field.WRITE_ACTIONS, True),
        ("delete_x", {"readOnlyHint": True}, None, False),
        ("run_x", {}, None, False),
        ("run_x", {"readOnlyHint": False}, None, False),
        ("run_x", {"readOnlyHint": True}, Field.DATA_SOURCES, False),
        ("run_x", {"readOnlyHint": "yes"}, None, False),
        ("run_x", [], None, False),
    ],
)
def test_a_hint_only_adds_doubt_or_a_harmless_proposal(
    name: str, hints: object, place: Field | None, sure: bool
) -> None:
    (row,) = tools({"name": name, "annotations": hints}).rows
    assert (row.text, row.place, row.sure) == (f"mcp__srv__{name}", place, sure)


def test_a_hint_against_the_name_is_a_finding() -> None:
    assert "hint_against_name" in [
        f.code for f in tools({"name": "delete_x", "annotations": {"readOnlyHint": True}}).findings
    ]


def test_hidden_text_in_a_description_is_a_finding() -> None:
    (finding,) = [
        f for f in tools({"name": "a", "description": "Adds.\u200b\u202e"}).findings if f.code == "hidden_text"
    ]
    assert finding.severity == Severity.HIGH


def test_an_answer_inside_a_json_rpc_result_is_read_too() -> None:
    raw = json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"tools": [{"name": "a"}], "nextCursor": "x"}}).encode()
    found = import_file("srv.json", raw)
    assert [row.text for row in found.rows] == ["mcp__srv__a"]
    assert "answer_cut_off" in [finding.code for finding in found.findings]


@pytest.mark.parametrize(
    ("file_name", "text"),
    [
        ("github.tools-list.json", "mcp__github__a"),
        ("C:\\x\\git hub.json", "mcp__git_hub__a"),
        ("/tmp/github.json", "mcp__github__a"),
        ("tools.json", "mcp__server__a"),
        ("", "mcp__server__a"),
    ],
)
def test_the_server_is_named_after_the_file(file_name: str, text: str) -> None:
    assert tools({"name": "a"}, name=file_name).rows[0].text == text


@pytest.mark.parametrize(
    "entry",
    [{}, {"name": ""}, {"name": 7}, "a", None, {"name": "a(b)"}, {"name": "a*"}, {"name": "a b"}, {"name": "\u0430"}],
)
def test_a_tool_that_cannot_be_a_line_is_left_out_and_said(entry: object) -> None:
    found = tools(entry)
    assert found.rows[0].line is None
    assert "rule_left_out" in [finding.code for finding in found.findings]


def test_a_tool_named_twice_is_one_row() -> None:
    assert len(tools({"name": "a"}, {"name": "a"}).rows) == 1


@pytest.mark.parametrize(
    ("entry", "codes"),
    [
        ({"command": "npx", "args": ["-y", "pkg@latest"]}, ["server_not_pinned"]),
        ({"command": "npx", "args": ["-y", "@scope/pkg"]}, ["server_not_pinned"]),
        ({"command": "npx", "args": ["-y", "@scope/pkg@^1.2.3"]}, ["server_not_pinned"]),
        ({"command": "npx", "args": ["-y", "@scope/pkg@1.2.3"]}, []),
        ({"command": "/usr/bin/uvx", "args": ["pkg"]}, ["server_not_pinned"]),
        ({"command": "uvx", "args": ["pkg==1.2.3"]}, []),
        ({"command": "pnpm", "args": ["dlx", "pkg"]}, ["server_not_pinned"]),
        ({"command": "docker", "args": ["run", "image:latest"]}, ["server_not_pinned"]),
        ({"command": "docker", "args": ["run", "image@sha256:abc"]}, []),
        ({"command": "bash", "args": ["-c", "x"]}, ["server_by_shell"]),
        ({"command": "/opt/server"}, []),
        ({"url": "http://x.org/mcp"}, ["server_not_encrypted"]),
        ({"url": "http://localhost:1/mcp"}, []),
        ({"url": "https://x.org/mcp"}, []),
        ({"url": "https://user:pw@x.org/mcp"}, ["secret_in_file"]),
        ({"url": "https://x.org/mcp?api_key=abcdefgh"}, ["secret_in_file"]),
        ({"url": "http://[x"}, ["server_address"]),
        ({"url": "https://x.org", "headers": {"Authorization": "Bearer ${TOKEN}"}}, []),
        ({"url": "https://x.org", "headers": {"Authorization": "Bearer abcdef123"}}, ["secret_in_file"]),
        ({"command": "/s", "env": {"GITHUB_TOKEN": "abcdef123"}}, ["secret_in_file"]),
        ({"command": "/s", "env": {"GITHUB_TOKEN": "$GITHUB_TOKEN", "LEVEL": "debug"}}, []),
        ({"command": "/s", "args": ["--key", "ghp_" + "a" * 36]}, ["secret_in_file"]),
        ("x", ["left_out"]),
    ],
)
def test_how_a_server_is_started_or_reached(entry: object, codes: list[str]) -> None:
    found = server(entry)
    assert [finding.code for finding in found.findings] == codes
    assert [row.text for row in found.rows] == ["mcp__x"]
    assert "abcdef" not in repr(found)
    assert "ghp_" not in repr(found)
