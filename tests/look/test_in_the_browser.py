"""The living page in a real browser: no sideways scrolling, nothing the policy refuses, and the small comforts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.look.urls"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def look(page: Page, live_server: LiveServer, client: Client) -> Iterator[Page]:
    """The living page, open for a signed-in person; anything said on the console fails the test."""
    said: list[Any] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    person = get_user_model().objects.create_user("erin", first_name="Erin", last_name="Engineer")
    client.force_login(person)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto(f"{live_server.url}/look/")
    yield page
    assert said == []


@pytest.mark.parametrize("width", [320, 390, 768, 1000, 1280])
def test_no_width_makes_the_page_scroll_sideways(look: Page, width: int) -> None:
    look.set_viewport_size({"width": width, "height": 800})
    assert look.evaluate("document.documentElement.scrollWidth") <= width


def test_what_is_pressed_is_large_enough(look: Page) -> None:
    look.set_viewport_size({"width": 390, "height": 844})
    small = look.evaluate(
        """() => [...document.querySelectorAll(
            '.btn, .choice label, nav a, summary, input:not([type=radio]), textarea')]
            .map(one => [one.outerHTML.slice(0, 60), one.getBoundingClientRect().height])
            .filter(([_, height]) => height && height < 43.5)"""
    )
    assert small == []


def test_a_slash_goes_to_the_search_but_not_while_writing(look: Page) -> None:
    search = look.get_by_label("Search agents, packets, people, tools")
    look.locator("#main").focus()
    look.keyboard.press("/")
    expect(search).to_be_focused()
    look.locator("#why").focus()
    look.keyboard.press("/")
    expect(look.locator("#why")).to_have_value("/")
    expect(search).not_to_be_focused()


def test_the_button_says_what_it_will_do(look: Page) -> None:
    button = look.get_by_role("button", name="Sign:")
    expect(button).to_have_text("Sign: choose a decision first")
    look.get_by_label("Approve it narrower").check()
    expect(button).to_have_text("Sign: approve it narrower")
    look.get_by_label("Reject").check()
    expect(button).to_have_text("Sign: reject")
    expect(button).to_have_attribute("aria-disabled", "false")


def test_a_date_chip_fills_in_a_working_day(look: Page) -> None:
    look.get_by_role("button", name="30 days").click()
    field = look.get_by_label("Expiry or review date")
    assert look.evaluate("value => new Date(value).getUTCDay() % 6", field.input_value()) != 0


def test_what_is_wrong_is_read_first_and_leads_to_its_field(look: Page) -> None:
    summary = look.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Business or engineering job").click()
    assert look.evaluate("location.hash") == "#id_job"


def test_the_decision_stays_in_sight_on_a_phone(look: Page) -> None:
    look.set_viewport_size({"width": 390, "height": 844})
    look.evaluate("scrollTo(0, 900)")
    expect(look.get_by_role("link", name="Decide")).to_be_in_viewport()


DRAWN = """selector => [...document.querySelectorAll(selector)].map(one => {
    const style = getComputedStyle(one);
    const edge = side => style[`border${side}Style`] === "none" ? 0 : parseFloat(style[`border${side}Width`]);
    return { left: edge("Left"), bottom: edge("Bottom"), colour: style.borderBottomColor };
})"""


def test_nothing_is_told_by_a_background_that_forced_colours_take_away(look: Page) -> None:
    """Windows' high contrast paints every background alike, so whatever a tint says has to be an edge as well."""
    look.emulate_media(forced_colors="active")
    for selector in (".tag", ".btn", ".card", ".line", ".count", ".diff .add"):
        edges = look.evaluate(DRAWN, selector)
        assert edges, selector
        assert all(edge["left"] >= 1 for edge in edges), selector
    assert all(band["left"] >= 6 for band in look.evaluate(DRAWN, ".band"))
    current, other = look.evaluate(DRAWN, ".tabs [aria-current]"), look.evaluate(DRAWN, ".tabs a:not([aria-current])")
    assert current[0]["bottom"] >= 3
    assert current[0]["colour"] not in {one["colour"] for one in other}


def test_forced_colours_show_what_is_chosen_reached_and_under_the_keyboard(look: Page) -> None:
    look.emulate_media(forced_colors="active")
    look.get_by_label("Reject").check()
    chosen, others = look.evaluate(DRAWN, ".choice label:has(:checked)"), look.evaluate(DRAWN, ".choice label")
    assert chosen[0]["left"] > min(one["left"] for one in others)
    look.keyboard.press("Shift+Tab")
    ring = look.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
    assert ring >= 2
    marker = "selector => getComputedStyle(document.querySelector(selector), '::before').backgroundColor"
    assert look.evaluate(marker, ".steps .done") != look.evaluate(marker, ".steps li:last-child")
    assert look.evaluate(marker, ".steps [aria-current]") != look.evaluate(marker, ".steps li:last-child")


def test_whoever_asks_for_more_contrast_gets_it_and_whoever_asks_for_stillness_too(look: Page) -> None:
    colour = "getComputedStyle(document.querySelector('.soft')).color"
    before = look.evaluate(colour)
    look.emulate_media(contrast="more", reduced_motion="reduce")
    assert look.evaluate(colour) == look.evaluate("getComputedStyle(document.body).color") != before
    assert look.evaluate("getComputedStyle(document.querySelector('.btn')).transitionProperty") == "none"


def test_the_page_is_whole_without_scripts(browser: Any, live_server: LiveServer) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/sign-in/")
    expect(page.get_by_label("Username")).to_be_visible()
    expect(page.get_by_label("Password")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.context.close()


def test_the_menu_closes_when_the_focus_goes_on_so_that_it_covers_nothing(look: Page) -> None:
    menu = look.locator("[data-menu]")
    menu.locator("summary").click()
    expect(menu.get_by_role("button", name="Sign out")).to_be_visible()
    menu.get_by_role("button", name="Sign out").focus()
    expect(menu.get_by_role("button", name="Sign out")).to_be_visible()
    look.locator(".top nav a").first.focus()
    expect(menu.get_by_role("button", name="Sign out")).to_be_hidden()
