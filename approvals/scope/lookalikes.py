"""Letters that only look like others: Cyrillic, Greek and their kin among Latin ones, and letters dressed up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

WORD = re.compile(r"[^\W_]+")

# Scripts that have letters drawn like Latin ones.
KIN = frozenset(["CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"])

# Their letters that a plain font draws like a Latin letter or a digit, after the confusables of Unicode (UTS 39).
LIKE_LATIN = frozenset(
    "\u0405\u0406\u0408\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0417\u0474\u04ae"
    "\u04c0\u04cf\u050c\u051a\u051c\u0430\u0432\u0433\u0435\u043a\u043c\u043d\u043e\u043f\u0440\u0441\u0442\u0443"
    "\u0445\u0455\u0456\u0458\u0475\u04af\u04bb\u0501\u051b\u051d"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03ba\u03b1\u03b9\u03bd"
    "\u03bf\u03c1\u03c3\u03c4\u03c5\u03c7\u03f2\u03f3\u03f9"
    "\u0555\u054d\u0570\u0578\u057d\u0581\u0585\u0561\u0566\u0576\u0563"
)
# Signs drawn like the slash, colon, star, dot, bar and exclamation mark that a line is made of.
LIKE_SIGNS = frozenset("\u2215\u2044\u29f8\u2236\ua789\u02d0\u2217\u2024\u2223\u01c3")
DRESSED = ("FULLWIDTH ", "MATHEMATICAL ")
EAST_ASIAN = ("CJK ", "HIRAGANA ", "KATAKANA ", "HANGUL ", "BOPOMOFO ")  # full-width letters belong there


def lookalikes(text: str) -> frozenset[int]:
    """Where the letters stand that a reader takes for another one; none in a text of one honest script.

    A word that mixes Latin letters with those of a kindred script is marked at each of these; a word made only of
    letters that look Latin is marked whole, unless the text speaks that script elsewhere.
    """
    if text.isascii():
        return frozenset()
    words = [(match.start(), match.group()) for match in WORD.finditer(text)]
    honest = any(_speaks_its_script(word) for _, word in words)
    found = {at + place for at, word in words for place in _in_word(word, honest)}
    return frozenset(found | set(_dressed(text)))


def _kin(letter: str) -> bool:
    return not letter.isascii() and _first_name(letter) in KIN


def _first_name(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _has_latin(word: str) -> bool:
    return any(one.isalpha() and (one.isascii() or _first_name(one) == "LATIN") for one in word)


def _speaks_its_script(word: str) -> bool:
    return not _has_latin(word) and any(_kin(one) and one not in LIKE_LATIN for one in word)


def _in_word(word: str, honest: bool) -> Iterator[int]:
    kin = [place for place, one in enumerate(word) if _kin(one)]
    if _has_latin(word) or (not honest and all(word[place] in LIKE_LATIN for place in kin)):
        yield from kin


def _dressed(text: str) -> Iterator[int]:
    """Full-width and mathematical characters, numerals that look like letters, signs that look like others."""
    names = {one: unicodedata.name(one, "") for one in set(text) if not one.isascii()}
    eastern = any(name.startswith(EAST_ASIAN) for name in names.values())
    alike = {one for one, name in names.items() if one in LIKE_SIGNS or _is_dressed(one, name, eastern)}
    yield from (place for place, one in enumerate(text) if one in alike)


def _is_dressed(one: str, name: str, eastern: bool) -> bool:
    dressed = name.startswith(DRESSED) and not (eastern and name.startswith("FULLWIDTH "))
    return (dressed or unicodedata.category(one) == "Nl") and unicodedata.normalize("NFKC", one).isascii()
