"""Names with a meaning of their own: Claude Code's tools, MCP servers, and the words that say something is changed."""

from __future__ import annotations

import re
import unicodedata

from approvals.scope.grammar import Line

SHELL = "Bash"
FILE_WRITERS = frozenset({"Edit", "Write", "NotebookEdit", "MultiEdit"})
FILE_READERS = frozenset({"Read", "Grep", "Glob", "LS", "NotebookRead"})
FOLDER_READERS = frozenset({"Grep", "Glob", "LS"})
OTHER_TOOLS = frozenset(
    {
        *("PowerShell", "WebFetch", "WebSearch", "Skill", "Agent", "Task", "TodoWrite", "AskUserQuestion", "Cd"),
        *("ExitPlanMode", "EnterPlanMode", "BashOutput", "KillShell", "SlashCommand", "ToolSearch", "Monitor"),
        *("TaskOutput", "TaskStop", "TaskCreate", "TaskUpdate", "TaskList", "TaskGet", "CronCreate", "CronDelete"),
        *("CronList", "ListMcpResourcesTool", "ReadMcpResourceTool", "LSP", "EnterWorktree", "ExitWorktree"),
    }
)
KNOWN_TOOLS = frozenset({SHELL}) | FILE_WRITERS | FILE_READERS | OTHER_TOOLS

# A path on one of these is never asked for by Claude Code: it looks only at Edit(path) and Read(path).
DEAD_PATH_TOOLS = {
    **dict.fromkeys(("Write", "MultiEdit", "NotebookEdit"), "Edit"),
    **dict.fromkeys(("Glob", "Grep", "LS", "NotebookRead"), "Read"),
}

# The main field of a tool cannot be named in a rule: Bash(command:…) covers nothing.
MAIN_FIELDS = {
    **dict.fromkeys(("Bash", "PowerShell"), "command"),
    **dict.fromkeys(("Read", "Edit", "Write", "MultiEdit"), "file_path"),
    "NotebookEdit": "notebook_path",
    "Grep": "path",
    "Glob": "path",
    "WebFetch": "url",
}

MCP = "mcp__"

# A call with one of these words in its name changes something, so it needs a line of "Allowed write actions" …
WRITE_WORDS = frozenset(
    {
        *("write", "edit", "create", "update", "delete", "remove", "insert", "put", "patch", "upsert", "append"),
        *("drop", "truncate", "rename", "move", "overwrite"),
    }
)
# … unless its first word says that it only looks.
READ_WORDS = frozenset(
    {
        *("get", "list", "read", "search", "find", "fetch", "query", "describe", "show", "view", "count", "lookup"),
        *("check", "whoami", "analyze", "browse", "head", "stat", "status", "open", "directory", "inspect"),
    }
)

# `get_or_create` looks first, and then does not.
JOINING = frozenset({"or", "and", "then"})

CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
MAX_NAME_READ = 256


def words_of(name: str) -> list[str]:
    """The words a name is made of: `createIssue`, `create_issue` and `create-issue` alike."""
    plain = unicodedata.normalize("NFKC", name[:MAX_NAME_READ])
    return [word.lower() for word in CAMEL.findall(plain)]


def says_write(name: str) -> bool:
    """True when the name of a method or MCP tool says that it changes something."""
    words = words_of(name)
    if not words or (words[0] in READ_WORDS and JOINING.isdisjoint(words)):
        return False
    return len(name) > MAX_NAME_READ or not WRITE_WORDS.isdisjoint(words)


def mcp_parts(target: str) -> tuple[str, str | None] | None:
    """Server and tool of an MCP name; tool None = the whole server. None = not an MCP name."""
    if not target.startswith(MCP):
        return None
    server, separator, tool = target.removeprefix(MCP).partition("__")
    return server, (tool if separator else None)


def is_write(target: str, method: str | None) -> bool:
    """True when a call changes something, as far as its name says."""
    if target in FILE_WRITERS:
        return True
    if target in KNOWN_TOOLS:
        return False
    mcp = mcp_parts(target)
    if mcp is not None:
        return says_write(mcp[1] or "")
    return says_write(method if method is not None else target.rsplit(".", 1)[-1])


def may_write(line: Line) -> bool:
    """True when a line could cover a call that changes something; a wildcard that could reach one counts."""
    if line.target in FILE_WRITERS or ("*" in line.target and mcp_parts(line.target) is None):
        return True
    if line.target == SHELL and line.method in (None, "*"):
        return True  # every command, so also one that writes its output to a file
    if line.target in KNOWN_TOOLS:
        return False
    if (parts := mcp_parts(line.target)) is not None:
        tool = parts[1]
        return tool is None or "*" in tool or says_write(tool)
    return line.method is None or "*" in line.method or says_write(line.method)
