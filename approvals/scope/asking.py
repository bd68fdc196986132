"""Calls: what somebody typed or a machine asks, taken apart into questions that lines can answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from approvals.scope import files, hosts
from approvals.scope.asks import READERS_AND_WRITERS, Ask, CommandAsk, FileAsk, HostAsk, NameAsk
from approvals.scope.characters import is_refused, named
from approvals.scope.files import Place
from approvals.scope.shell import MAX_COMMAND, parts_of
from approvals.scope.shell_part import Part
from approvals.scope.shell_words import Unreadable
from approvals.scope.tools import FILE_WRITERS, FOLDER_READERS, KNOWN_TOOLS, MCP, SHELL, is_write

MAX_METHOD = 64 * 1024
MAX_TYPED = MAX_COMMAND + 100

# Fixed patterns of ours, each read once from left to right.
NAME = re.compile(r"[A-Za-z0-9_@][A-Za-z0-9_@./:-]*\Z")
CALL = re.compile(r"([A-Za-z0-9_@][A-Za-z0-9_@./:-]*)\((.*)\)\Z", re.DOTALL)
PATH = re.compile(
    r"(?:~|\.{0,2})/[^\s|;&<>$`'\"()]*\Z|[^\s/|;&<>$`'\"()]+/[^\s|;&<>$`'\"()]*\Z|\.?[\w-]+(?:\.[\w-]+)+\Z"
)


@dataclass(frozen=True, slots=True)
class Action:
    """One call: a tool or target, what it is called with, and whether it changes something."""

    target: str
    method: str | None
    writes: bool = False

    def __str__(self) -> str:
        return self.target if self.method is None else f"{self.target}({self.method})"


def actions_of(typed: str) -> tuple[Action, ...]:
    """The calls a typed text can mean. Raises ValueError with a full sentence when it is empty or too long.

    `target(method)` as it is; an `mcp__…` name and the name of a tool as that tool; a lone path as Read and as Edit (a
    dotted name also as itself, for it may be a data source); anything else is a shell command.
    """
    text = typed.strip()
    if not text:
        raise ValueError("Say what the agent did, such as a command, a file or a tool.")
    if len(text) > MAX_TYPED:
        raise ValueError(f"This is longer than {MAX_COMMAND:,} characters. Ask about a part of it.")
    call = CALL.match(text)
    if call is not None:
        return (_action(call.group(1), call.group(2).strip() or None),)
    if text in KNOWN_TOOLS or (text.startswith(MCP) and NAME.match(text)):
        return (_action(text, None),)
    if PATH.match(text):
        itself = (_action(text, None),) if NAME.match(text) and "/" not in text else ()
        return (*itself, _action("Read", text), _action("Edit", text))
    return (_action(SHELL, text),)


def _action(target: str, method: str | None) -> Action:
    return Action(target, method, is_write(target, method))


def asks_of(action: Action) -> tuple[Ask, ...]:
    """One question for each part of the call. Raises Unreadable with the reason."""
    target, method = action.target, action.method
    _check(action)
    writes = action.writes or is_write(target, method)
    if target == SHELL:
        return _shell(method, writes)
    if target in READERS_AND_WRITERS:
        return (FileAsk(target, method or "", _place(target, method), writes),)
    if target == "WebFetch":
        return (HostAsk(method or "", None if method is None else hosts.host_of(method), writes),)
    return (NameAsk(target, method, writes),)


def _check(action: Action) -> None:
    if len(action.target) > 256 or not NAME.match(action.target):
        raise Unreadable("This is not the name of a tool or of a data source.")
    method = action.method or ""
    if len(method) > MAX_METHOD:
        raise Unreadable(f"What this call was made with is longer than {MAX_METHOD // 1024} kB.")
    for character in method:
        if is_refused(character) and character not in "\n\t\ufe0e\ufe0f":
            raise Unreadable(f"This call holds {named(character)}, which a reader cannot see.")


def _place(target: str, method: str | None) -> Place | None:
    if method is not None:
        return files.place_of(method)
    return Place("", "", True) if target in FOLDER_READERS else None


def _shell(command: str | None, writes: bool) -> tuple[Ask, ...]:
    if command is None:
        raise Unreadable("Say which command, as in Bash(git diff HEAD).")
    return tuple(_part(part, writes) for part in parts_of(command))


def _part(part: Part, writes: bool) -> Ask:
    if part.kind == "run":
        return CommandAsk(part, writes)
    tool = "Edit" if part.kind == "write" else "Read"
    hidden = part.only_whole
    place = None if "…" in part.text or not part.text else files.place_of(part.text)
    return FileAsk(tool, part.text, place, tool in FILE_WRITERS, hint=hidden, by_shell=True)
