"""Text as the printed page can hold it: what its fonts cannot draw is spelled out, and long words may break."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from approvals.telling import visible

FONTS = Path(__file__).parent / "fonts"
LONG_WORD = re.compile(r"\S{30,}")
PIECE = 8  # characters of a long word that stay together
Printable = str | list[list[str]]


def printable(text: object) -> Printable:
    """The text, or when it has several lines or long words its lines, each in pieces between which it may break."""
    drawn = drawable(visible(text).replace("\t", "    "))
    lines = [list(_pieces(line)) for line in drawn.split("\n")]
    return drawn if [len(line) for line in lines] == [1] else lines


def on_one_line(text: object) -> str:
    """The text for a title: one line, nothing hidden."""
    return drawable(visible(" ".join(str(text).split())))


def all_printable(value: Any) -> Any:
    """The same plain data with every text printable. Keys are ours."""
    match value:
        case str():
            return printable(value)
        case dict():
            return {key: all_printable(item) for key, item in value.items()}
        case list() | tuple():
            return [all_printable(item) for item in value]
    return value


def drawable(text: str) -> str:
    """The text with each character no font here has as [U+4E2D]; the attached JSON holds it as it is."""
    known = drawn_by_the_fonts()
    if text.isascii():
        return text
    return "".join(one if one == "\n" or one in known else f"[U+{ord(one):04X}]" for one in text)


def _pieces(line: str) -> Iterator[str]:
    at = 0
    for word in LONG_WORD.finditer(line):
        for place in range(word.start() + PIECE, word.end(), PIECE):
            yield line[at:place]
            at = place
    yield line[at:]


@cache
def drawn_by_the_fonts() -> frozenset[str]:
    """Every character that the text face or the face of lines can draw. The one stands in for the other."""
    found = (read for path in FONTS.glob("*-Regular.ttf") for read in characters_of(path.read_bytes()))
    return frozenset(map(chr, found))


def characters_of(font: bytes) -> Iterator[int]:
    """The code points of a TrueType font's character map, format 4 (OpenType 1.9, table “cmap”)."""
    (count,) = struct.unpack_from(">H", font, 4)
    tables = {font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0] for at in range(12, 12 + 16 * count, 16)}
    cmap = tables[b"cmap"]
    (maps,) = struct.unpack_from(">H", font, cmap + 2)
    starts = {cmap + struct.unpack_from(">I", font, cmap + 8 + 8 * number)[0] for number in range(maps)}
    start = next(at for at in sorted(starts) if struct.unpack_from(">H", font, at)[0] == 4)
    (twice,) = struct.unpack_from(">H", font, start + 6)
    ends = struct.unpack_from(f">{twice // 2}H", font, start + 14)
    begins = struct.unpack_from(f">{twice // 2}H", font, start + 16 + twice)
    for first, last in zip(begins, ends, strict=True):
        yield from range(first, last + 1) if first != 0xFFFF else ()
