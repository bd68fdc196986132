"""One packet from an agent's real configuration to its end, on the portal as `make run` starts it.

The tests of this file tell one story and run in their order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.house.reading import HERE
from tests.journeys.walking import PASSWORD, Walk, manage, signed_in
from tests.servers.whole_portal import Running, filled, up

pytestmark = pytest.mark.browser

SETTINGS = HERE / "tests" / "data" / "claude-code" / "sentry.settings.json"
JOB = "Triage new issues, find the cause, open a pull request with a test."
UNSURE = 7  # of the file's 85 rules these could look and change; a person has to say


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("life") / "data"


@pytest.fixture(scope="module")
def portal(folder: Path) -> Iterator[Running]:
    with up(filled(folder)) as running:
        yield running


@pytest.fixture(scope="module")
def story() -> dict[str, str]:
    """What one chapter leaves for the next: the packet's address and its end."""
    return {}


def next_end() -> datetime:
    """Noon of a working day, later than everything of the demo, so that no other end falls on the same days."""
    end = (datetime.now(UTC) + timedelta(days=85)).replace(hour=12, minute=0, second=0, microsecond=0)
    return end - timedelta(days=max(0, end.weekday() - 4))


def test_the_engineer_imports_the_agents_configuration_and_submits_it(
    browser: Browser, portal: Running, story: dict[str, str]
) -> None:
    with signed_in(browser, portal, "engineer") as mara:
        import_settings(mara)
        complete(mara, story)
        mara.press("Submit for review")
        mara.sees("In review, 0 of 2 signatures")
        story["packet"] = re.sub(r"https?://[^/]+", "", mara.page.url)
        assert re.fullmatch(r"/packets/AP-\d{4}/(v1/)?", story["packet"]), mara.page.url


def import_settings(mara: Walk) -> None:
    mara.go("/packets/import/")
    mara.page.get_by_label("Agent", exact=True).fill("sentry-dev")
    mara.page.get_by_label("File").set_input_files(SETTINGS)
    mara.press("Read it")
    mara.sees("85 rows")
    mara.sees("enableAllProjectMcpServers turns on every MCP server")
    unsure = mara.page.locator("tr.unsure select")
    assert [one.input_value() for one in unsure.all()] == [""] * UNSURE, "an unsure row never has a place of its own"
    mara.press("Start the draft")
    mara.sees(f"{UNSURE} rows still need a place")
    for one in mara.page.locator("tr.unsure select").all():
        one.select_option(label="Call")
    mara.press("Start the draft")


def complete(mara: Walk, story: dict[str, str]) -> None:
    ends = next_end()
    story["ends"] = ends.isoformat()
    page = mara.page
    fields = {
        "2. Business or engineering job": JOB,
        "5. Allowed write actions": "Edit(src/**)\nEdit(tests/**)",
        "6. Actions that require human approval": "Bash(git push *)",
        "Never allowed": "Read(.env)",
        "7. Identity used by the agent": "svc-sentry-dev",
        "8. Run record location": "https://logs.example.org/agents/sentry-dev",
        "Kept for days": "365",
        "9. Expiry or review date": f"{ends:%Y-%m-%d %H:%M}",
        "10. Rollback owner and rollback path": "teammate",
        "Rollback path": "Revoke the app installation, delete branches agent/*.",
        "How access is revoked": "Disable svc-sentry-dev in the directory.",
        "What happens when the agent is wrong": "Its pull request is closed; nothing merges by itself.",
    }
    for label, text in fields.items():
        page.get_by_label(label, exact=True).fill(text)


