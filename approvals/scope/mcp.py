"""MCP servers and the tools they offer, as rows. What a server says of its tools is a hint, never proof."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from approvals.scope.characters import EMOJI_STYLE, is_refused
from approvals.scope.finding import Finding
from approvals.scope.imported import Imported, ImportRefused, Row, read_rule, shown
from approvals.scope.mcp_findings import about_server
from approvals.scope.sorting import Sorted, sort_name
from approvals.scope.tools import MCP
from approvals.vocabulary import Field, Severity

MAX_ENTRIES = 1000
NOT_IN_SERVER = re.compile(r"[^A-Za-z0-9_-]")
SERVER_WHY = (
    "Every tool of this server, also those it gains later. Import its tools/list answer to sort them one by one."
)
UNNAMED = frozenset({"", "tools", "tools-list", "tools_list", "list", "mcp", "response", "answer"})


def read_servers(data: dict[str, Any]) -> Imported:
    """The servers of an .mcp.json. Raises ImportRefused when they are not an object."""
    servers = data["mcpServers"]
    if not isinstance(servers, dict):
        raise ImportRefused("“mcpServers” is not an object in this file.", "It should hold one entry for each server.")
    if len(servers) > MAX_ENTRIES:
        raise ImportRefused(f"This file has {len(servers):,} servers; at most {MAX_ENTRIES:,} are read.")
    findings = [finding for name, entry in servers.items() for finding in about_server(shown(name), entry)]
    return Imported("mcp_servers", tuple(_server(name) for name in servers), tuple(findings))


def _server(name: str) -> Row:
    text = f"{MCP}{NOT_IN_SERVER.sub('_', name)[:200]}"
    return Row(text, f"mcpServers.{shown(name)}", read_rule(text), None, False, SERVER_WHY)


def server_name(file_name: str) -> str:
    """The server a tools/list answer is taken to come from: the file's name up to its first dot."""
    stem = file_name.replace("\\", "/").rsplit("/", 1)[-1].split(".", 1)[0]
    return NOT_IN_SERVER.sub("_", stem)[:60]


def read_tools(data: dict[str, Any], file_name: str) -> Imported:
    """The tools of a tools/list answer, bare or inside a JSON-RPC result. Raises ImportRefused."""
    answer = data["result"] if isinstance(data.get("result"), dict) else data
    tools = answer.get("tools")
    if not isinstance(tools, list):
        raise ImportRefused("“tools” is not a list in this file.", "Choose the answer a server gave to tools/list.")
    if len(tools) > MAX_ENTRIES:
        raise ImportRefused(f"This file has {len(tools):,} tools; at most {MAX_ENTRIES:,} are read.")
    server = server_name(file_name)
    findings = list(_about_answer(answer, server))
    rows = tuple(_tools(tools, server if server not in UNNAMED else "server", findings))
    return Imported("tools_list", rows, tuple(findings))


def _about_answer(answer: dict[str, Any], server: str) -> Iterator[Finding]:
    if answer.get("nextCursor"):
        sentence = "This is only the first part of the server's answer: it offers more tools than the file names."
        yield Finding("answer_cut_off", Severity.MEDIUM, sentence, "Ask the server for the rest and import it too.")
    if server in UNNAMED:
        sentence = "The file does not say which server it comes from, so the lines say mcp__server__…."
        yield Finding(
            "server_unnamed", Severity.MEDIUM, sentence, "Rename the file to SERVER.json and import it again."
        )
    else:
        sentence = f"The server is taken to be called “{server}”, after the file."
        yield Finding("server_from_file", Severity.LOW, sentence, "Rename the file if the agent calls it otherwise.")


def _tools(tools: list[Any], server: str, findings: list[Finding]) -> Iterator[Row]:
    seen: set[str] = set()
    for place, tool in enumerate(tools):
        origin = f"tools[{place}]"
        name = tool.get("name") if isinstance(tool, dict) else None
        if not isinstance(name, str) or not name:
            findings.append(_left_out(origin, "It has no name."))
            yield Row("(no name)", origin, None, None, False, "This tool has no name, so it was left out.")
        elif name in seen:
            findings.append(_left_out(origin, f"A tool called {shown(name)} stands before it."))
        else:
            seen.add(name)
            findings.extend(_about_tool(tool, f"{MCP}{server}__{name}"))
            yield _tool(tool, name, f"{MCP}{server}__{name}", origin, findings)


def _tool(tool: dict[str, Any], name: str, text: str, origin: str, findings: list[Finding]) -> Row:
    try:
        if "*" in name or "(" in name or ":" in name:
            raise ValueError("Its name holds a character with a meaning of its own.")
        line = read_rule(text)
    except ValueError as reason:
        findings.append(_left_out(origin, str(reason)))
        return Row(shown(text), origin, None, None, False, str(reason))
    found = _with_hints(sort_name(name), _hints(tool))
    return Row(text, origin, line, found.place, found.sure, found.why)


def _hints(tool: dict[str, Any]) -> dict[str, Any]:
    hints = tool.get("annotations")
    return hints if isinstance(hints, dict) else {}


def _with_hints(by_name: Sorted, hints: dict[str, Any]) -> Sorted:
    """The name sorts. A hint can only add doubt, or a harmless proposal that a person has to confirm."""
    read_only = hints.get("readOnlyHint")
    said = {True: "The server says that it only reads", False: "The server says that it changes something"}
    hint = f"{said[read_only]}, which is its own word, not proof." if isinstance(read_only, bool) else ""
    if by_name.place == Field.WRITE_ACTIONS and read_only is True:
        return Sorted(None, False, f"{by_name.why} {hint} Choose a place.")
    if by_name.place == Field.DATA_SOURCES and (read_only is False or hints.get("destructiveHint") is True):
        return Sorted(None, False, f"{by_name.why} {hint} Choose a place.")
    if by_name.place is None and read_only is True:
        return Sorted(
            Field.DATA_SOURCES, False, f"{by_name.why.removesuffix(' Choose a place.')} {hint} Confirm or change it."
        )
    if by_name.place is None and hint:
        return Sorted(None, False, f"{by_name.why.removesuffix(' Choose a place.')} {hint} Choose a place.")
    return Sorted(by_name.place, by_name.sure, f"{by_name.why} {hint}".strip())


def _about_tool(tool: dict[str, Any], text: str) -> Iterator[Finding]:
    described = f"{tool.get('title') or ''}{tool.get('description') or ''}"
    if any(is_refused(c) and c not in "\n\r\t\u00a0" and c not in EMOJI_STYLE for c in described):
        sentence = f"The description of {shown(text)} holds characters a reader cannot see; a model reads them."
        yield Finding(
            "hidden_text", Severity.HIGH, sentence, "Do not use this server before somebody has looked at it."
        )
    hints = _hints(tool)
    if hints.get("readOnlyHint") is True and sort_name(str(tool.get("name"))).place == Field.WRITE_ACTIONS:
        sentence = f"{shown(text)} says that it only reads, and its name says that it changes something."
        yield Finding("hint_against_name", Severity.MEDIUM, sentence, "Take it for a write until somebody has looked.")


def _left_out(origin: str, reason: str) -> Finding:
    sentence = f"The tool {origin} was left out. {reason}"
    return Finding("rule_left_out", Severity.MEDIUM, sentence, "Write it as a line by hand, if the agent needs it.")
