"""The form in a real browser: names as read aloud, both levels without scripts, and the small comforts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from approvals.models import Version
from approvals.vocabulary import TEN_LABELS
from tests.cast import Cast
from tests.form.typed import NEW, browser

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def signed_in(page: Page, live_server: LiveServer, cast: Cast) -> Page:
    cookie = browser(cast.engineer).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto(f"{live_server.url}{NEW}")
    return page


def test_every_input_is_found_by_its_label(page: Page, live_server: LiveServer, cast: Cast) -> None:
    signed_in(page, live_server, cast)
    page.get_by_label("Agent", exact=True).fill("sentry-dev")
    for number, label in enumerate(TEN_LABELS, 1):
        expect(page.get_by_label(f"{number}. {label}", exact=True)).to_be_editable()
        expect(page.get_by_label(label)).to_have_count(1)
    page.get_by_label("Rollback path", exact=True).fill("1. Suspend it.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("heading", name="Edit AP-0001 v1")).to_be_visible()
    expect(page.get_by_role("button", name="Submit for review")).to_be_visible()


def test_return_in_an_input_saves_and_never_submits(page: Page, live_server: LiveServer, cast: Cast) -> None:
    signed_in(page, live_server, cast)
    page.get_by_label("Agent", exact=True).fill("sentry-dev")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is a draft")).to_be_visible()


def test_the_level_shows_its_part_without_scripts(browser: Browser, live_server: LiveServer, cast: Cast) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = signed_in(context.new_page(), live_server, cast)
    expect(page.get_by_label("How access is revoked")).to_be_visible()
    expect(page.get_by_label("Files it may read")).to_be_hidden()
    page.get_by_label("One run, inside a system packet").check()
    expect(page.get_by_label("Files it may read")).to_be_visible()
    expect(page.get_by_label("How access is revoked")).to_be_hidden()
    context.close()


def test_a_date_is_told_at_once_and_chips_fill_it(page: Page, live_server: LiveServer, cast: Cast) -> None:
    signed_in(page, live_server, cast)
    ends = page.get_by_label("Expiry or review date")
    ends.fill("2031-02-26")
    expect(page.get_by_text("Means Wed 26 Feb 2031 00:00 UTC")).to_be_visible()
    page.get_by_role("button", name="90 days").click()
    assert ends.input_value().endswith(" 12:00")
    expect(page.get_by_text("12:00 UTC, in ")).to_be_visible()


def test_rows_are_sorted_by_keys_alone(page: Page, live_server: LiveServer, cast: Cast, tmp_path: Path) -> None:
    rules = [f"Bash(gh api:{number}*)" for number in range(3)]
    (tmp_path / "settings.json").write_text(json.dumps({"permissions": {"allow": rules}}))
    signed_in(page, live_server, cast).goto(f"{live_server.url}/packets/import/")
    page.get_by_label("Agent", exact=True).fill("sentry-dev")
    page.get_by_label("File").set_input_files(tmp_path / "settings.json")
    page.get_by_role("button", name="Read it").click()
    page.locator("tbody select").first.focus()
    for key in "ANL":
        page.keyboard.press(key)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Edit AP-0001 v1")).to_be_visible()
    lines = Version.objects.get().lines
    assert sorted(lines) == ["human_approval", "never"]


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_width_scrolls_sideways_and_nothing_is_refused(
    page: Page, live_server: LiveServer, cast: Cast, width: int
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    signed_in(page, live_server, cast)
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert said == []
