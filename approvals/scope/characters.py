"""Characters a line may not hold: what cannot be seen, or what only looks like something else."""

from __future__ import annotations

import unicodedata

# Controls, format characters (zero-width, bidi), surrogates, private use, and every space that is not U+0020.
REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zs", "Zl", "Zp"})

# Letters, marks and symbols that draw nothing, though Unicode does not file them as format characters.
BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")

EMOJI_STYLE = frozenset("\ufe0e\ufe0f")

KNOWN_CONTROLS = {"\x00": "NUL", "\x0d": "CARRIAGE RETURN", "\x1b": "ESCAPE", "\x7f": "DELETE"}


def is_variation(character: str) -> bool:
    """True for the selectors that change how the character before them is drawn, and nothing else."""
    return (
        "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
        or ("\u180b" <= character <= "\u180f")
    )


def is_refused(character: str) -> bool:
    """True for a character that no name and no method may hold."""
    if " " <= character <= "~":
        return False
    if character in BLANKS or is_variation(character):
        return True
    return unicodedata.category(character) in REFUSED_CATEGORIES


def first_refused(text: str, note_at: int) -> int | None:
    """Where the first refused character stands, or None. A note (from `note_at` on) may hold emoji selectors."""
    for place, character in enumerate(text):
        if is_refused(character) and not (place >= note_at and character in EMOJI_STYLE):
            return place
    return None


def named(character: str) -> str:
    """The character in words, such as "U+200B ZERO WIDTH SPACE"."""
    name = unicodedata.name(character, "") or KNOWN_CONTROLS.get(character, "a control character")
    return f"U+{ord(character):04X} {name}"
