"""One letter of each kind: what has to stand in every one of them, and that a mail client can show it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from approvals.letters.wording import LETTERS
from approvals.models import Letter
from approvals.vocabulary import ENDS, IDENTITY, JOB
from tests.cast import Cast, Clock, Walk
from tests.letters.showing import HIGH, one_of_each

pytestmark = pytest.mark.django_db
ABOUT_SEVERAL = {"several_end_soon", "several_ended", "several_renewal_late"}


@pytest.fixture
def kinds(cast: Cast, clock: Clock, in_review: Walk, in_force: Walk) -> dict[str, Letter]:
    return one_of_each(cast, clock, in_review, in_force)


def test_every_kind_says_what_it_has_to(kinds: dict[str, Letter]) -> None:
    same_letter = {"seats_added"}  # written as “submitted” is, with the same blocks
    assert set(kinds) == {str(kind.value) for kind in LETTERS} - same_letter | {"ends_soon"} | ABOUT_SEVERAL
    for kind, letter in kinds.items():
        if kind not in ABOUT_SEVERAL:
            assert letter.subject.startswith(f"{letter.version.packet} "), kind  # type: ignore[union-attr]
            assert "sentry-dev" in letter.subject and " UTC" in letter.subject, kind
            for part in ("Agent: sentry-dev", f"{JOB}: ", f"{IDENTITY}: svc-sentry-dev", f"{ENDS}: "):
                assert part in letter.text, (kind, part)
            digest = letter.version.digest  # type: ignore[union-attr]
            foot = f"{letter.version}, SHA-256 {digest}" if digest else f"{letter.version}, not submitted yet"
            assert foot in letter.text and bool(digest) is (kind != "handed_over"), kind
        first, second, *_ = letter.text.split("\n\n")
        assert " UTC" in first, kind
        assert re.search(r"nothing|nobody|without", second, re.IGNORECASE), f"{kind}: what if nothing is done? {second}"
        assert "\n-- \nYou get this because " in letter.text, kind
        assert letter.reply_to.endswith("@example.org") and letter.reply_to != letter.address, kind


def test_every_kind_loads_nothing_and_has_one_link(kinds: dict[str, Letter]) -> None:
    for kind, letter in kinds.items():
        page = ET.fromstring(letter.html)
        asked = [node.get(name) for node in page.iter() for name in ("href", "src", "background") if node.get(name)]
        assert len(asked) == 1 and str(asked[0]).startswith("http://127.0.0.1:8000/packets/"), kind
        assert "url(" not in letter.html and "@import" not in letter.html, kind


def test_a_signature_of_several_says_what_was_cut(kinds: dict[str, Letter]) -> None:
    text = kinds["signed"].text
    assert "Sam Sato (Security) approved it narrower." in text and "> Without the whole API." in text
    assert f"{HIGH}: removed (was in Allowed tools and methods)." in text


def test_an_answer_names_the_line_it_is_about(kinds: dict[str, Letter]) -> None:
    text = kinds["question_answered"].text
    assert "    crm.customers\n" in text and "> Which tables\n> of crm.customers?" in text
    assert "> Names and order numbers only." in text


@pytest.mark.browser
def test_every_kind_fits_a_desk_a_phone_and_the_dark(kinds: dict[str, Letter], page: Any, tmp_path: Path) -> None:
    for width, scheme in ((1000, "light"), (390, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        for kind, letter in kinds.items():
            page.set_content(letter.html)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{kind} at {width}"
            assert page.locator("a").bounding_box()["height"] >= 24
            dark = page.evaluate("getComputedStyle(document.querySelector('.letter')).backgroundColor")
            assert dark == ("rgb(26, 30, 34)" if scheme == "dark" else "rgb(255, 255, 255)")
            page.screenshot(path=tmp_path / f"{kind}-{width}-{scheme}.png", full_page=True)
