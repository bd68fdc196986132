"""gitignore patterns in linear time.

A pattern becomes a row of states; a path is walked once, character by character, and a single integer holds every
state the pattern could be in. The rules are those of gitignore, and the tests compare this with `pathspec` on random
patterns. Regular expressions are not used, because `*a*a*a*b` made into one takes seconds on a path of 255 characters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

ANY = ""  # a token that takes any one character but "/"


@dataclass(slots=True)
class PathPattern:
    """One compiled pattern. Bit i of each mask speaks of the state "i tokens were taken"."""

    tokens: list[frozenset[str] | str] = field(default_factory=list)
    negated: list[bool] = field(default_factory=list)
    stars: int = 0  # states that stay on any character but "/"
    deep: int = 0  # states that stay on any character
    skip: int = 0  # states that may move on without a character: `**/` for no folder at all
    folders_only: bool = False
    never: bool = False  # it cannot match anything

    def _take(self, token: frozenset[str] | str, negated: bool = False) -> None:
        self.tokens.append(token)
        self.negated.append(negated)

    def _mask(self, character: str) -> int:
        mask = 0
        for place, token in enumerate(self.tokens):
            if isinstance(token, str):
                hit = token == character if token else character != "/"
            else:
                hit = character not in ("/", "\x01") and (character in token) != self.negated[place]
            mask |= hit << place
        return mask

    def matches(self, path: str) -> bool:
        """True when the pattern covers the path or a folder above it."""
        if self.never:
            return False
        masks: dict[str, int] = {}
        state, accept = self._entered(1), 1 << len(self.tokens)
        for character in path:
            if character == "/" and state & accept:
                return True
            if character not in masks:
                masks[character] = self._mask(character)
            stay = self.deep if character == "/" else self.deep | self.stars
            state = self._entered((state & masks[character]) << 1) | (state & stay)
            if not state:
                return False
        return bool(state & accept) and not self.folders_only

    def _entered(self, state: int) -> int:
        """`**/` may stand for no folder only where a name begins, so only for states just entered."""
        return state | ((state & self.skip) << 1)


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> PathPattern:
    """The pattern, relative to the folder it speaks of. `a/b` and `/a` begin there, `a` is found at any depth."""
    made = PathPattern()
    pattern = pattern.rstrip(" ") if not pattern.endswith("\\ ") else pattern
    made.folders_only = pattern.endswith("/")
    body = pattern.rstrip("/") if made.folders_only else pattern
    anchored = "/" in body
    segments = [s for i, s in enumerate(body.split("/")) if s or i]
    if not body or pattern.startswith("!") or "" in segments:
        made.never = True
        return made
    _add_segments(made, segments if anchored else ["**", *segments])
    return made


def _add_segments(made: PathPattern, segments: list[str]) -> None:
    kept = [s for i, s in enumerate(segments) if s != "**" or i == 0 or segments[i - 1] != "**"]
    for place, segment in enumerate(kept):
        last = place == len(kept) - 1
        state = len(made.tokens)
        if segment == "**" and last:
            made._take(ANY)
            made.deep |= 1 << state + 1
        elif segment == "**":
            made.deep |= 1 << state
            made.skip |= 1 << state
            made._take("/")
        else:
            _add_segment(made, segment)
            if not last:
                made._take("/")


def _add_segment(made: PathPattern, segment: str) -> None:
    place = 0
    while place < len(segment):
        character = segment[place]
        place += 1
        if character == "*":
            made.stars |= 1 << len(made.tokens)
        elif character == "?":
            made._take(ANY)
        elif character == "[":
            place = _add_class(made, segment, place)
        elif character == "\\" and place < len(segment):
            made._take(segment[place])
            place += 1
        elif character == "\\":
            made.never = True
        else:
            made._take(character)


def _add_class(made: PathPattern, segment: str, place: int) -> int:
    """A class such as [a-z] or [!.]. One that is not closed matches nothing. Returns the place after it."""
    negated = segment[place : place + 1] in ("!", "^")
    start = place + negated
    end = segment.find("]", start + 1)
    inner = segment[start:end]
    if end < 0 or "\\" in inner or "[" in inner:
        made.never = True
        return len(segment)
    members: set[str] = set()
    at = 0
    while at < len(inner):
        if inner[at + 1 : at + 2] == "-" and at + 2 < len(inner):
            first, last = ord(inner[at]), ord(inner[at + 2])
            if last - first > 4096:
                made.never = True
                return len(segment)
            members.update(map(chr, range(first, last + 1)))
            at += 3
        else:
            members.add(inner[at])
            at += 1
    made._take(frozenset(members), negated)
    return end + 1