def test_security_asks_the_engineer_answers_and_two_sign(
    browser: Browser, portal: Running, story: dict[str, str]
) -> None:
    with signed_in(browser, portal, "security") as sam, signed_in(browser, portal, "engineer") as mara:
        sam.waits_for_letter(re.compile(r"AP-\d+ v1 sentry-dev"))
        sam.sees(re.compile("gh api"))
        ask(sam, story)
        answer(mara, story)
        sam.go(story["packet"])
        sam.sees("It reads checks and issues.")
        sign(sam, story, "Push stays behind a person.")
    with signed_in(browser, portal, "security2") as ines:
        sign(ines, story, "Same scope as the team's own tools.")
    with signed_in(browser, portal, "engineer") as mara:
        mara.waits_for_letter(re.compile(r"AP-\d+ v1 sentry-dev.*(approved|in force)"))
        mara.go(story["packet"])
        expect(mara.page.locator(".tag", has_text="In force").first).to_be_visible()
        story["in_force"] = datetime.now(UTC).isoformat()


def ask(sam: Walk, story: dict[str, str]) -> None:
    sam.go(story["packet"])
    sam.page.get_by_label("Question to the owner").fill("What does it need gh api for?")
    sam.page.get_by_label(re.compile("^About the line")).select_option(label="Bash(gh api *)")
    sam.press("Ask")
    sam.sees("What does it need gh api for?")


def answer(mara: Walk, story: dict[str, str]) -> None:
    mara.waits_for_letter(re.compile(r"AP-\d+ v1 sentry-dev.*question", re.IGNORECASE))
    mara.go(story["packet"])
    mara.page.get_by_label(re.compile("^(Your )?[Aa]nswer")).first.fill("It reads checks and issues.")
    mara.press("Answer")
    mara.sees("It reads checks and issues.")


def sign(signer: Walk, story: dict[str, str], reason: str) -> None:
    signer.go(story["packet"])
    verdicts = signer.page.get_by_role("radio")
    assert not any(one.is_checked() for one in verdicts.all()), "nothing is preselected"
    signer.page.get_by_role("radio", name="Approve", exact=True).check()
    signer.page.get_by_label("Reason").first.fill(reason)
    signer.page.get_by_label("Your password").fill(PASSWORD)
    signer.page.get_by_role("button", name=re.compile("^Sign")).click()
    signer.sees(re.compile("You signed|You approved"))


def test_the_auditor_asks_why_and_has_packet_line_and_signers(
    browser: Browser, portal: Running, story: dict[str, str]
) -> None:
    reference = story["packet"].split("/")[2]
    with signed_in(browser, portal, "auditor") as tom:
        ask_why(tom, "git diff HEAD")
        tom.sees("The packet would have allowed it, but no call was recorded.")
        for words in (f"{reference} v1", "Bash(git diff *)", "Sam Okafor", "Ines Duarte"):
            expect(tom.page.locator("main")).to_contain_text(words)
        ask_why(tom, "git diff HEAD; rm -rf .")
        tom.sees(re.compile("Not allowed"))
        expect(tom.page.locator("main")).to_contain_text("rm -rf .")
        ask_why(tom, "git diff HEAD", at=f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d %H:%M} UTC")
        tom.sees(re.compile("Not allowed"))
        tom.go(story["packet"])
        assert tom.page.get_by_role("radio").count() == 0, "an auditor decides nothing"
        for verb in ("Suspend", "Revoke", "Renew", "Amend"):
            assert tom.page.get_by_role("button", name=verb, exact=True).count() == 0


def ask_why(tom: Walk, action: str, at: str = "") -> None:
    tom.go("/why/")
    tom.page.get_by_label("Agent", exact=True).fill("sentry-dev")
    tom.page.get_by_label("did", exact=True).fill(action)
    tom.page.get_by_label("at", exact=True).fill(at)
    tom.press("Ask the record")


