"""How text becomes search terms, and what somebody types becomes the terms they look for. Pure.

A term is a word from where it begins, or a name from each place where a part of it begins: `mcp__github__list_issues`
is found by `mcp`, `github`, `list_issues` and `issues`, each of which may be typed in part. Capitals and accents do not
count. Terms are bytes, so that every database sorts them alike, whatever its language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

LONGEST = 48  # characters of a term; more of a name tells no two packets apart
MOST = 4000  # terms of one text; a packet of 500 long lines has fewer
MOST_ASKED = 8  # words of one search
BEYOND = b"\xff"  # comes after every continuation of a term: no UTF-8 text holds it

CHUNK = re.compile(r"[^\s()\[\]{}<>,;:|\"'“”„‘’`*?!&=$#]+")
BEGIN = re.compile(r"(?<![^\W_])[^\W_]")  # a letter or digit with none before it


def terms_of(texts: Iterable[str]) -> set[bytes]:
    """The terms under which these texts are found; of very long ones the first."""
    found: set[bytes] = set()
    for text in texts:
        for term in _terms(text):
            if len(found) >= MOST:
                return found
            found.add(term)
    return found


def _terms(text: str) -> Iterator[bytes]:
    for chunk in CHUNK.findall(plain(text)):
        end = _end(chunk)
        for match in BEGIN.finditer(chunk):
            yield _bytes(chunk[match.start() : end])


def asked_terms(typed: str) -> list[bytes]:
    """What a search looks for: each must begin a term. Empty when nothing that was typed is a letter or digit."""
    found: list[bytes] = []
    for chunk in CHUNK.findall(plain(typed)):
        begin = BEGIN.search(chunk)
        if begin:
            found.append(_bytes(chunk[begin.start() : _end(chunk)]))
    return list(dict.fromkeys(found))[:MOST_ASKED]


def plain(text: str) -> str:
    """The text without capitals, accents and other ways to write the same letter."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in split if not unicodedata.combining(one))


def _end(chunk: str) -> int:
    """Where the last letter or digit of the chunk ends: a full stop after a word is no part of it."""
    return next((place for place in range(len(chunk), 0, -1) if chunk[place - 1].isalnum()), 0)


def _bytes(term: str) -> bytes:
    return term[:LONGEST].encode("utf-8", "ignore")
