"""One question for each part of a call. `allows` is strict: it surely covers. `may_mean` is for lines that forbid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from approvals.scope import files, hosts
from approvals.scope.files import Place
from approvals.scope.grammar import Line
from approvals.scope.programs import UNSEEN
from approvals.scope.shell_part import Part
from approvals.scope.shell_shapes import may_mean, shapes
from approvals.scope.tools import FILE_READERS, FILE_WRITERS, FOLDER_READERS, KNOWN_TOOLS, MCP, SHELL, mcp_parts
from approvals.scope.wildcard import folded, matches, matches_words

EVERYTHING = (None, "*")


class Ask(Protocol):
    """A part of a call, ready to be held against lines."""

    @property
    def text(self) -> str: ...

    @property
    def writes(self) -> bool: ...

    @property
    def hidden(self) -> bool:
        """True when a part of it cannot be seen before it runs."""

    @property
    def hint(self) -> str:
        """Why lines that look right do not cover it, as a full sentence; empty when there is nothing to say."""

    def allows(self, line: Line) -> bool: ...

    def may_mean(self, line: Line) -> bool: ...


def hits(line: Line, *names: str) -> bool:
    """True when a line that forbids speaks of one of these tools; it may use wildcards anywhere."""
    target = folded(line.target)
    return any(matches(target, folded(name)) for name in names)


@dataclass(frozen=True, slots=True)
class CommandAsk:
    """One program a shell command runs."""

    part: Part
    writes: bool = False
    shapes: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shapes", shapes(self.part))

    @property
    def text(self) -> str:
        return self.part.raw

    @property
    def hint(self) -> str:
        return self.part.only_whole or self.part.only_exact

    @property
    def hidden(self) -> bool:
        return any(UNSEEN in shape for shape in self.shapes)

    def allows(self, line: Line) -> bool:
        if line.target != SHELL:
            return False
        if line.method is None or line.method == "*":
            return True
        if self.part.only_whole:
            return False
        if "*" not in line.method:
            return line.method == self.part.raw or (not self.part.only_exact and line.method == self.part.text)
        return not self.part.only_exact and matches_words(line.method, self.part.text)

    def may_mean(self, line: Line) -> bool:
        if not hits(line, SHELL):
            return False
        return line.method is None or any(may_mean(line.method, shape) for shape in self.shapes)


@dataclass(frozen=True, slots=True)
class FileAsk:
    """One file (for a search, one folder) that a tool or a redirection touches. `place` None: not said which."""

    tool: str
    typed: str
    place: Place | None
    writes: bool
    hint: str = ""
    by_shell: bool = False

    @property
    def hidden(self) -> bool:
        return self.place is None

    @property
    def text(self) -> str:
        return f"{self.tool}({self.typed})" if self.typed else self.tool

    @property
    def family(self) -> str:
        return "Edit" if self.tool in FILE_WRITERS else "Read"

    def allows(self, line: Line) -> bool:
        if self.by_shell and line.target == SHELL and line.method in EVERYTHING:
            return True
        if line.method is None:
            return line.target in (self.tool, self.family)
        if line.target != self.family or self.place is None or self.hint:
            return False
        if self.tool in FOLDER_READERS and files.covers_folder(line.method, self.place):
            return True
        return files.covers_file(line.method, self.place)

    def may_mean(self, line: Line) -> bool:
        if self.by_shell and hits(line, SHELL) and line.method in EVERYTHING:
            return True
        if not hits(line, self.tool, self.family):
            return False
        return line.method is None or self.place is None or files.may_touch(line.method, self.place)


@dataclass(frozen=True, slots=True)
class HostAsk:
    """An address to fetch. `host` None: not said which."""

    typed: str
    host: str | None
    writes: bool = False
    hint: str = ""
    hidden: bool = False

    @property
    def text(self) -> str:
        return f"WebFetch({self.typed})" if self.typed else "WebFetch"

    def allows(self, line: Line) -> bool:
        if line.target != "WebFetch":
            return False
        return line.method in EVERYTHING or (self.host is not None and hosts.covers_host(str(line.method), self.host))

    def may_mean(self, line: Line) -> bool:
        if not hits(line, "WebFetch"):
            return False
        return line.method in EVERYTHING or self.host is None or hosts.may_mean_host(str(line.method), self.host)


@dataclass(frozen=True, slots=True)
class NameAsk:
    """Any other target, with or without a method; MCP tools too."""

    target: str
    method: str | None
    writes: bool
    hint: str = ""
    hidden: bool = False

    @property
    def text(self) -> str:
        return self.target if self.method is None else f"{self.target}({self.method})"

    def allows(self, line: Line) -> bool:
        return self._names(line.target) and self._method(line)

    def _names(self, wanted: str) -> bool:
        if wanted == self.target:
            return True
        asked, lined = mcp_parts(self.target), mcp_parts(wanted)
        if asked is not None or lined is not None:
            return asked is not None and lined is not None and _covers_tool(lined, asked)
        return (
            "*" in wanted[1:] and wanted[:1] != "*" and self.target not in KNOWN_TOOLS and matches(wanted, self.target)
        )

    def _method(self, line: Line) -> bool:
        if line.method in EVERYTHING:
            return True
        if self.method is None or line.method is None:
            return False
        if self.target == "PowerShell":
            return line.method == self.method
        return matches_words(line.method, self.method)

    def may_mean(self, line: Line) -> bool:
        names = [self.target]
        asked = mcp_parts(self.target)
        if asked is not None:
            names.append(f"{MCP}{asked[0]}")
        if not hits(line, *names):
            return False
        return line.method is None or self.method is None or matches_words(folded(line.method), folded(self.method))


def _covers_tool(lined: tuple[str, str | None], asked: tuple[str, str | None]) -> bool:
    """An allowed line names its server in full; only the tool's name may have wildcards."""
    server, tool = lined
    if "*" in server or server != asked[0] or not server:
        return False
    return tool is None or tool == "*" or (asked[1] is not None and matches(tool, asked[1]))


READERS_AND_WRITERS = FILE_READERS | FILE_WRITERS
