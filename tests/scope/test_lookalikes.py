"""Letters that only look like others are found; a text of one honest script is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.scope.lookalikes import lookalikes


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("B\u0430sh", [1]),  # Cyrillic a in a Latin word
        ("git \u0441\u0430\u0442 a", [4, 5, 6]),  # a whole word of Cyrillic letters that all look Latin
        ("\u0440\u0430\u0443\u0440\u0430\u04cf.com", [0, 1, 2, 3, 4, 5]),
        ("\u0391dmin", [0]),  # Greek capital alpha
        ("\uff22ash", [0]),  # full width
        ("\U0001d401ash", [0]),  # mathematical bold
        ("\u217cs", [0]),  # a small Roman numeral
        ("docs\u2215secret", [4]),  # a division slash
        ("domain\ua789a.org", [6]),  # a colon that is a letter
        ("\u0436x \u0441\u0430\u0442", [0, 3, 4, 5]),  # a Cyrillic letter among Latin ones is no honest Cyrillic
    ],
)
def test_what_only_looks_like_it_is_found(text: str, places: list[int]) -> None:
    assert sorted(lookalikes(text)) == places


@pytest.mark.parametrize(
    "text",
    [
        "Bash(git diff *)",
        "Grüße, naïve façade, Łódź, Çeşme",
        "Читает Bash, нас и роса.",
        "Ελλάδα και ο Bash",
        "日本語のＡＰＩをＢａｓｈで",
        "שלום עולם",
        "5 µs, 100 €, “quoted” – and more…",
    ],
)
def test_an_honest_script_is_left_alone(text: str) -> None:
    assert not lookalikes(text)


@given(st.text())
def test_every_place_is_a_place_of_the_text_and_never_ascii(text: str) -> None:
    assert all(0 <= place < len(text) and not text[place].isascii() for place in lookalikes(text))
