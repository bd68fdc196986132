"""A signer's day in the browser: ask at a line, decide in each of the four ways, and stop an agent on a phone.

The tests of this file run in their order on one portal; each begins with what the demo or the one before it left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.walking import PASSWORD, Walk, reference_of, signed_in
from tests.servers.whole_portal import Running, filled, up

pytestmark = pytest.mark.browser

MOST_CLICKS = 10
UPDATES = "Update dependencies every night."  # in review, two of Security
REFUNDS = "Draft answers to refund tickets."  # in review, one of Security, with a question that is not answered


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with up(filled(tmp_path_factory.mktemp("day") / "data")) as running:
        yield running


@pytest.fixture(scope="module")
def updates(browser: Browser, portal: Running) -> str:
    """The reference of the packet that updates dependencies."""
    with signed_in(browser, portal, "auditor") as tom:
        return reference_of(tom, UPDATES)


@pytest.fixture(scope="module")
def refunds(browser: Browser, portal: Running) -> str:
    """The reference of the packet that drafts answers."""
    with signed_in(browser, portal, "auditor") as tom:
        return reference_of(tom, REFUNDS)


def choose(page: Page, verdict: str, reason: str) -> None:
    page.get_by_role("radio", name=verdict, exact=True).check()
    page.get_by_label("Reason", exact=True).fill(reason)


def sign(page: Page) -> None:
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name=re.compile("^Sign")).click()


def inside(page: Page, *names: str) -> list[str]:
    """Those of the panel's parts that are not whole in the window as it stands."""
    return [name for name in names if not page.locator(name).evaluate(WHOLE)]


WHOLE = """part => {
    const box = part.getBoundingClientRect();
    const pane = part.closest('.decide > .body')?.getBoundingClientRect() ?? {top: 0, bottom: innerHeight};
    return box.height > 0 && box.top >= Math.max(0, pane.top) && box.bottom <= Math.min(innerHeight, pane.bottom);
}"""
PARTS = ["#decide-verdict label >> nth=0", "#decide-verdict label >> nth=1", "#decide-verdict label >> nth=2",
         "#decide-verdict label >> nth=3", "#decide-reason", "#decide-password", ".decide > footer .btn"]  # fmt: skip


def test_from_signing_in_to_the_signed_notice_in_ten_clicks_or_fewer(
    browser: Browser, portal: Running, updates: str
) -> None:
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    clicks = 0

    def click(what: object) -> None:
        nonlocal clicks
        what.click()  # type: ignore[attr-defined]
        clicks += 1

    page.goto(f"http://127.0.0.1:{portal.port}/sign-in/")
    click(page.get_by_label("Username"))
    page.keyboard.type("security2")
    click(page.get_by_label("Password"))
    page.keyboard.type(PASSWORD)
    click(page.get_by_role("button", name="Sign in"))
    click(page.locator("main").get_by_role("link", name=re.compile("Update dependencies")))
    click(page.get_by_role("radio", name="Approve", exact=True))
    click(page.get_by_label("Your password"))
    page.keyboard.type(PASSWORD)
    click(page.get_by_role("button", name="Sign: approve", exact=True))
    expect(page.get_by_text(f"You signed {updates} v1. 1 more signature is needed.")).to_be_visible()
    print(f"\nFrom the sign-in page to the signed notice: {clicks} clicks.")
    assert clicks <= MOST_CLICKS
    page.context.close()


def test_the_decision_fits_the_first_screen_of_a_laptop_and_nothing_is_preselected(
    browser: Browser, portal: Running, updates: str, refunds: str
) -> None:
    with signed_in(browser, portal, "security") as sam:
        for reference in (updates, refunds):
            page = sam.go(f"/packets/{reference}/v1/")
            assert inside(page, *PARTS) == []
            assert page.locator("[type=radio]:checked, [type=checkbox]:checked").count() == 0
            expect(page.get_by_role("button", name="Sign: choose a decision first")).to_be_visible()
            page.evaluate("scrollTo(0, document.body.scrollHeight)")
            assert inside(page, *PARTS) == [], "it stays in sight to the end of the page"


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 640), (320, 256)])
def test_on_a_phone_and_at_four_hundred_per_cent_the_decision_is_docked_and_reached(
    width: int, height: int, browser: Browser, portal: Running, refunds: str
) -> None:
    with signed_in(browser, portal, "security") as sam:
        sam.page.set_viewport_size({"width": width, "height": height})
        page = sam.go(f"/packets/{refunds}/v1/")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        expect(page.get_by_role("link", name="Decide", exact=True)).to_be_in_viewport()
        page.evaluate("scrollTo(0, 900)")
        page.get_by_role("link", name="Decide", exact=True).click()
        page.get_by_role("radio", name="Approve it narrower", exact=True).check()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        button = page.get_by_role("button", name=re.compile("^Sign"))
        button.scroll_into_view_if_needed()
        expect(button).to_be_in_viewport()