def test_the_same_answer_comes_from_the_command_line(portal: Running, folder: Path, story: dict[str, str]) -> None:
    yes = manage(folder, "why", "sentry-dev", "git diff HEAD", "--json")
    said = json.loads(yes.stdout)
    assert (yes.returncode, said["verdict"]) == (0, "would_have_allowed")
    assert said["line"]["text"] == "Bash(git diff *)"
    assert [one["name"] for one in said["signers"]] == ["Sam Okafor", "Ines Duarte"]
    no = manage(folder, "why", "sentry-dev", "git diff HEAD; rm -rf .")
    assert (no.returncode, "rm -rf ." in no.stdout) == (1, True)
    held = manage(folder, "why", "sentry-dev", "git push origin main")
    assert held.returncode == 3
    earlier = manage(folder, "why", "sentry-dev", "git diff HEAD", "--at", "2026-01-01T00:00:00Z")
    assert earlier.returncode == 1


def test_a_stranger_finds_nothing(browser: Browser, portal: Running, story: dict[str, str]) -> None:
    with signed_in(browser, portal, "outsider") as priya:
        assert priya.status(story["packet"]) == 404
        assert priya.status("/agents/sentry-dev/") == 404
        priya.go("/packets/?q=sentry-dev")
        assert priya.page.get_by_role("link", name=JOB).count() == 0


def test_the_responder_stops_the_agent_and_cannot_start_it_again(
    browser: Browser, portal: Running, folder: Path, story: dict[str, str]
) -> None:
    with signed_in(browser, portal, "responder") as aiko:
        aiko.go("/agents/sentry-dev/")
        stop = re.compile("^Stop")
        aiko.page.get_by_role("button", name=stop).first.click()
        aiko.page.get_by_label("Reason").fill("It opened forty pull requests in an hour.")
        aiko.page.get_by_role("button", name=stop).click()
        aiko.sees("It opened forty pull requests in an hour.")
        assert manage(folder, "why", "sentry-dev", "git diff HEAD").returncode == 1
        aiko.go(story["packet"])
        assert aiko.page.get_by_role("button", name="Resume", exact=True).count() == 0
        aiko.sees(re.compile("Security"))
    with signed_in(browser, portal, "security") as sam:
        sam.go(story["packet"])
        sam.press("Resume")
        sam.page.get_by_label("Reason").fill("The loop was found and fixed.")
        sam.press("Resume")
        sam.sees("The loop was found and fixed.")
    assert manage(folder, "why", "sentry-dev", "git diff HEAD").returncode == 0


def test_seven_days_before_the_end_the_owner_gets_exactly_one_reminder(
    browser: Browser, folder: Path, story: dict[str, str], portal: Running
) -> None:
    portal.process.terminate()
    portal.process.wait(60)
    shift = shift_to(datetime.fromisoformat(story["ends"]) - timedelta(days=7), plus=60)
    with up(folder, CLOCK_SHIFT=shift) as later, signed_in(browser, later, "engineer") as mara:
        subject = re.compile(r"AP-\d+ v1 sentry-dev ends in 7 days")
        mara.waits_for_letter(subject)
        for _ in range(2):
            assert manage(folder, "sweep", CLOCK_SHIFT=shift).returncode == 0
        mara.go("/letters/?show=mine")
        assert mara.page.get_by_role("link", name=subject).count() == 1


def test_at_the_end_it_has_ended_at_that_instant_with_nothing_running(folder: Path, story: dict[str, str]) -> None:
    ends = datetime.fromisoformat(story["ends"])
    before = manage(folder, "why", "sentry-dev", "git diff HEAD", CLOCK_SHIFT=shift_to(ends, plus=-120))
    at_once = manage(folder, "why", "sentry-dev", "git diff HEAD", CLOCK_SHIFT=shift_to(ends, plus=1))
    assert (before.returncode, at_once.returncode) == (0, 1)
    assert "ended" in at_once.stdout
    instant = manage(
        folder, "why", "sentry-dev", "git diff HEAD", "--at", story["ends"], CLOCK_SHIFT=shift_to(ends, plus=60)
    )
    assert instant.returncode == 1


def shift_to(moment: datetime, *, plus: int) -> str:
    """CLOCK_SHIFT, in seconds, for the clock to stand there plus so many seconds now."""
    return str(int((moment - datetime.now(UTC)).total_seconds()) + plus)
