"""A whole sign-off by keyboard alone, from signing in to the notice that it is signed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.walking import PASSWORD, PATIENCE
from tests.servers.whole_portal import Running, filled, up

pytestmark = pytest.mark.browser

JOB = "Update dependencies every night."  # in review, two of Security
MOST_TABS = 150


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with up(filled(tmp_path_factory.mktemp("keys") / "data")) as running:
        yield running


def test_a_whole_sign_off_by_keyboard_alone(browser: Browser, portal: Running) -> None:
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.goto(f"http://127.0.0.1:{portal.port}/sign-in/")
    tab_to(page, labelled("Username"))
    page.keyboard.type("security")
    tab_to(page, labelled("Password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible(timeout=PATIENCE)
    tab_to(page, f"document.activeElement.matches('main a') && document.activeElement.textContent.includes('{JOB}')")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your decision")).to_be_visible(timeout=PATIENCE)
    tab_to(page, "document.activeElement.type === 'radio'")
    page.keyboard.press("Space")
    expect(page.get_by_role("radio", name="Approve", exact=True)).to_be_checked()
    tab_to(page, labelled("Reason"))
    page.keyboard.type("The rollback is written down.")
    tab_to(page, labelled("Your password, to sign for this content"))
    page.keyboard.type(PASSWORD)
    tab_to(page, "document.activeElement.textContent === 'Sign: approve'")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 more signature is needed.")).to_be_visible(timeout=PATIENCE)
    page.context.close()


def labelled(name: str) -> str:
    """That the field of this label has the focus."""
    return f"document.activeElement.labels?.[0]?.textContent.trim() === '{name}'"


def tab_to(page: Page, condition: str) -> None:
    """Press Tab until this holds; what is reached has to be seen, and to show that it has the focus."""
    for _ in range(MOST_TABS):
        if page.evaluate(condition):
            break
        page.keyboard.press("Tab")
    assert page.evaluate(condition), f"Tab never came to {condition}"
    assert page.evaluate("document.activeElement.getBoundingClientRect().height > 0")
    assert page.evaluate("document.activeElement.matches(':focus-visible')")
