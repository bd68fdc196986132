"""An approved packet over time, in the browser: given up in part, amended wider, and renewed.

The tests of this file run in their order on one portal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.walking import PASSWORD, reference_of, signed_in
from tests.servers.whole_portal import Running, filled, up

pytestmark = pytest.mark.browser

WRITES = "Keep the documentation in step with the code."  # docs-writer: version 2 is in force
RUN = "Describe the new settings page."  # one run inside it
LICENCES = "Note the licence of every dependency."  # version 1 is in force and ends soon


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with up(filled(tmp_path_factory.mktemp("time") / "data")) as running:
        yield running


@pytest.fixture(scope="module")
def writer(browser: Browser, portal: Running) -> str:
    """The reference of the standing packet."""
    with signed_in(browser, portal, "auditor") as tom:
        return reference_of(tom, WRITES)


@pytest.fixture(scope="module")
def run(browser: Browser, portal: Running) -> str:
    """The reference of the run inside it."""
    with signed_in(browser, portal, "auditor") as tom:
        return reference_of(tom, RUN)


def test_the_owner_gives_up_a_line_at_once(browser: Browser, portal: Running, writer: str) -> None:
    with signed_in(browser, portal, "engineer") as mara:
        page = mara.go(f"/packets/{writer}/")
        page.get_by_role("button", name="Give up", exact=True).click()
        mara.sees(re.compile("What this cannot take back"))
        page.get_by_role("checkbox", name="Remove: Bash(git status *)", exact=True).check()
        page.get_by_role("button", name="Give up", exact=True).click()
        mara.sees(f"{writer} v2 is narrower from now on.")
        mara.sees("Mara Lindqvist")
        expect(page.locator("#cuts")).to_contain_text("gave up 1 line")
        expect(page.locator("s", has_text="Bash(git status *)")).to_be_visible()


def test_the_owner_amends_it_wider_and_the_signer_sees_that_first(
    browser: Browser, portal: Running, writer: str, run: str
) -> None:
    with signed_in(browser, portal, "engineer") as mara:
        page = mara.go(f"/packets/{writer}/")
        page.get_by_role("button", name="Amend", exact=True).click()
        page.get_by_role("link", name="Edit", exact=True).click()
        page.get_by_label("4. Allowed tools and methods", exact=True).fill("Bash: git diff *, git log *, gh api *")
        page.get_by_role("button", name="Submit for review").click()
        mara.sees(re.compile(f"{writer} v3 is (submitted|in review)"))
        mara.go(f"/packets/{writer}/")
        mara.sees(f"{writer} v3 is in review.")
    with signed_in(browser, portal, "security") as sam:
        page = sam.go(f"/packets/{writer}/v3/")
        first = page.locator("#changed .diff li").first
        expect(first).to_contain_text("Bash(gh api *)")
        expect(first).to_contain_text("gh api can change things")
        expect(page.locator(".group li .text", has_text="gh api *")).to_contain_text("wider, high")
        expect(page.locator("#elsewhere")).to_contain_text(f"{run} v1")


def test_the_owner_renews_it_with_nothing_wider_and_a_teammate_signs(browser: Browser, portal: Running) -> None:
    with signed_in(browser, portal, "engineer") as mara:
        licences = reference_of(mara, LICENCES)
        page = mara.go(f"/packets/{licences}/")
        page.get_by_role("button", name="Renew", exact=True).click()
        page.get_by_role("button", name="Submit for review").click()
        mara.sees(re.compile(f"{licences} v2 is (submitted|in review)"))
    with signed_in(browser, portal, "teammate") as jonas:
        page = jonas.go(f"/packets/{licences}/v2/")
        expect(page.locator("#changed .diff li")).to_have_count(1)
        expect(page.locator("#changed .diff li")).to_contain_text("ends")
        page.get_by_role("radio", name="Approve", exact=True).check()
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Sign: approve", exact=True).click()
        jonas.sees(f"You signed {licences} v2. That was the last signature: it is approved.")
        jonas.go(f"/packets/{licences}/v1/")
        jonas.sees("Superseded")
