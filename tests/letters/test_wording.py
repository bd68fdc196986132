"""What stands in a letter: subject, what happens, what to do, and the words of people as they wrote them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from approvals import events, transitions
from approvals.asking import asked
from approvals.cuts import Cut, Cuts
from approvals.letters import delivery, outbox
from approvals.letters.message import LONGEST_SUBJECT, one_line, subject_moment
from approvals.models import Letter
from approvals.scope.grammar import parse
from approvals.transitions import Seen
from approvals.vocabulary import EventKind, Field
from tests import present
from tests.cast import Cast, Clock, Walk, latest, sign, working_day
from tests.letters.conftest import letters

pytestmark = pytest.mark.django_db
HOSTILE = "Stop <img src=x onerror=alert(1)>\r\nBcc: x@example.org & “more” \N{SKULL}" + "x" * 3_900


def test_a_signer_reads_every_new_line_and_high_finding(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review(tools="Bash(git diff *)\nBash(gh api *)", write_actions="Bash(*)")
    letter = letters(version, EventKind.SUBMITTED)["security"]
    for line in ("crm.customers", "Bash(git diff *)", "Bash(gh api *)", "Bash(*)"):
        assert f"    {line}\n" in letter.text
    high = [row["sentence"] for row in version.findings if row["severity"] == "high"]
    assert high and all(sentence in letter.text for sentence in high)
    assert f"{version} sentry-dev waits for your signature until " in letter.subject


def test_a_signer_of_a_renewal_reads_only_what_is_wider(
    cast: Cast, clock: Clock, in_force: Walk, in_review: Walk
) -> None:
    version = in_force()
    draft = transitions.renew(version.pk, actor=cast.engineer, ends=working_day(90))
    letter = letters(in_review(of=draft), EventKind.SUBMITTED)["security"]
    assert "Wider than the version in force" in letter.text and "ends " in letter.text
    assert "    crm.customers" not in letter.text


def test_the_owner_reads_who_decided_in_which_role_and_why(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    sign(version, cast.security, reason="Reads only.")
    cuts = Cuts(lines=(Cut(Field.TOOLS, "Bash(git log *)"),))
    sign(version, cast.security2, reason="Less is enough.", cuts=cuts)
    text = letters(version, EventKind.APPROVED)["engineer"].text
    for part in ("Sam Sato (Security) approved on", "Reads only.", "Sofia Silva (Security) approved it narrower on"):
        assert part in text
    assert "Bash(git log *): removed" in text and "Less is enough." in text


def test_changes_requested_points_to_the_draft(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    draft = present.request_changes(version.pk, seen=Seen.of(version), actor=cast.security, reason="Name the\ntables.")
    letter = letters(version, EventKind.CHANGES_REQUESTED)["engineer"]
    assert "> Name the\n> tables." in letter.text
    assert f"{draft.get_absolute_url()}\n" in letter.text and "has no authority from this packet" in letter.text


def test_a_stop_says_who_why_what_still_runs_and_whom_to_reach(cast: Cast, in_force: Walk) -> None:
    cast.teammate.night_contact = "+49 30 123456"
    cast.teammate.save()
    other = in_force()
    version = in_force()
    transitions.suspend(version.packet_id, actor=cast.responder, reason="It deleted a branch.")
    text = letters(version, EventKind.SUSPENDED)["engineer"].text
    for part in ("Ravi Rao suspended", "It deleted a branch.", f"Still in force for sentry-dev: {other.packet}."):
        assert part in text
    assert "Tomás Ortiz" in text and "+49 30 123456" in text and "Revert the merge requests" in text


def test_times_are_in_utc_and_in_the_readers_zone(cast: Cast, clock: Clock, in_review: Walk) -> None:
    cast.security.time_zone = "Europe/Berlin"
    cast.security.save()
    found = letters(in_review(), EventKind.SUBMITTED)
    assert "Mon 2 Nov 2026 09:00 UTC (10:00 in Europe/Berlin)" in found["security"].text
    assert "in UTC" not in found["security2"].text and "Europe" not in found["security2"].text


def test_one_link_that_only_opens_a_page(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    letter = letters(version, EventKind.SUBMITTED)["security"]
    page = ET.fromstring(letter.html)
    links = [node.get("href") for node in page.iter() if node.get("href") or node.get("src")]
    assert links == [f"http://127.0.0.1:8000{version.get_absolute_url()}"]
    assert letter.text.count("http://127.0.0.1") == 1


def test_text_and_html_say_the_same(cast: Cast, in_review: Walk) -> None:
    letter = letters(in_review(), EventKind.SUBMITTED)["security"]
    page = " ".join(" ".join(ET.fromstring(letter.html).itertext()).split())
    for row in letter.text.split("\n"):
        shown = row.strip().partition(": http")[0].removeprefix("--").strip()
        assert all(part in page for part in shown.split(": ", 1)), row


def test_the_foot_says_why_and_names_version_digest_and_what_others_add(
    cast: Cast, in_review: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "letter_footers", [lambda: "Checkpoint 17", lambda: ""])
    version = in_review()
    text = letters(version, EventKind.SUBMITTED)["security"].text
    foot = text.partition("\n-- \n")[2]
    assert foot.startswith("You get this because a signature of Security is needed, and you may give it.")
    assert f"{version}, SHA-256 {version.digest}\nCheckpoint 17\n" in foot


def test_rm_14_what_people_write_can_neither_break_the_page_nor_the_headers(cast: Cast, in_review: Walk) -> None:
    cast.engineer.first_name = "Erin\r\nBcc: x@example.org \N{SKULL}"
    cast.engineer.save()
    version = in_review(job="Triage <b>errors</b> & more.")
    transitions.ask(version.pk, HOSTILE, actor=cast.security)
    present.reject(version.pk, seen=Seen.of(latest(version)), actor=cast.security, reason=HOSTILE)
    outbox.announce_all()
    for letter in Letter.objects.all():
        page = ET.fromstring(letter.html)
        assert not [node for node in page.iter() if node.tag.rpartition("}")[2] in ("img", "script", "b")]
        mail = delivery.mail(letter, repeat=False).message()
        assert mail.get_all("Bcc") is None and len(mail.get_all("Subject") or []) == 1
        assert mail["To"] == letter.address


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\r\nBcc: b", "a Bcc: b"), ("a\x00b", "a[U+0000]b"), ("a\u202eb", "a[U+202E]b"), ("  a\tb ", "a b")],
)
def test_a_subject_is_one_harmless_line(text: str, line: str) -> None:
    assert one_line(text) == line


def test_a_subject_has_an_end() -> None:
    assert len(one_line("long " * 5_000)) <= LONGEST_SUBJECT and one_line("long " * 5_000).endswith("…")


def test_a_subject_names_the_year_only_when_it_is_another() -> None:
    end = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    assert subject_moment(end, datetime(2026, 11, 23, tzinfo=UTC)) == "Mon 30 Nov 12:00 UTC"
    assert subject_moment(end, datetime(2025, 11, 23, tzinfo=UTC)) == "Mon 30 Nov 2026 12:00 UTC"


def test_a_signer_reads_what_is_wider_than_a_version_that_begins_later(
    cast: Cast, clock: Clock, in_force: Walk, in_review: Walk
) -> None:
    version = in_force(starts=working_day(7), ends=working_day(60))
    draft = transitions.amend(version.pk, actor=cast.engineer)
    lines = {**asked(draft).lines, Field.TOOLS: parse("Bash(git diff *)\nBash(git push *)")}
    wider = replace(asked(draft), lines=lines)
    draft = transitions.edit(draft.pk, wider, seen=Seen.of(draft), actor=cast.engineer)
    text = letters(in_review(of=draft), EventKind.SUBMITTED)["security"].text
    assert f"Wider than v1, which begins {subject_moment(working_day(7), clock.moment)}" in text
    assert "    Allowed tools and methods: Bash(git push *)\n" in text and "git diff" not in text
