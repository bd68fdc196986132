"""The one-minute answer: five questions in one command, few clicks in a browser, and a cost that does not grow."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from approvals.models import Event, Version
from approvals.vocabulary import EventKind
from audits.evidence import verify
from audits.sealing import seal
from tests.audits.reading import QUESTION, signed_in
from tests.bench.pouring import pour
from tests.cast import MONDAY, Cast, Clock, Walk

MOST_CLICKS = 6
AT_ONCE = 50_000  # rows written in one go


def fill(version: Version, count: int) -> None:
    """So many more events of this packet and agent, written in bulk: what matters is their number."""
    at = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
    body = b'{"detail":{},"version":1}'
    row = {"kind": EventKind.EDITED.value, "packet_id": version.packet_id}
    for done in range(0, count, AT_ONCE):
        pour(
            Event, repeat(row, min(AT_ONCE, count - done)), body=body, agent_id=version.packet.agent_id,
            version_id=version.pk, actor_name="Erin Ek", effective_at=at, recorded_at=at, request_id="",
        )  # fmt: skip


def many(full_scale: bool) -> int:
    return 1_000_000 if full_scale else 1_000


def test_ev_3_one_command_answers_the_five_questions_within_a_second(cast: Cast, in_force: Walk, clock: Clock) -> None:
    """Who approved, what exact content, when, under which rule, and was it valid at that moment."""
    version = in_force(seats={"Security": 2})
    out, begun = StringIO(), time.perf_counter()
    with pytest.raises(SystemExit) as left:
        call_command("why", "sentry-dev", "git diff HEAD", "--at", "2026-11-02 09:00", stdout=out)
    assert time.perf_counter() - begun < 1
    said = out.getvalue()
    assert left.value.code == 0
    assert "Signed by Sam Sato (security) for Security, under “2 of Security”, Mon 2 Nov 2026 09:00 UTC" in said
    assert "Signed by Sofia Silva (security2)" in said
    assert version.digest in said
    assert "Bash(git diff *)" in said
    assert f"{version}, in force since Mon 2 Nov 2026 09:00 UTC" in said
    assert "The packet would have allowed it" in said


@pytest.mark.django_db
def test_the_answer_costs_as_many_statements_whatever_the_number_of_events(
    cast: Cast, in_force: Walk, clock: Clock, full_scale: bool
) -> None:
    version, client = in_force(), signed_in(cast.auditor)
    clock.forward(hours=1)
    pages = ("/why/", "/why.pdf")
    client.get("/why/", QUESTION)

    def costs() -> list[int]:
        return [statements(lambda page=page: client.get(page, QUESTION)) for page in pages]

    few = costs()
    fill(version, many(full_scale))
    begun = time.perf_counter()
    assert costs() == few
    print(f"{many(full_scale):,} events: {few} statements, {(time.perf_counter() - begun) * 1000:.0f} ms for both")


def statements(act: Any) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert act().status_code == 200
    return len(caught)


def verified(bundle: Path) -> str:
    """What verify.py says of it, in a process that knows nothing of the portal."""
    asked = [sys.executable, "-I", verify.__file__, str(bundle), "--at", f"{MONDAY:%Y-%m-%dT%H:%M}:00Z"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout


class Hand:
    """Clicks, and counts them."""

    def __init__(self) -> None:
        self.clicks = 0

    def click(self, on: Locator) -> None:
        self.clicks += 1
        on.click()


@pytest.fixture
def asked_about(cast: Cast, in_force: Walk, clock: Clock, full_scale: bool) -> Version:
    """A version in a record of many events, there before any browser is opened."""
    version = in_force(seats={"Security": 2})
    fill(in_force(agent="crowded-bot", identity="svc-crowded-bot"), many(full_scale))
    seal()  # as the minute runs would have; else the first event after them finds all of that to do
    return version


@pytest.fixture
def auditor(asked_about: Version, page: Page, live_server: LiveServer, cast: Cast) -> Iterator[Page]:
    """The auditor's browser, at their first page; whatever it complains about fails the test."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    cookie = signed_in(cast.auditor).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto(f"{live_server.url}/audit/")
    yield page
    assert said == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_fg_7_from_the_question_to_signer_signed_text_and_verified_bundle_in_six_clicks(
    asked_about: Version, auditor: Page, full_scale: bool, tmp_path: Path
) -> None:
    version, hand, begun = asked_about, Hand(), time.perf_counter()
    auditor.get_by_label("Agent", exact=True).fill("svc-sentry-dev")
    auditor.get_by_label("did", exact=True).fill("git diff HEAD")
    auditor.get_by_label("at", exact=True).fill(f"{MONDAY:%Y-%m-%d %H:%M}")
    hand.click(auditor.get_by_role("button", name="Ask the record"))
    expect(auditor.get_by_text("The packet would have allowed it")).to_be_visible()
    expect(auditor.get_by_role("cell", name="Sam Sato")).to_be_visible()
    expect(auditor.get_by_text(version.digest)).to_be_visible()
    expect(auditor.get_by_text("Revert the merge requests labelled sentry-dev.")).to_be_visible()
    hand.click(auditor.get_by_role("button", name="Keep this answer"))
    expect(auditor.get_by_role("heading", name="Digest of this answer")).to_be_visible()
    auditor.go_back()
    hand.click(auditor.get_by_role("link", name=str(version), exact=True).first)
    expect(auditor.get_by_text("Triage new errors.").first).to_be_visible()
    hand.click(auditor.get_by_role("link", name="Evidence", exact=True))
    auditor.get_by_label("Why you take it").fill("The auditors asked why.")
    with auditor.expect_download() as download:
        hand.click(auditor.get_by_role("button", name="Take the bundle"))
    download.value.save_as(tmp_path / "evidence.zip")
    said = verified(tmp_path / "evidence.zip")
    took = time.perf_counter() - begun
    assert hand.clicks <= MOST_CLICKS
    assert took < 10
    kept = json.loads(bytes(Event.objects.get(kind=EventKind.ANSWER_KEPT).body))["detail"]["answer"]
    assert kept["verdict"] == "would_have_allowed"
    assert f"{version}, agent sentry-dev" in said and "Everything in this bundle agrees." in said
    assert version.digest in said and f"  {version.packet}: yes, v1" in said
    print(f"{many(full_scale):,} events: {hand.clicks} clicks, {took:.1f} s")
