"""How else a part of a command can be read, for lines that forbid or ask for a person: the more, the stricter."""

from __future__ import annotations

from approvals.scope.programs import RUNNERS, UNSEEN, name_of
from approvals.scope.shell import parts_of
from approvals.scope.shell_part import Part
from approvals.scope.shell_words import Unreadable
from approvals.scope.wildcard import folded, head, matches_words

MAX_INNER = 50
MAX_LAYERS = 3


def shapes(part: Part, layers: int = MAX_LAYERS) -> tuple[str, ...]:
    """As typed, without assignments and wrappers, without quotes, without the program's folder, and what it runs."""
    found = {" ".join(part.raw.split()), " ".join(part.text.split())}
    if part.words:
        found |= _named(part.words)
    if part.words and RUNNERS & {name_of((word,)) for word in part.words[:MAX_INNER]}:
        found |= _inner(part.words, layers)
    return tuple(folded(shape) for shape in found)


def _named(words: tuple[str, ...]) -> set[str]:
    return {" ".join(words), " ".join((name_of(words), *words[1:]))}


def _inner(words: tuple[str, ...], layers: int) -> set[str]:
    """Every place a wrapped command could begin, and every word that is a command by itself."""
    found: set[str] = {UNSEEN} if len(words) > MAX_INNER else set()
    for place in range(1, min(len(words), MAX_INNER)):
        found |= _named(words[place:])
        if layers and len(words[place].split()) > 1:
            found |= set(_read_again(words[place], layers - 1))
    return found


def _read_again(text: str, layers: int) -> tuple[str, ...]:
    try:
        return tuple(shape for part in parts_of(text) for shape in shapes(part, layers))
    except Unreadable:
        return (text,)


def may_mean(method: str, shape: str) -> bool:
    """True when the line could mean this: it does, or what cannot be seen could make it so."""
    pattern = folded(method)
    shown, hidden, _ = shape.partition(UNSEEN)
    if not hidden:
        return matches_words(pattern, shape)
    start = head(pattern)
    return start.startswith(shown) or shown.startswith(start)
