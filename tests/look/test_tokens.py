"""The colours of the tokens, measured: WCAG 2.2 asks 4.5 to 1 of text and 3 to 1 of the edge of an input."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SHEETS = Path(__file__).resolve().parents[2] / "portal" / "static" / "portal"
TOKENS = (SHEETS / "tokens.css").read_text()
LIGHT, DARK = TOKENS.split("@media (prefers-color-scheme: dark)")

TEXT = [
    *[(ink, paper) for ink in ("ink", "ink-2", "ink-3", "accent") for paper in ("paper", "surface", "sunken")],
    *[(tone, f"{tone}-weak") for tone in ("good", "warn", "bad", "quiet", "accent")],
    *[(ink, f"{tone}-weak") for ink in ("ink", "ink-2") for tone in ("good", "warn", "bad", "accent")],
    ("accent", "bad-weak"), ("accent-ink", "accent"), ("bad", "surface"), ("warn", "surface"),
]  # fmt: skip
EDGES = [("edge", "surface"), ("edge", "paper"), ("edge", "sunken"), ("focus", "surface"), ("focus", "paper")]


def colours(theme: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): #([0-9a-f]{6})", theme))


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read_and_edges_can_be_seen(theme: str) -> None:
    colour = colours(theme)
    faint = [pair for pair in TEXT if contrast(colour[pair[0]], colour[pair[1]]) < 4.5]
    assert faint == []
    assert [pair for pair in EDGES if contrast(colour[pair[0]], colour[pair[1]]) < 3] == []


def test_both_themes_know_the_same_colours() -> None:
    assert colours(LIGHT).keys() == colours(DARK).keys()


def test_only_the_tokens_name_a_colour() -> None:
    """Another sheet asks for a token, so that dark, print and forced colours follow by themselves."""
    value = re.compile(r"[\w-]+:[^;{}]*#[0-9a-fA-F]{3,8}[ ;,}]")
    named = [sheet.name for sheet in SHEETS.glob("*.css") if value.search(sheet.read_text())]
    assert sorted(named) == ["print.css", "tokens.css"]


def test_every_icon_that_is_asked_for_is_in_the_sprite() -> None:
    from approvals.vocabulary import LetterState, Severity, Standing

    sprite = set(re.findall(r'<symbol id="(\w+)"', (SHEETS / "icons.svg").read_text()))
    asked = {kind.tag.icon for kinds in (Standing, Severity, LetterState) for kind in kinds}
    for template in (SHEETS.parents[2] / "templates").rglob("*.html"):
        asked |= set(re.findall(r'{% icon "(\w+)"', template.read_text()))
    assert asked - sprite == set()


def test_the_fonts_come_with_their_licence() -> None:
    assert "SIL OPEN FONT LICENSE" in (SHEETS / "fonts" / "OFL-IBM-Plex.txt").read_text().upper()
