"""Signing in with an app, a passkey and a provider, in a real browser, under the strict policy of every page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import CDPSession, ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer

from approvals.models import Version
from tests.accounts.entering import code, with_app
from tests.accounts.providing import running
from tests.cast import PASSWORD, Cast, Walk

# The browser waits for a device as long as the page says; the pages leave that to it, and it is a minute or more.
IMPATIENT = """
const ask = navigator.credentials.get.bind(navigator.credentials);
navigator.credentials.get = (asked) => ask({ ...asked, publicKey: { ...asked.publicKey, timeout: 500 } });
"""
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def portal(live_server: LiveServer, page: Page) -> Iterator[str]:
    """The portal by its name, because a passkey is bound to one; the browser must not complain about any page of it."""
    url = live_server.url.replace("127.0.0.1", "localhost")
    complaints: list[str] = []

    def listen(said: ConsoleMessage) -> None:
        if said.type == "error" and page.url.startswith(url):
            complaints.append(said.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)) if page.url.startswith(url) else None)
    yield url
    assert complaints == []


@pytest.fixture
def key(page: Page) -> CDPSession:
    """A device that makes passkeys, and says yes to every question."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options: dict[str, Any] = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def enter(page: Page, portal: str, name: str = "engineer") -> None:
    page.goto(f"{portal}/sign-in/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def again(page: Page) -> None:
    """The password, asked once more."""
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def leave(page: Page) -> None:
    page.locator("details.me summary").click()
    page.get_by_role("button", name="Sign out").first.click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def is_home(page: Page) -> None:
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def test_an_app_is_set_up_and_asked_for(cast: Cast, portal: str, page: Page) -> None:
    enter(page, portal)
    page.goto(f"{portal}/account/")
    page.get_by_role("link", name="Set one up").click()
    again(page)
    picture = page.get_by_role("img", name="The key below, as a picture to scan")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0
    page.get_by_text("Or type the key into the app").click()
    secret = page.locator("details .mono").inner_text().strip()
    page.get_by_label("Code").fill(code(secret))
    page.get_by_role("button", name="Set it up").click()
    kept = page.get_by_role("list", name="Your recovery codes").get_by_role("listitem").first.inner_text()
    leave(page)
    enter(page, portal)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    page.get_by_label("Code").fill(kept)
    page.get_by_role("button", name="Sign in", exact=True).click()
    is_home(page)


@pytest.mark.usefixtures("key")
def test_a_passkey_is_added_and_signs_in_alone_and_as_the_second_step(cast: Cast, portal: str, page: Page) -> None:
    enter(page, portal)
    page.goto(f"{portal}/account/passkeys/add/")
    again(page)
    page.get_by_label("Name").fill("Blue key")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("list", name="Your recovery codes")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("Blue key").first).to_be_visible()
    leave(page)
    page.goto(f"{portal}/sign-in/?next=/agents/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Agents", level=1)).to_be_visible()
    leave(page)
    enter(page, portal)
    page.get_by_role("button", name="Use your passkey").click()
    is_home(page)
    page.goto(f"{portal}/account/show/?purpose=a+decision&next=/agents/")
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("heading", name="Agents", level=1)).to_be_visible()


@pytest.mark.usefixtures("key")
def test_a_device_without_a_passkey_says_so_and_nobody_comes_in(cast: Cast, portal: str, page: Page) -> None:
    page.add_init_script(IMPATIENT)
    page.goto(f"{portal}/sign-in/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert").filter(has_text="Nothing was used")).to_be_visible(timeout=70_000)
    page.goto(f"{portal}/account/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def decision(page: Page, portal: str, version: Version) -> None:
    """The panel, with a verdict chosen and a reason written."""
    page.goto(f"{portal}{version.get_absolute_url()}")
    page.get_by_role("radio", name="Approve", exact=True).check()
    page.get_by_label("Reason", exact=True).fill("My long reason.")


def comes_back_and_signs(page: Page, version: Version, words: str) -> None:
    """What was chosen and written is there, and one press signs."""
    expect(page.get_by_text("You have shown who you are until")).to_be_visible()
    expect(page.get_by_role("radio", name="Approve", exact=True)).to_be_checked()
    expect(page.get_by_label("Reason", exact=True)).to_have_value("My long reason.")
    page.get_by_role("button", name="Sign: approve", exact=True).click()
    expect(page.get_by_text("That was the last signature")).to_be_visible()
    decision = version.decisions.get()
    assert (decision.signed_with, decision.reason) == (words, "My long reason.")


@pytest.mark.usefixtures("key")
def test_a_passkey_signs_and_what_was_written_is_still_there(
    cast: Cast, portal: str, page: Page, in_review: Walk
) -> None:
    version = in_review()
    enter(page, portal, "security")
    page.goto(f"{portal}/account/passkeys/add/")
    again(page)
    page.get_by_label("Name").fill("Blue key")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("list", name="Your recovery codes")).to_be_visible()
    decision(page, portal, version)
    page.get_by_role("button", name="Sign with a passkey").click()
    page.get_by_role("button", name="Use your passkey").click()
    comes_back_and_signs(page, version, "signed with passkey")


def test_a_code_signs_beside_the_password(cast: Cast, portal: str, page: Page, in_review: Walk) -> None:
    version, secret = in_review(), with_app(cast.security)
    enter(page, portal, "security")
    page.get_by_label("Code").fill(code(secret, -1))
    page.get_by_role("button", name="Sign in", exact=True).click()
    is_home(page)
    decision(page, portal, version)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("Code of your authenticator app").fill(code(secret))
    page.get_by_role("button", name="Sign: approve", exact=True).click()
    expect(page.get_by_text("That was the last signature")).to_be_visible()
    assert version.decisions.get().signed_with == "signed with password and code"


def test_who_comes_through_the_provider_signs_there_again(cast: Cast, portal: str, page: Page, in_review: Walk) -> None:
    version = in_review()
    cast.security.set_unusable_password()
    cast.security.save()
    with running() as provider:
        provider.knows("sam-1", email="security@example.org", email_verified=True, groups=["sec"])
        page.goto(f"{portal}/sign-in/")
        page.get_by_role("link", name="Sign in with localhost").click()
        page.get_by_placeholder("sub").fill("sam-1")
        page.get_by_role("button", name="Authorize").click()
        is_home(page)
        decision(page, portal, version)
        page.get_by_role("button", name="Sign in again at localhost to sign").click()
        page.get_by_role("link", name="Sign in again with localhost").click()
        page.get_by_placeholder("sub").fill("sam-1")
        page.get_by_role("button", name="Authorize").click()
        comes_back_and_signs(page, version, "signed with provider")


def test_somebody_comes_in_through_the_provider(cast: Cast, portal: str, page: Page) -> None:
    with running() as provider:
        provider.knows("pia-1", preferred_username="pia", name="Pia Park", groups=["web"])
        page.goto(f"{portal}/sign-in/")
        page.get_by_role("link", name="Sign in with localhost").click()
        page.get_by_placeholder("sub").fill("pia-1")
        page.get_by_role("button", name="Authorize").click()
        is_home(page)
        expect(page.get_by_text("Pia Park").first).to_be_visible()
        expect(page.get_by_role("link", name="New packet").first).to_be_visible()
