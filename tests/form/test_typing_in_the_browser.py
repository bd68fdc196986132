"""Typing in a real browser: what signers will see, what is missing, what is kept; files, keys alone, a phone, dark."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from approvals.models import Packet, Version, WorkingCopy
from portal.models import User
from tests.cast import Cast
from tests.form.typed import NEW, TYPED, browser, typed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
END = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%d 12:00")


@pytest.fixture
def people(browser: Browser, live_server: LiveServer) -> Iterator[Any]:
    """people(person, **context): a page of this person's own, on the form. No browser may have complained."""
    said: list[str] = []
    contexts: list[BrowserContext] = []

    def opened(person: User, **options: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        cookie = signed(person)
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(NEW)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [one for one in said if "status of 422" not in one] == []


def signed(person: User) -> str:
    return browser(person).cookies["sessionid"].value


def tools(page: Page) -> Any:
    return page.get_by_label("4. Allowed tools and methods")


def rail(page: Page) -> Any:
    return page.get_by_role("complementary", name="As it stands")


def is_kept(page: Page) -> None:
    expect(page.get_by_text(re.compile(r"^Saved (just now|\d+ s ago)$"))).to_be_visible()


def test_typing_shows_what_signers_will_see_and_leaves_the_caret_alone(cast: Cast, people: Any) -> None:
    page = people(cast.engineer)
    before = Packet.objects.count()
    tools(page).click()
    page.keyboard.type("Bash(gh api *)\nBash(find *")
    beneath = page.locator('[data-live="tools"]')
    expect(beneath).to_contain_text("gh api can change things")
    expect(beneath).to_contain_text("Line 2")
    expect(beneath).to_contain_text("Did you mean Bash(find *)?")
    expect(rail(page)).to_contain_text("High risk")
    expect(rail(page)).to_contain_text("two of Security")
    expect(tools(page)).to_be_focused()
    page.keyboard.type(")")
    expect(tools(page)).to_have_value("Bash(gh api *)\nBash(find *)")
    expect(beneath).not_to_contain_text("Line 2")
    assert Packet.objects.count() == before, "looking saves nothing"


def test_the_links_to_what_is_missing_lead_there_and_vanish(cast: Cast, people: Any) -> None:
    page = people(cast.engineer)
    link = rail(page).get_by_role("link", name="Identity used by the agent")
    link.click()
    expect(page.get_by_label("7. Identity used by the agent")).to_be_focused()
    page.keyboard.type("svc-sentry-dev")
    expect(link).to_have_count(0)
    expect(rail(page).get_by_role("link", name="Run record location")).to_be_visible()


def test_an_answer_about_older_text_is_dropped(cast: Cast, people: Any) -> None:
    page = people(cast.engineer)
    held: list[Any] = []
    page.route("**/as-typed/", lambda route: route.continue_() if held else held.append(route))
    with page.expect_request("**/as-typed/"):
        tools(page).fill("old_tool")
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/as-typed/")):
        tools(page).fill("new_tool")
    expect(page.locator('[data-live="tools"]')).to_have_text("new_tool")
    assert len(held) == 1, "the first question was asked, and given up for the second"


def test_what_was_typed_survives_a_closed_tab_and_is_nobody_elses(cast: Cast, people: Any) -> None:
    page = people(cast.engineer)
    page.get_by_label("2. Business or engineering job").fill("Only in my head.")
    is_kept(page)
    expect(page.get_by_text("kept for you; nobody else sees it")).to_be_visible()
    context = page.context
    page.close()
    again = context.new_page()
    again.goto(NEW)
    expect(again.get_by_label("2. Business or engineering job")).to_have_value("Only in my head.")
    expect(again.get_by_text("and did not save")).to_be_visible()
    other = people(cast.teammate)
    expect(other.get_by_label("2. Business or engineering job")).to_have_value("")
    again.get_by_role("button", name="Throw it away").click()
    expect(again.get_by_label("2. Business or engineering job")).to_have_value("")
    assert not WorkingCopy.objects.exists()


def test_a_tab_closed_at_once_loses_nothing(cast: Cast, people: Any) -> None:
    page = people(cast.engineer)
    page.get_by_label("7. Identity used by the agent").fill("svc-fast")
    page.goto("/packets/")
    waited = 0
    while not WorkingCopy.objects.exists() and waited < 50:  # it is sent while the page closes
        page.wait_for_timeout(100)
        waited += 1
    page.goto(NEW)
    expect(page.get_by_label("7. Identity used by the agent")).to_have_value("svc-fast")


def test_a_secret_is_refused_in_words_while_typing(cast: Cast, people: Any) -> None:
    page = people(cast.engineer)
    page.get_by_label("7. Identity used by the agent").fill("ghp_" + "a1B2" * 10)
    expect(page.get_by_text("a secret is never stored")).to_be_visible()
    expect(rail(page)).to_contain_text("This looks like a secret")
    assert "identity" not in WorkingCopy.objects.get().typed


def test_a_dropped_file_is_sorted_and_fills_the_form(cast: Cast, people: Any) -> None:
    page = people(cast.engineer)
    page.get_by_label("Agent", exact=True).fill("sentry-dev")
    page.get_by_label("7. Identity used by the agent").fill("svc-sentry-dev")
    text = json.dumps({"permissions": {"allow": ["Bash(git diff:*)"], "deny": ["Read(.env)"]}})
    transfer = page.evaluate_handle(
        """text => {
            const data = new DataTransfer();
            data.items.add(new File([text], "settings.json"));
            return data;
        }""",
        text,
    )
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": transfer})
    page.get_by_role("button", name="Start the draft").click()
    expect(page.get_by_role("heading", name="Edit AP-0001 v1")).to_be_visible()
    expect(tools(page)).to_have_value("Bash(git diff *)")
    expect(page.get_by_label("7. Identity used by the agent")).to_have_value("svc-sentry-dev")


def test_a_chosen_file_is_read_without_scripts_too(
    browser: Browser, live_server: LiveServer, cast: Cast, people: Any, tmp_path: Path
) -> None:
    (tmp_path / "settings.json").write_text(json.dumps({"permissions": {"allow": ["Bash(git diff:*)"]}}))
    page = people(cast.engineer, java_script_enabled=False)
    page.get_by_label(re.compile("^A file")).set_input_files(tmp_path / "settings.json")
    page.get_by_role("button", name="Read the file").click()
    page.get_by_label("Agent", exact=True).fill("sentry-dev")
    page.get_by_role("button", name="Start the draft").click()
    expect(page.get_by_role("heading", name="Edit AP-0001 v1")).to_be_visible()
    expect(rail(page)).to_contain_text("Still missing")


def test_a_template_and_an_earlier_packet_fill_the_form(cast: Cast, people: Any) -> None:
    browser(cast.engineer).post(NEW, typed(job="Answer billing questions."))
    page = people(cast.engineer)
    page.get_by_role("link", name="A template").click()
    page.get_by_role("link", name="Use it: Support triage").click()
    expect(page.get_by_label("6. Actions that require human approval")).to_have_value(re.compile("send_reply"))
    expect(page.get_by_text("Nothing is saved yet")).to_be_visible()
    page.get_by_role("link", name="An earlier packet").click()
    page.get_by_label("Reference, agent, job or identity").fill("billing")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="AP-0001 v1").click()
    expect(page.get_by_label("2. Business or engineering job")).to_have_value("Answer billing questions.")
    assert Packet.objects.count() == 1


