"""People in browsers of their own, on a portal that really runs."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.house.reading import HERE
from tests.servers.whole_portal import Running, environment

PASSWORD = "a long demo password"
PATIENCE = 60_000  # milliseconds to wait for what a worker does


@dataclass
class Walk:
    """One person, signed in. What their browser complained about is kept and must be nothing."""

    page: Page
    portal: Running
    name: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto(f"http://127.0.0.1:{self.portal.port}{path}")
        return self.page

    def status(self, path: str) -> int:
        return self.page.request.get(f"http://127.0.0.1:{self.portal.port}{path}").status

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def sees(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def waits_for_letter(self, subject: str | re.Pattern[str]) -> None:
        """Look at the letters again until this one is there: a worker writes it."""
        self.go("/letters/?show=mine")
        letter = self.page.get_by_role("link", name=subject)
        for _ in range(PATIENCE // 2_000):
            if letter.count():
                break
            self.page.wait_for_timeout(2_000)
            self.page.reload()
        expect(letter.first).to_be_visible()
        letter.first.click()


@contextmanager
def signed_in(browser: Browser, portal: Running, name: str) -> Iterator[Walk]:
    """A browser of this person's own; afterwards it must have had nothing to complain about."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    walk = Walk(context.new_page(), portal, name)
    walk.page.on("console", lambda said: walk.complaints.append(said.text) if is_complaint(said) else None)
    walk.page.on("pageerror", lambda error: walk.complaints.append(str(error)))
    walk.go("/sign-in/")
    walk.page.get_by_label("Username").fill(name)
    walk.page.get_by_label("Password").fill(PASSWORD)
    walk.press("Sign in")
    expect(walk.page.get_by_role("navigation", name="Main")).to_be_visible()
    yield walk
    context.close()
    assert walk.complaints == []


def is_complaint(said: ConsoleMessage) -> bool:
    """Errors of the page. A form sent back is logged by the browser and is as it should be: 422 with its errors, 409
    with what happened meanwhile.
    """
    return said.type == "error" and not re.search("status of (422|409)", said.text)


def reference_of(walk: Walk, job: str) -> str:
    """The reference of the newest packet with this job, as the list shows it."""
    page = walk.go(f"/packets/?{urlencode({'tab': 'all', 'q': job})}")
    found = page.locator("main table a", has_text=job).first.get_attribute("href") or ""
    return found.split("/")[2]


def manage(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A management command on the portal's data, with nothing else running that it needs."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=HERE,
        env=environment(folder, 8000, DEMO="1", **more),
        capture_output=True,
        text=True,
        check=False,
    )
