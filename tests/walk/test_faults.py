"""The walk sees each kind of fault: planted on the living page, it is found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from portal.models import User
from tests.walk.demo import Demo
from tests.walk.faults import Eyes, eyes
from tests.walk.looks import DARK, LIGHT, PHONE, Look

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.look.urls"), pytest.mark.django_db(transaction=True)]

ADD = "html => { document.querySelector('main').insertAdjacentHTML('beforeend', html); }"


@pytest.fixture
def viewer(browser: Browser, live_server: LiveServer) -> Iterator[Eyes]:
    User.objects.create_user("erin")
    found = eyes(Demo(live_server.url, []).browser_of("erin", browser))
    found.page.goto(f"{live_server.url}/look/")
    yield found
    found.context.close()


def styled(viewer: Eyes, html: str, css: str) -> None:
    """Put this on the page; the style goes round the policy, which refuses it in markup."""
    viewer.page.evaluate(ADD, html)
    viewer.page.evaluate("css => { document.querySelector('#planted').style.cssText = css; }", css)


@pytest.mark.parametrize("look", [LIGHT, DARK, PHONE], ids=lambda look: look.name)
def test_the_living_page_has_none(viewer: Eyes, look: Look) -> None:
    assert viewer.faults(look) == []
    assert viewer.misfits() == []


@pytest.mark.parametrize(
    ("html", "css", "says"),
    [
        ("<p id=planted>Faint words</p>", "color: #999", "color-contrast"),
        ("<input id=planted>", "", "label"),
        ("<a id=planted href='#a'>a</a><a href='#b'>b</a>", "font-size: 4px; display: inline-block", "target-size"),
        ("<img id=planted src='/static/portal/favicon.svg'>", "", "image-alt"),
    ],
)
def test_what_cannot_be_read_or_hit_is_found(viewer: Eyes, html: str, css: str, says: str) -> None:
    styled(viewer, html, css)
    assert any(f"{says}:" in fault for fault in viewer.faults(LIGHT))


def test_words_that_only_the_dark_swallows_are_found_in_the_dark(viewer: Eyes) -> None:
    styled(viewer, "<p id=planted>Dark words</p>", "color: #333")
    assert viewer.faults(LIGHT) == []
    assert any("color-contrast:" in fault for fault in viewer.faults(DARK))


def test_what_is_too_wide_or_covered_or_without_a_ring_is_found(viewer: Eyes) -> None:
    styled(viewer, "<p id=planted>Wide</p>", "width: 500px")
    assert any("500" in fault or "px wide" in fault for fault in viewer.misfits())
    styled(viewer, "<button>Under</button>", "width: auto; position: fixed; inset: 0; background: red; z-index: 9")
    assert any("covered" in fault for fault in viewer.misfits())
    styled(viewer, "<button id=bare>Bare</button>", "display: none")
    viewer.page.evaluate("document.querySelector('#bare').style.outline = 'none'")
    assert any("no focus ring" in fault and "bare" in fault for fault in viewer.misfits())


def test_what_the_browser_complains_of_is_found(viewer: Eyes) -> None:
    viewer.page.evaluate(ADD, "<p style='color: red'>Refused</p>")
    viewer.page.evaluate("console.error('something broke')")
    viewer.page.evaluate("setTimeout(() => { throw new Error('a script broke') })")
    viewer.page.wait_for_function("window.refusals.length > 0")
    found = " ".join(viewer.faults(LIGHT))
    for words in ("refused by the policy: style-src-attr inline", "something broke", "a script broke"):
        assert words in found
