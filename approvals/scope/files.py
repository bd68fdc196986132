"""Files: what a `Read(…)` or `Edit(…)` line covers, as Claude Code and gitignore mean it.

`//etc/hosts` is absolute, `~/notes` lies in the home folder, `/src` begins at the project, `src/**` and `./src/**` at
the working directory (which for a portal is the project), and `*.md` is found at any depth. A path with `..`, or one
that cannot be seen plainly, is never inside an allowed pattern: it could leave the working directory.
"""

from __future__ import annotations

from dataclasses import dataclass

from approvals.scope.characters import is_refused, named
from approvals.scope.path_pattern import PathPattern, compiled
from approvals.scope.shell_words import Unreadable
from approvals.scope.wildcard import folded

MAX_PATH = 4096
MAX_NAME = 255

# Two names no file has, one short and one long: a pattern that covers both covers every name.
SOME_NAMES = ("\x01", "\x01" * 300)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path lies: `root` is "" (working directory), "/" or "~"; `path` has no dot segments."""

    root: str
    path: str
    plain: bool  # False when it had `..` or a backslash: no allowed pattern covers it


def place_of(typed: str) -> Place:
    """Where a typed path lies. Raises Unreadable when it cannot be a path."""
    if not typed.strip() or len(typed) > MAX_PATH:
        raise Unreadable(f"A path has between 1 and {MAX_PATH} characters.")
    for character in typed:
        if is_refused(character):
            raise Unreadable(f"This path holds {named(character)}, which a reader cannot see.")
    root, rest = _rooted(typed)
    segments: list[str] = []
    for segment in rest.split("/"):
        if len(segment) > MAX_NAME:
            raise Unreadable(f"A file name has at most {MAX_NAME} characters.")
        if segment == ".." and segments and segments[-1] != "..":
            segments.pop()
        elif segment not in ("", "."):
            segments.append(segment)
    named_home = typed.startswith("~") and root != "~"
    return Place(root, "/".join(segments), not (".." in rest.split("/") or "\\" in typed or named_home))


def _rooted(typed: str) -> tuple[str, str]:
    if typed.startswith("/"):
        return "/", typed
    if typed == "~" or typed.startswith("~/"):
        return "~", typed[1:]
    return "", typed


def _pattern(method: str) -> tuple[str, str]:
    """Root of a pattern, and the pattern relative to it."""
    if method.startswith("//"):
        return "/", method[1:]
    if method.startswith("~/"):
        return "~", method[1:]
    return "", f"/{method[2:]}" if method.startswith("./") else method


def is_dead(method: str) -> bool:
    """True for a pattern that cannot cover any path."""
    return compiled(_pattern(method)[1]).never or ".." in method.split("/")


def covers_file(method: str, place: Place) -> bool:
    """True when the pattern surely covers the path."""
    root, pattern = _pattern(method)
    return place.plain and bool(place.path) and root == place.root and compiled(pattern).matches(place.path)


def covers_folder(method: str, place: Place) -> bool:
    """True when the pattern surely covers everything in the folder, as a search through it needs."""
    root, pattern = _pattern(method)
    inside = [f"{place.path}/{name}".lstrip("/") for name in SOME_NAMES]
    return place.plain and root == place.root and all(compiled(pattern).matches(path) for path in inside)


def may_touch(method: str, place: Place) -> bool:
    """True when a line that forbids could mean the path: at any depth, without regard to case or look-alikes."""
    root, pattern = _pattern(folded(method))
    made = compiled(pattern if pattern.startswith("/") or root else f"**/{pattern}")
    paths = {place.path, place.path.replace("\\", "/"), place.path.replace("../", "")}
    if not root:
        made_anywhere = compiled(f"**/{pattern.lstrip('/')}")
        return any(_touches(made, path) or _touches(made_anywhere, path) for path in paths)
    if root == place.root or (root == "/" and not place.plain):
        return any(_touches(made, path) for path in paths)
    return root == "~" and any(_touches(compiled(f"**{pattern}"), path) for path in paths)


def _touches(made: PathPattern, path: str) -> bool:
    shown = folded(path)
    return made.matches(shown) or made.matches(f"{shown}/\x02")
