"""Three short journeys in a real browser: the glass is broken, a leaver hands over, and an administrator sets up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from approvals.models import Version
from approvals.vocabulary import State
from portal.models import User
from tests.cast import PASSWORD, Cast, Walk, latest
from tests.pages.asking import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Enter = Callable[[User], None]


@pytest.fixture
def enter(live_server: LiveServer, page: Page) -> Iterator[Enter]:
    """From now on this person sits before the browser, which must have had nothing to complain about."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def sit(person: User) -> None:
        cookie = signed_in(person).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page.goto(live_server.url)

    yield sit
    assert complaints == []


def test_the_glass_is_broken_and_the_missing_signature_closes_it(
    cast: Cast, enter: Enter, live_server: LiveServer, page: Page, in_review: Walk
) -> None:
    version = in_review(seats={"Security": 2})
    address = live_server.url + version.get_absolute_url()
    enter(cast.security)
    page.goto(address)
    page.get_by_role("button", name="Break the glass").click()
    page.get_by_label("Reason", exact=True).fill("Checkout is down.")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Break the glass").click()
    expect(page.get_by_text("In force by break-glass until").first).to_be_visible()
    enter(cast.security2)
    expect(page.get_by_role("heading", name="In force by break-glass")).to_be_visible()
    page.goto(address)
    page.get_by_role("radio", name="Approve", exact=True).check()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign: approve", exact=True).click()
    expect(page.get_by_text("That was the last signature")).to_be_visible()
    expect(page.get_by_text("In force by break-glass until")).to_have_count(0)
    assert latest(version).state == State.APPROVED


def test_a_leavers_packet_is_handed_over_while_it_stays_in_force(
    cast: Cast, enter: Enter, live_server: LiveServer, page: Page, in_force: Walk
) -> None:
    version = in_force()
    enter(cast.admin)
    page.goto(f"{live_server.url}/portal/user/{cast.engineer.pk}/change/")
    page.get_by_role("link", name="Hand over what names them").click()
    page.get_by_role("checkbox").check()
    page.get_by_label("New person").fill(cast.teammate.username)
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_role("status").first).to_be_visible()
    draft = Version.objects.get(packet=version.packet, number=2)
    assert (draft.owner, draft.state, latest(version).state) == (cast.teammate, State.DRAFT, State.APPROVED)
    enter(cast.teammate)
    expect(page.get_by_role("heading", name="Somebody named you")).to_be_visible()
    page.get_by_role("button", name="I accept").click()
    expect(page.get_by_role("heading", name="Somebody named you")).to_have_count(0)


def test_an_administrators_first_day(cast: Cast, enter: Enter, page: Page) -> None:
    enter(cast.admin)
    page.get_by_role("link", name="Set it up").click()
    signers = page.locator("#signers")
    expect(signers.get_by_text("Not tested yet.")).to_be_visible()
    signers.get_by_role("button", name="Look at the signers").click()
    expect(page.get_by_role("status").first).to_contain_text("2 people of Security could sign now")
    expect(signers.get_by_text("Passed")).to_be_visible()
    page.get_by_role("button", name="Send me a test e-mail").click()
    mail = page.locator("#mail")
    expect(mail.get_by_text("nobody gets it")).to_be_visible()
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