def test_a_signer_asks_at_the_line_and_the_owner_answers_there(browser: Browser, portal: Running, refunds: str) -> None:
    with signed_in(browser, portal, "security") as sam:
        page = sam.go(f"/packets/{refunds}/v1/")
        page.get_by_label("Reason", exact=True).fill("Half a thought.")
        row = page.locator(".group li", has_text="mcp__knowledge__*")
        row.get_by_role("link", name=re.compile("^Ask")).click()
        question = row.get_by_label(re.compile("^Your question about mcp__knowledge__"))
        expect(question).to_be_focused()
        expect(page.get_by_label("Reason", exact=True)).to_have_value("Half a thought.")
        question.fill("Which tools of the server?")
        row.get_by_role("button", name="Ask").click()
        expect(row).to_contain_text("Sam Okafor asked: “Which tools of the server?” Not answered yet.")
    with signed_in(browser, portal, "outsider") as priya:
        page = priya.go(f"/packets/{refunds}/v1/")
        expect(page.get_by_role("heading", name="2 questions wait for an answer")).to_be_visible()
        page.locator(".group li", has_text="mcp__knowledge__*").get_by_role("link", name="Answer it").click()
        asked = page.locator("#questions .signature", has_text="Which tools of the server?")
        asked.get_by_label("Answer").fill("search and read_article.")
        asked.get_by_role("button", name="Answer").click()
    with signed_in(browser, portal, "security2") as ines:
        page = ines.go(f"/packets/{refunds}/v1/")
        row = page.locator(".group li", has_text="mcp__knowledge__*")
        expect(row).to_contain_text("Priya Nair answered: “search and read_article.”")
        expect(page.locator("#questions")).to_contain_text("search and read_article.")


def test_two_look_at_it_at_once_and_nothing_is_locked(browser: Browser, portal: Running, refunds: str) -> None:
    with signed_in(browser, portal, "security2") as ines, signed_in(browser, portal, "security") as sam:
        with ines.page.expect_response(re.compile("/looking/")):
            ines.go(f"/packets/{refunds}/v1/")
        page = sam.go(f"/packets/{refunds}/v1/")
        expect(page.get_by_text("Looking at it now: Ines Duarte")).to_be_visible()
        choose(page, "Request changes", "Name search and read_article instead of the whole server.")
        sign(page)
        sam.sees(f"You requested changes on {refunds} v1.")
        choose(ines.page, "Approve", "I had read it.")
        sign(ines.page)
        ines.sees(f"{refunds} v1 is changes requested, so this cannot be done.")
        ines.sees("Since you opened this page:")
        ines.sees("What you had typed:")
        ines.sees("“I had read it.”")


def test_the_new_version_begins_with_the_reason_and_is_rejected(
    browser: Browser, portal: Running, refunds: str
) -> None:
    with signed_in(browser, portal, "outsider") as priya:
        page = priya.go(f"/packets/{refunds}/v2/")
        priya.sees("“Name search and read_article instead of the whole server.”")
        page.get_by_role("button", name="Submit for review").click()
        priya.sees(re.compile(f"{refunds} v2 is submitted"))
    with signed_in(browser, portal, "security") as sam:
        page = sam.go(f"/packets/{refunds}/v2/")
        expect(page.get_by_role("heading", name="What changed since v1, which was sent back")).to_be_visible()
        choose(page, "Reject", "It is the same as before.")
        sign(page)
        sam.sees(f"You rejected {refunds} v2.")
        sam.go(f"/packets/{refunds}/v2/")
        sam.sees("Rejected by Sam Okafor for Security")
        sam.sees("“It is the same as before.”")


def test_the_second_signer_cuts_and_the_button_says_what(browser: Browser, portal: Running, updates: str) -> None:
    with signed_in(browser, portal, "security") as sam:
        page = sam.go(f"/packets/{updates}/v1/")
        sam.sees("1 of 2 signatures. You can give the last one, for Security.")
        page.get_by_role("radio", name="Approve it narrower", exact=True).check()
        button = page.locator(".decide > footer .btn")
        expect(button).to_have_text("Sign: approve narrower, nothing cut yet")
        for line in ("Bash(kubectl rollout undo *)", "Bash(kubectl rollout restart *)"):
            page.get_by_role("checkbox", name=f"Remove: {line}", exact=True).check()
        expect(button).to_have_text("Sign: approve narrower, 2 lines cut")
        page.get_by_label(re.compile("^Earlier end")).fill("2027-01-12T12:00")
        expect(button).to_have_text("Sign: approve narrower, 2 lines cut, ends 12 Jan")
        page.get_by_label("Reason", exact=True).fill("Updating needs no rollout.")
        page.get_by_label("Your password").fill(PASSWORD)
        button.click()
        sam.sees("That was the last signature: it is approved.")
        sam.go(f"/packets/{updates}/v1/")
        sam.sees(re.compile("cut 2 lines and brought the end nearer after an earlier signature"))
        expect(page.locator("#findings")).to_contain_text("Settled The line was cut by Sam Okafor.")


def test_a_responder_stops_the_agent_on_a_phone(browser: Browser, portal: Running, updates: str) -> None:
    with signed_in(browser, portal, "responder") as aiko:
        aiko.page.set_viewport_size({"width": 390, "height": 844})
        page = aiko.go(f"/packets/{updates}/")
        page.get_by_role("button", name="Suspend", exact=True).click()
        aiko.sees(re.compile(f"It stops {updates} v1: dependency-updater as svc-dependency-updater, until 12 Jan 2027"))
        aiko.sees(re.compile("What this cannot stop"))
        page.get_by_label("Reason").fill("It opened forty pull requests.")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_role("button", name="Suspend", exact=True).click()
        aiko.sees("Suspended by Aiko")
        aiko.sees("Who can resume it:")


def test_security_resumes_and_revokes(browser: Browser, portal: Running, updates: str) -> None:
    with signed_in(browser, portal, "security2") as ines:
        ines.go(f"/packets/{updates}/")
        decided(ines, "Resume", "The loop was found.")
        ines.sees(f"{updates} holds again from now on.")
        ines.go(f"/packets/{updates}/")
        decided(ines, "Revoke", "It is not needed any more.")
        ines.sees("Revoked by Ines Duarte")
        assert ines.page.get_by_role("button", name="Suspend", exact=True).count() == 0


def decided(walk: Walk, verb: str, reason: str) -> None:
    walk.press(verb)
    walk.page.get_by_label("Reason").fill(reason)
    walk.press(verb)
