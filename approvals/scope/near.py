"""How like a call a line is, for showing the near misses. It decides nothing."""

from __future__ import annotations

from approvals.scope.asking import Action
from approvals.scope.grammar import Line

READ_FAR = 200


def likeness(line: Line, action: Action) -> int:
    """0 = nothing alike; the same target counts most, then a common beginning, then shared words."""
    if line.target != action.target:
        shared = _shared(line.target, action.target)
        return shared if "__" in action.target and shared > len("mcp__") else 0
    method, asked = (line.method or "").lower()[:READ_FAR], (action.method or "").lower()[:READ_FAR]
    shared = _shared(method, asked)
    words = set(_words(method)) & set(_words(asked))
    return 10 * shared + 5 * len(words) if shared or words else 0


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = zip(one, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _words(text: str) -> list[str]:
    for mark in "*/:.;|&()":
        text = text.replace(mark, " ")
    return [word for word in text.split() if len(word) > 1]