@pytest.mark.parametrize("scripts", [True, False])
def test_a_link_to_a_run_shows_only_what_belongs_to_it(cast: Cast, people: Any, scripts: bool) -> None:
    page = people(cast.engineer, java_script_enabled=scripts)
    page.goto(f"{NEW}?level=run&parent=AP-0042&agent=sentry-dev")
    expect(page.get_by_role("radio", name="One run, inside a system packet")).to_be_checked()
    expect(page.get_by_label("Parent packet")).to_have_value("AP-0042")
    expect(page.get_by_label("Commands it may run")).to_be_visible()
    expect(page.get_by_label("How access is revoked")).to_be_hidden()
    expect(rail(page)).not_to_contain_text("How access is revoked")
    expect(rail(page)).to_contain_text("Task")


def test_the_whole_form_is_written_and_submitted_with_keys_alone(cast: Cast, people: Any) -> None:
    page = people(cast.engineer)
    page.get_by_label("Agent", exact=True).focus()
    for _ in range(60):
        name = page.evaluate("document.activeElement.name || ''")
        if page.evaluate("document.activeElement.matches('button[name=then][value=submit]')"):
            break
        text = {"ends": END}.get(name, str(TYPED.get(name, "")))
        if name not in ("owner", "level", "each_run_needs_packet", "human_approval_by") and text:
            page.keyboard.insert_text(text.replace("\r", ""))
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("is submitted. An e-mail goes to")).to_be_visible()
    assert Version.objects.get().submitted_by == cast.engineer


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_bar_counts_what_is_missing_and_submits(cast: Cast, people: Any, scheme: Any) -> None:
    page = people(cast.engineer, viewport={"width": 390, "height": 844}, color_scheme=scheme)
    bar = page.get_by_role("group", name="Send")
    submit = page.get_by_role("button", name="Submit for review")
    expect(submit).to_have_count(1)
    expect(submit).to_be_in_viewport()
    count = int(re.findall(r"\d+", bar.inner_text())[0])
    page.get_by_label("7. Identity used by the agent").fill("svc-sentry-dev")
    expect(bar).to_contain_text(f"{count - 1} still missing")
    expect(submit).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    submit.click()
    expect(page.get_by_role("heading", name="There is something to mend")).to_be_visible()


def test_the_rail_stays_in_sight_on_a_desktop(cast: Cast, people: Any) -> None:
    page = people(cast.engineer, viewport={"width": 1366, "height": 768})
    expect(page.get_by_role("button", name="Submit for review")).to_be_in_viewport()
    page.get_by_label("Rollback path", exact=True).scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Submit for review")).to_be_in_viewport(ratio=1)
    expect(rail(page).get_by_role("heading", name="As it stands")).to_be_in_viewport()
