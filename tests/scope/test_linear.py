"""Time grows with the text, never with its square (WS-22)."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from approvals.scope.grammar import read
from approvals.scope.matching import Action, decide
from approvals.scope.path_pattern import compiled
from approvals.scope.strict_json import MAX_BYTES, read_object
from approvals.scope.wildcard import matches
from tests.scope.scopes import scope

STARS = "a*" * 400 + "b"


def best_of(times: int, work: Callable[[], object]) -> float:
    """Seconds of the quickest run, so that a busy machine does not count."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


@pytest.mark.parametrize(
    "work",
    [
        lambda size: lambda: matches(STARS, "a" * size),
        lambda size: lambda: matches("*" + "ab" * 200 + "*", "ab" * (size // 2)),
        lambda size: lambda: compiled("*a*a*a*a*a*a*a*a*b").matches("a" * size),
        lambda size: lambda: compiled("**/" + "a/" * 40 + "**/b").matches("a/" * (size // 2)),
        lambda size: lambda: compiled("[!a]*" * 50).matches("ab" * (size // 2)),
        lambda size: lambda: read("a(" * (size // 100)),
    ],
)
def test_sixteen_times_the_text_takes_nowhere_near_256_times_as_long(
    work: Callable[[int], Callable[[], object]],
) -> None:
    small, large = best_of(3, work(4_000)), best_of(3, work(64_000))
    assert large < max(80 * small, 0.005)


@pytest.mark.parametrize(
    "action",
    [
        Action("zendesk", "a" * 65_536),
        Action("Bash", "a" * 65_536),
        Action("Bash", "git " + "a" * 9_000),
        Action("Bash", "(" * 9_000),
        Action("Bash", "$(" * 4_000),
        Action("Bash", '"' * 9_000),
        Action("Bash", "{" * 9_000),
        Action("Bash", "a=" * 4_000),
        Action("Bash", "sudo " + "a " * 4_000),
        Action("Bash", "`" * 9_999),
        Action("Bash", "<<a " * 2_000),
        Action("Read", "a/" * 2_000),
        Action("Read", "a" * 255),
        Action("WebFetch", "https://" + "a." * 4_000),
    ],
)
def test_a_hostile_call_is_answered_at_once(action: Action) -> None:
    lines = scope(
        data=f"Read({STARS})\nWebFetch(domain:*.a)",
        tools=f"Bash({STARS})\nzendesk({STARS})\nBash(git *)",
        never=f"Bash(*{STARS})",
    )
    assert best_of(1, lambda: decide(lines, action)) < 2


def test_a_hostile_file_is_read_or_refused_at_once() -> None:
    for raw in (b'{"a":' * 100_000, b'{"a":"' + b"\\" * (MAX_BYTES - 11) + b'"}', b"[" * MAX_BYTES):
        with pytest.raises(ValueError, match=r"\."):
            read_object(raw)


def test_no_regular_expression_is_made_while_running() -> None:
    """Patterns are module constants: `re` is never handed anything else."""
    for path in sorted(Path("approvals/scope").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        outside = [node for node in tree.body if not isinstance(node, ast.Assign)]
        calls = [call for node in outside for call in ast.walk(node) if isinstance(call, ast.Call)]
        uses = [
            c for c in calls if isinstance(c.func, ast.Attribute) and ast.unparse(c.func.value) in ("re", "fnmatch")
        ]
        assert not uses, (
            f"{path} makes a pattern while running: match user patterns with wildcard.py or path_pattern.py"
        )
