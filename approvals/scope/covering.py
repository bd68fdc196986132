"""Is everything one line allows surely allowed by another? Where that cannot be proven, the answer is no."""

from __future__ import annotations

from functools import lru_cache

from approvals.scope import files, hosts
from approvals.scope.asking import Action, asks_of
from approvals.scope.asks import EVERYTHING, Ask
from approvals.scope.grammar import Line
from approvals.scope.shell_words import Unreadable
from approvals.scope.tools import FILE_READERS, FILE_WRITERS, KNOWN_TOOLS, SHELL, mcp_parts
from approvals.scope.wildcard import head

PATTERN = frozenset("*?[]!\\")


def covers(wider: Line, narrower: Line) -> bool:
    """True when the narrower line allows nothing that the wider one does not."""
    if wider.key == narrower.key:
        return True
    if mcp_parts(wider.target) is not None:
        return _covers_mcp(wider, narrower)
    if wider.target != narrower.target:
        return _covers_name(wider, narrower)
    if wider.method is None:
        return True
    return narrower.method is not None and _covers_method(wider.target, wider.method, narrower.method)


def _covers_mcp(wider: Line, narrower: Line) -> bool:
    ours, theirs = mcp_parts(wider.target), mcp_parts(narrower.target)
    if ours is None or theirs is None or "*" in ours[0] or ours[0] != theirs[0] or not ours[0]:
        return False
    if wider.method is not None:
        return (
            wider.target == narrower.target
            and narrower.method is not None
            and _prefix_words(wider.method, narrower.method)
        )
    if ours[1] is None or ours[1] == "*":
        return True
    return theirs[1] is not None and _prefix(ours[1], theirs[1])


def _covers_name(wider: Line, narrower: Line) -> bool:
    """`crm.*` covers `crm.orders`, but never a tool that has a meaning of its own."""
    if wider.target.startswith("*") or narrower.target in KNOWN_TOOLS or mcp_parts(narrower.target) is not None:
        return False
    if wider.method is not None and wider.method != narrower.method:
        return False
    return _prefix(wider.target, narrower.target)


def _prefix(wider: str, narrower: str) -> bool:
    """True for equal texts, and for a literal beginning with one star at the end of the wider pattern."""
    if wider == narrower:
        return True
    return wider.endswith("*") and "*" not in wider[:-1] and narrower.split("*", 1)[0].startswith(wider[:-1])


def _prefix_words(wider: str, narrower: str) -> bool:
    """As `_prefix`, where a trailing " *" ends a word and also stands for nothing."""
    if wider == narrower:
        return True
    if not wider.endswith("*") or "*" in wider[:-1]:
        return False
    if wider.endswith(" *"):
        stem = wider[:-2]
        begins = narrower.split("*", 1)[0].startswith(f"{stem} ") and head(narrower) != stem
        return begins or narrower in (stem, wider)
    return head(narrower).startswith(wider[:-1])


def _covers_method(target: str, wider: str, narrower: str) -> bool:
    if target == SHELL:
        return _covers_command(wider, narrower)
    if target in FILE_READERS | FILE_WRITERS:
        return _covers_files(target, wider, narrower)
    if target == "WebFetch":
        return _covers_hosts(wider, narrower)
    if wider == "*":
        return True
    return target != "PowerShell" and _prefix_words(wider, narrower)


def _covers_command(wider: str, narrower: str) -> bool:
    if wider == "*":
        return True
    if "*" in narrower:
        return _prefix_words(wider, narrower)
    asks = _exact(narrower)
    return len(asks) == 1 and asks[0].allows(Line(SHELL, wider))


@lru_cache(maxsize=1024)
def _exact(command: str) -> tuple[Ask, ...]:
    """The parts of a command without wildcards; none when it cannot be read."""
    try:
        return asks_of(Action(SHELL, command, False))
    except Unreadable:
        return ()


def _covers_files(target: str, wider: str, narrower: str) -> bool:
    """A folder and everything in it covers what begins with that folder. Patterns of file names are left alone."""
    if target not in ("Read", "Edit") or files.is_dead(wider) or files.is_dead(narrower):
        return False
    folder = wider.removesuffix("**").removeprefix("./")
    theirs = narrower.removeprefix("./")
    if folder == wider.removeprefix("./") or PATTERN & set(folder) or (folder and not folder.endswith("/")):
        return False
    if not folder:
        return not theirs.startswith(("/", "~"))
    beginning = theirs
    for mark in PATTERN:
        beginning = beginning.split(mark, 1)[0]
    return beginning.startswith(folder) and "/./" not in theirs and "//" not in theirs.removeprefix("//")


def _covers_hosts(wider: str, narrower: str) -> bool:
    if wider in EVERYTHING or wider == "domain:*":
        return True
    if hosts.is_dead(wider) or hosts.is_dead(narrower) or narrower == "domain:*":
        return False
    ours, theirs = wider.removeprefix(hosts.PREFIX).lower(), narrower.removeprefix(hosts.PREFIX).lower()
    if ours == theirs:
        return True
    return ours.startswith("*.") and theirs.removeprefix("*").endswith(ours[1:])
