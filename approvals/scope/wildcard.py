"""`*` in linear time: no regular expression is ever made from what a user typed.

A pattern is cut at its stars into literal pieces. The first must begin the text, the last must end it, and those
between are found one after the other, leftmost first; nothing is tried twice, so time grows with the text and never
with its square.
"""

from __future__ import annotations

import unicodedata


def matches(pattern: str, text: str) -> bool:
    """True when the pattern covers the whole text. `*` stands for anything, spaces and line ends included."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == text
    last = rest.pop()
    if not text.startswith(first) or len(text) < len(first) + len(last):
        return False
    place, end = len(first), len(text) - len(last)
    for piece in rest:
        place = text.find(piece, place, end)
        if place < 0:
            return False
        place += len(piece)
    return text.endswith(last)


def matches_words(pattern: str, text: str) -> bool:
    """As `matches`, and a trailing " *" ends a word: `ls *` covers `ls` and `ls -l`, not `lsof`."""
    return matches(pattern, text) or (pattern.endswith(" *") and matches(pattern[:-2], text))


def head(pattern: str) -> str:
    """What every text covered by the pattern begins with."""
    literal = pattern.split("*", 1)[0]
    return literal[:-1] if literal.endswith(" ") and pattern == f"{literal}*" else literal


def folded(text: str) -> str:
    """The text as a person might mistake it: look-alikes by NFKC, case and unseen characters folded away."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Mn"))
