"""Import an agent's real configuration: Claude Code settings, .mcp.json, or an MCP server's tools/list answer."""

from __future__ import annotations

from dataclasses import replace

from approvals.scope.claude_settings import read_settings
from approvals.scope.imported import Imported, ImportRefused, Row
from approvals.scope.mcp import read_servers, read_tools
from approvals.scope.settings_findings import KNOWN_KEYS
from approvals.scope.strict_json import read_object

__all__ = ["ImportRefused", "Imported", "Row", "import_file"]


def import_file(name: str, raw: bytes) -> Imported:
    """The file as a table and findings; `name` tells which server a tools/list answer is from. Raises ImportRefused."""
    data = read_object(raw)
    if "permissions" in data or (KNOWN_KEYS - {"mcpServers", "$schema"}) & data.keys():
        settings = read_settings(data)
        if "mcpServers" not in data:
            return settings
        servers = read_servers(data)
        return replace(settings, rows=settings.rows + servers.rows, findings=settings.findings + servers.findings)
    if "mcpServers" in data:
        return read_servers(data)
    if "tools" in data or (isinstance(data.get("result"), dict) and "tools" in data["result"]):
        return read_tools(data, name)
    raise ImportRefused(
        "This file is neither Claude Code's settings, nor an .mcp.json, nor an MCP server's tools/list answer.",
        "Choose .claude/settings.json, .mcp.json, or a file with the server's answer.",
    )
