"""A line of somebody's log, pasted: which words may name the agent, what it did, and when. Pure: no Django here.

Nothing is guessed silently. What the line does not say plainly comes back as a remark, and then a person presses the
button. Read are a line of Claude Code's transcript or its hook's input, any JSON object, a syslog line (RFC 3164 and
5424), `key=value` pairs, and a bare name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from approvals.scope.imported import ImportRefused
from approvals.scope.strict_json import read_object
from approvals.scope.tools import FILE_READERS, FILE_WRITERS, MCP, SHELL

LONGEST = 100_000
MOST_CALLS = 8
MOST_WORDS = 120
LONGEST_WORD = 300

AGENT_KEYS = frozenset({"agent", "agentname", "agentslug", "agentid"})
NAME_KEYS = AGENT_KEYS | {
    "identity", "principal", "principalid", "user", "username", "actor", "sub", "subject", "serviceaccount", "service",
    "clientid", "account", "app", "application", "caller", "arn", "login", "runas", "useridentity",
}  # fmt: skip
TOOL_KEYS = frozenset({"tool", "toolname"})
INPUT_KEYS = frozenset({"toolinput", "input", "arguments", "args", "parameters", "params"})
COMMAND_KEYS = frozenset({"command", "cmd", "cmdline", "commandline"})
DONE_KEYS = frozenset({"did", "action", "operation", "eventname"})
TIME_KEYS = frozenset({"timestamp", "time", "ts", "at", "datetime", "date", "eventtime", "starttime"})

# Fixed patterns of ours, each read once from left to right.
STAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?")
OLD_STAMP = re.compile(r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2} \d\d:\d\d:\d\d")
EPOCH = re.compile(r"\d{10}(?:\d{3})?(?:\.\d{1,9})?\Z")
PRIORITY = re.compile(r"<\d{1,3}>(?:\d )?")
TAG = re.compile(r"(?:^|\s)([A-Za-z0-9_.@/-]{1,300})(?:\[\d{1,10}\])?: ")
PAIR = re.compile(r'([A-Za-z_@][A-Za-z0-9_.@-]{0,60})=("(?:[^"\\]|\\.)*"|[^\s";]+)')
REST_OF_LINE = re.compile(r"\bCOMMAND=(.+)\Z")  # as sudo writes it, without quotes
CALL = re.compile(rf"\b(?:{SHELL}|{'|'.join(sorted(FILE_READERS | FILE_WRITERS))}|WebFetch)\(.+\)")
MCP_NAME = re.compile(rf"\b{MCP}[A-Za-z0-9_-]{{1,200}}")
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@:/-]{0,299}")

SEVERAL = "The line holds several calls. Choose the one you mean."
NO_CALL = "The line does not say what was done. Write it into “did”."
REST = "What was done is the rest of the line, as it stands. Check it."
NO_TIME = "The line has no time. Write when it was into “at”, or leave it empty for now."
NO_ZONE = "The line does not say its time zone; it is read in yours. Check “at”."
NO_YEAR = "The line has no year and no time zone; it is read as the last such day in your zone. Check “at”."


class PastedError(ValueError):
    """What was pasted cannot be read; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a line says. `names` stand where a name stands; `words` are all others, asked only when no name fits."""

    names: tuple[str, ...]
    words: tuple[str, ...]
    calls: tuple[str, ...]
    at: str
    remarks: tuple[str, ...]


Leaf = tuple[str, str]  # a key without its case and dashes, and the value under it


def read_pasted(text: str) -> Pasted:
    """What the line says. Raises PastedError."""
    line = text.strip()
    if not line:
        raise PastedError("Paste one line of a log, or the name of an identity.")
    if len(line) > LONGEST:
        raise PastedError(f"This is longer than {LONGEST:,} characters. Paste one line.")
    if line.startswith("{"):
        return _of_json(line)
    return _of_text(" ".join(line.split()))


def _of_json(line: str) -> Pasted:
    try:
        data = read_object(line.encode("utf-8", "surrogatepass"))
    except ImportRefused as refusal:
        raise PastedError("This begins like JSON and is not one whole object. Paste one whole line.") from refusal
    leaves = list(_leaves(data))
    calls = list(dict.fromkeys(_calls_in(data, _cwd(leaves)))) or _calls_of(leaves)
    at, remarks = _time_of(leaves)
    return _pasted(leaves, " ".join(value for _, value in leaves), calls, at, remarks)


def _of_text(line: str) -> Pasted:
    leaves = [(_plain(key), _unquoted(value)) for key, value in PAIR.findall(line)]
    if rest := REST_OF_LINE.search(line):
        leaves = [leaf for leaf in leaves if leaf[0] != "command"] + [("command", rest.group(1).strip())]
    stamp, old = STAMP.search(line), OLD_STAMP.search(line)
    at, remarks = _time_of(leaves)
    if not at and stamp:
        at, remarks = _stamped(stamp.group())
    elif not at and old:
        at, remarks = old.group(), (NO_YEAR,)
    tag = TAG.search(line)
    named = [("app", tag.group(1))] if tag else []
    calls = _calls_of(leaves) or [found.group() for found in (CALL.search(line), MCP_NAME.search(line)) if found][:1]
    if not calls and tag and line[tag.end() :]:
        calls, remarks = [line[tag.end() :]], (*remarks, REST)
    bare = [("agent", line)] if not leaves and " " not in line else []
    return _pasted([*leaves, *named, *bare], PRIORITY.sub("", line, count=1), calls, at, remarks)


def _pasted(leaves: list[Leaf], text: str, calls: list[str], at: str, remarks: tuple[str, ...]) -> Pasted:
    names = dict.fromkeys(value for key, value in leaves if key in NAME_KEYS and len(value) <= LONGEST_WORD)
    words = dict.fromkeys(word for name in (*names, text) for word in _words(name))
    if not at:
        remarks = (*remarks, NO_TIME)
    if len(calls) != 1:
        remarks = (*remarks, SEVERAL if calls else NO_CALL)
    plain = [*names, *(part for name in names for part in name.split("/"))]  # an ARN ends in its name
    return Pasted(
        tuple(dict.fromkeys(plain))[:MOST_WORDS], tuple(words)[:MOST_WORDS], tuple(calls[:MOST_CALLS]), at, remarks
    )


def _words(text: str) -> Iterator[str]:
    for found in WORD.finditer(text):
        yield found.group().strip(".:/")


def _plain(key: str) -> str:
    """agent_name, agentName, Agent-Name and @timestamp are one key each."""
    return re.sub(r"[^a-z0-9]", "", key.lower())


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def _leaves(data: Any, keys: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Every text and number under its own key and under the keys around it; what a tool was given is left out."""
    match data:
        case dict():
            for key, value in data.items():
                plain = _plain(key)
                if plain not in INPUT_KEYS or isinstance(value, str):
                    yield from _leaves(value, (*keys[-1:], plain))
        case list():
            for value in data:
                yield from _leaves(value, keys)
        case str():
            yield from ((key, data) for key in keys)
        case int() | float() if not isinstance(data, bool):
            yield from ((key, f"{data:.6f}") for key in keys[-1:])


