"""Home and the lists of lines in a real browser, as every demo account: whole at every width, and nothing refused."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.models import User
from tests.pages.asking import signed_in
from tests.servers.demo import demo_rows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ACCOUNTS = ("engineer", "teammate", "outsider", "security", "security2", "auditor", "responder", "admin")
PATHS = ("/", "/agents/docs-writer/", "/may/?agent=docs-writer", "/who/?q=Read")
WIDTHS = (320, 390, 1366)


def test_every_account_has_a_whole_home_and_a_quiet_console(page: Page, live_server: LiveServer) -> None:
    with demo_rows():
        _walk(page, live_server)
        _opens_the_table(page, live_server)
        _stops_on_a_phone(page, live_server)


def _walk(page: Page, live_server: LiveServer) -> None:
    said: list[Any] = []
    page.on("console", lambda message: said.append((page.url, message.text)) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append((page.url, str(error))))
    for name in ACCOUNTS:
        cookie = signed_in(User.objects.get(username=name)).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        for path in PATHS[:1] if name == "outsider" else PATHS:
            page.goto(live_server.url + path)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, path, width)
    assert said == []


def _opens_the_table(page: Page, live_server: LiveServer) -> None:
    cookie = signed_in(User.objects.get(username="security")).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto(live_server.url)
    strip = page.get_by_role("img", name="Packets ending per week")
    expect(strip).to_be_visible()
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("table", name="Packets ending per week")).to_be_visible()


def _stops_on_a_phone(page: Page, live_server: LiveServer) -> None:
    cookie = signed_in(User.objects.get(username="responder")).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/agents/docs-writer/")
    expect(page.get_by_role("link", name="Stop it")).to_be_in_viewport()
