"""Lines that no check can ever meet: they look as if they did something. Shown as "declared, not checked"."""

from __future__ import annotations

from approvals.scope import files, hosts
from approvals.scope.grammar import Line
from approvals.scope.programs import NEVER_BY_WILDCARD
from approvals.scope.shell import parts_of
from approvals.scope.shell_words import Unreadable
from approvals.scope.tools import (
    DEAD_PATH_TOOLS,
    FILE_READERS,
    FILE_WRITERS,
    KNOWN_TOOLS,
    MAIN_FIELDS,
    SHELL,
    is_write,
    mcp_parts,
)
from approvals.vocabulary import Field

RUN_FILE_FIELDS = {Field.FILES_READ: "Read", Field.FILES_CHANGE: "Edit"}


def why_never(line: Line, field: Field) -> str | None:
    """The sentence that says why this line never bites where it stands, or None when it can."""
    if not field.allows and field != Field.HUMAN_APPROVAL:
        return _main_field(line) or _dead_pattern(line)
    return (
        _bare_file(line, field)
        or _wide_target(line)
        or _main_field(line)
        or _dead_path_tool(line)
        or _dead_pattern(line)
        or _dead_command(line)
        or _write_elsewhere(line, field)
    )


def _bare_file(line: Line, field: Field) -> str | None:
    tool = RUN_FILE_FIELDS.get(field)
    if tool is None or line.method is not None or line.target in KNOWN_TOOLS or mcp_parts(line.target):
        return None
    return f"{line.target} is read as the name of a data source. For a file write {tool}({line.target})."


def _wide_target(line: Line) -> str | None:
    if line.target.startswith("*"):
        return "A line that allows must name its tool; a name that begins with a wildcard allows nothing."
    mcp = mcp_parts(line.target)
    if mcp is not None and ("*" in mcp[0] or not mcp[0]):
        return "A line that allows must name its MCP server in full, as in mcp__github__*; this one allows nothing."
    return None


def _main_field(line: Line) -> str | None:
    main = MAIN_FIELDS.get(line.target)
    if main is None or line.method is None or not line.method.startswith(f"{main}:"):
        return None
    return f"{line.target} cannot be limited by {main}:…, so this line matches nothing. Write the value alone."


def _dead_path_tool(line: Line) -> str | None:
    instead = DEAD_PATH_TOOLS.get(line.target)
    if instead is None or line.method is None:
        return None
    return (
        f"A path on {line.target} is never asked for. Write {instead}({line.method}), which covers {line.target} too."
    )


def _dead_pattern(line: Line) -> str | None:
    if line.method is None:
        return None
    if line.target in FILE_READERS | FILE_WRITERS and files.is_dead(line.method):
        return "No file can match this pattern: it is not complete, begins with !, or leaves the folder by “..”."
    if line.target == "WebFetch" and line.method != "*" and hosts.is_dead(line.method):
        return "Only WebFetch(domain:host) and WebFetch(domain:*.host) are understood, so this line matches nothing."
    return None


def _dead_command(line: Line) -> str | None:
    if line.target != SHELL or line.method is None or line.method == "*":
        return None
    name, _, rest = line.method.partition(" ")
    if "*" in rest and name in NEVER_BY_WILDCARD:
        return f"{name} runs or changes other commands, so a line with a wildcard never covers it."
    if "*" in line.method:
        return None
    try:
        parts = parts_of(line.method)
    except Unreadable as reason:
        return f"No command can match this line. {reason}"
    runs = [part for part in parts if part.kind == "run"]
    if line.method not in {part.raw for part in runs} | {part.text for part in runs}:
        return "It holds more than one command, and each is looked at by itself. Write one line for each."
    return next((f"No command can match this line. {part.only_whole}" for part in runs if part.only_whole), None)


def _write_elsewhere(line: Line, field: Field) -> str | None:
    if field.counts_as not in (Field.DATA_SOURCES, Field.TOOLS):
        return None
    if line.target in KNOWN_TOOLS and line.target not in FILE_WRITERS:
        return None
    if not is_write(line.target, line.method) or "*" in f"{line.target}{line.method or ''}".rstrip("*"):
        return None
    return f"{line} changes something, so it counts only under {Field.WRITE_ACTIONS.label}."