def _cwd(leaves: list[Leaf]) -> str:
    return next((value for key, value in leaves if key == "cwd"), "")


def _calls_in(data: Any, cwd: str) -> Iterator[str]:
    """The calls of a transcript's `tool_use` blocks, of a hook's input, and of what names a tool beside its input."""
    if isinstance(data, list):
        for one in data:
            yield from _calls_in(one, cwd)
    if not isinstance(data, dict):
        return
    plain = {_plain(key): value for key, value in data.items()}
    name = next((plain[key] for key in TOOL_KEYS if isinstance(plain.get(key), str)), "")
    if data.get("type") == "tool_use" and isinstance(data.get("name"), str):
        name = data["name"]
    given = next((plain[key] for key in INPUT_KEYS if isinstance(plain.get(key), dict)), None)
    if name and given is not None:
        yield call_of(name, given, cwd)
        return
    for value in data.values():
        yield from _calls_in(value, cwd)


def call_of(tool: str, given: dict[str, Any], cwd: str = "") -> str:
    """A tool and what it was given, as one types the call. A file inside the working folder is named from there."""
    file = next((given[key] for key in ("file_path", "notebook_path", "path") if isinstance(given.get(key), str)), "")
    if tool == SHELL and isinstance(given.get("command"), str):
        return f"{SHELL}({given['command']})"
    if tool in FILE_READERS | FILE_WRITERS and file:
        inside = cwd and file.startswith(f"{cwd.rstrip('/')}/")
        return f"{tool}({file[len(cwd.rstrip('/')) + 1 :] if inside else file})"
    if tool == "WebFetch" and isinstance(given.get("url"), str):
        return f"{tool}({given['url']})"
    return tool


def _calls_of(leaves: list[Leaf]) -> list[str]:
    """The call as separate keys tell it: a command, a tool with or without its command, or an action."""
    said = dict(reversed(leaves))
    tool = next((said[key] for key in TOOL_KEYS if key in said), "")
    command = next((said[key] for key in COMMAND_KEYS if key in said), "")
    if command and (not tool or tool == SHELL):
        return [f"{SHELL}({command})"]
    if tool:
        file = said.get("filepath") or said.get("path") or said.get("file") or ""
        return [call_of(tool, {"path": file, "url": said.get("url")}, said.get("cwd", ""))]
    return [said[key] for key in DONE_KEYS if key in said][:1]


def _time_of(leaves: list[Leaf]) -> tuple[str, tuple[str, ...]]:
    """The moment under a key of time, as one would type it, with what has to be assumed about it."""
    for key, value in leaves:
        if key in TIME_KEYS and EPOCH.match(value):
            return _of_epoch(value), ()
        if key in TIME_KEYS and (stamp := STAMP.match(value)):
            return _stamped(stamp.group())
    return "", ()


def _of_epoch(value: str) -> str:
    """Seconds, or thirteen digits of milliseconds, since 1970."""
    number = float(value)
    seconds = number / 1000 if len(value.split(".")[0]) == 13 else number
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _stamped(stamp: str) -> tuple[str, tuple[str, ...]]:
    has_zone = stamp.endswith("Z") or re.search(r"[+-]\d\d:?\d\d\Z", stamp[10:]) is not None
    return stamp.replace(",", ".").replace(" ", "T", 1), () if has_zone else (NO_ZONE,)
