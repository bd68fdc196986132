"""From an agent's configuration file to a submitted packet, typed at five keys a second: in under two minutes."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from approvals.models import Version
from tests.cast import Cast
from tests.form.typed import NEW, browser
from tests.house.reading import HERE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SETTINGS = HERE / "tests" / "data" / "claude-code" / "sentry.settings.json"
A_KEY = 200  # milliseconds
TYPED = {
    "2. Business or engineering job": "Fix issues and open a pull request.",
    "7. Identity used by the agent": "svc-sentry-dev",
    "8. Run record location": "https://logs.example.org/sentry-dev/",
    "Kept for days": "365",
    "10. Rollback owner and rollback path": "teammate",
    "Rollback path": "Revert its last merge.",
    "How access is revoked": "Disable svc-sentry-dev.",
    "What happens when the agent is wrong": "A person reviews each change.",
}


def types(page: Page, label: str, text: str) -> None:
    page.get_by_label(label, exact=True).press_sequentially(text, delay=A_KEY)


def sort(page: Page) -> None:
    """Every unsure row is chosen by one key in its list."""
    expect(page.get_by_role("button", name="Start the draft")).to_be_visible()
    for one in page.locator("tr.unsure select").all():
        one.press("c", delay=A_KEY)
    page.get_by_role("button", name="Start the draft").click()


def test_an_imported_file_is_submitted_in_under_two_minutes(page: Page, live_server: LiveServer, cast: Cast) -> None:
    cookie = browser(cast.engineer).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    begun = time.monotonic()
    page.goto(f"{live_server.url}{NEW}")
    types(page, "Agent", "sentry-dev")
    page.get_by_label(re.compile("^A file")).set_input_files(SETTINGS)
    sort(page)
    for label, text in TYPED.items():
        types(page, label, text)
    page.get_by_role("button", name="30 days").click()
    expect(page.get_by_text("Nothing. It can be submitted.")).to_be_visible()
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Saved as AP-0001 v1")).to_be_visible()
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("is submitted. An e-mail goes to")).to_be_visible()
    taken = time.monotonic() - begun
    version: Any = Version.objects.get()
    keys, lines = sum(map(len, TYPED.values())), sum(len(rows) for rows in version.lines.values())
    print(f"{version} with {lines} lines of a file and {keys} keys typed: submitted in {taken:.0f} s")
    assert version.submitted_at is not None
    assert taken < 120
