"""Bad input: a clear sentence at the field, 4xx and never 500, and what was typed is still in the form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

import pytest
from django.test import Client

from approvals.models import Agent, Packet
from tests.cast import Cast, no_trace
from tests.form.typed import NEW, browser, typed

YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%d")
TEN_YEARS = (datetime.now(UTC) + timedelta(days=3653)).strftime("%Y-%m-%d")
BAD: list[tuple[str, str, str]] = [
    ("job", "x" * 2_001, "2,001 characters long"),
    ("job", "Triage\u202enew", "U+202E RIGHT-TO-LEFT OVERRIDE"),
    ("job", "Triage\u200bnew", "U+200B ZERO WIDTH SPACE"),
    ("job", "Triage\x00\x01", "U+0000 NUL"),
    ("identity", "AKIAABCDEFGHIJKLMNOP", "looks like a secret"),
    ("agent", "", "Name the agent"),
    ("agent", "Sentry Dev", "small letters"),
    ("agent", "sentry\x00dev", "small letters"),
    ("agent", "ѕentry-dev", "small letters"),
    ("agent", "a" * 64, "small letters"),
    ("level", "all", "Select a valid choice"),
    ("owner", "nobody", "Nobody active here"),
    ("owner", "engineer\x00", "Nobody active here"),
    ("backup_owner", "a" * 5_000, "Nobody active here"),
    ("rollback_owner", "<script>alert(1)</script>", "Nobody active here"),
    ("human_approval_by", "Auditors", "Select a valid choice"),
    ("links", "javascript:alert(1)", "A link has to begin with"),
    ("links", "https://user@example.org/", "A link has to begin with"),
    ("links", "https://example.org/\u200b", "A link has to begin with"),
    ("links", "https://example.org/ abc", "A SHA-256 has 64 characters"),
    ("run_record_location", "javascript:alert(1)", "A link has to begin with"),
    ("retention_days", "many", "whole number of days"),
    ("retention_days", "0", "greater than or equal to 1"),
    ("retention_days", "9" * 5_000, "whole number of days"),
    ("ends", YESTERDAY, "This end has passed"),
    ("ends", TEN_YEARS, "more than three years away"),
    ("ends", "soon", "Write a date such as"),
    ("ends", "2027-02-30", "Write a date such as"),
    ("ends", "9999-12-31T23:59-14:00", "Write a date such as"),
    ("starts", "0001-01-01", "Write a date such as"),
    ("starts", "2190-01-01", "The start has to be before the end"),
    ("tools", "Bash(git diff *)\nBash(find *", "Line 2, column"),
    ("tools", "Bash(git diff *)\nBash(\u200bls)", "U+200B ZERO WIDTH SPACE"),
    ("tools", "\x00\x01\x02", "U+0000 NUL"),
    ("tools", "a" * 1_025, "Line 1"),
    ("tools", "\n".join(f"t{n}" for n in range(501)), "500"),
    ("data_sources", "x\n" * 40_000, "64"),
    ("write_actions", "Edit(docs/**)\ntwo words here", "Line 2, column"),
    ("never", "Bash(rm\u202e)", "U+202E"),
]


@pytest.mark.parametrize(("key", "value", "sentence"), BAD, ids=[f"{key}-{said[:20]}" for key, _, said in BAD])
@pytest.mark.parametrize("then", ["save", "submit"])
def test_a_sentence_stands_at_the_field_and_the_text_is_kept(
    cast: Cast, key: str, value: str, sentence: str, then: str
) -> None:
    client = browser(cast.engineer)
    with no_trace():
        answer = client.post(NEW, typed(**{key: value, "then": then}))
    assert answer.status_code == 422
    page = answer.content.decode()
    form = answer.context["form"]
    assert any(sentence in error for error in form[key].errors), form.errors
    assert form["job"].value() == (value if key == "job" else typed()["job"])
    if value and "\x00" not in value and key not in ("level", "human_approval_by"):
        assert escape(value) in page, "what was typed is gone"
    assert f'id="id_{key}_error"' in page


def test_every_malformed_line_is_named(cast: Cast) -> None:
    answer = browser(cast.engineer).post(NEW, typed(tools="Bash(ls)\nBash(find *\n(nothing)\nBash(git log *)"))
    said = answer.context["form"]["tools"].errors
    assert [error.split(":")[0].split(",")[0] for error in said] == ["Line 2", "Line 3"]
    assert "<b>Bash</b>(git log *)" in answer.content.decode(), "the lines that can be read are shown beneath"


def test_everything_empty_is_told_at_once(cast: Cast) -> None:
    client = browser(cast.engineer)
    with no_trace():
        answer = client.post(NEW, {"level": "system", "agent": "sentry-dev", "then": "submit"})
    assert answer.status_code == 422
    wrong = set(answer.context["form"].errors)
    assert wrong >= {"owner", "job", "tools", "identity", "run_record_location", "retention_days", "ends"}
    assert wrong >= {"rollback_owner", "rollback_path", "access_revoked", "when_wrong"}


def test_an_empty_post_is_answered(cast: Cast) -> None:
    assert browser(cast.engineer).post(NEW, {}).status_code == 422


def test_five_megabytes_are_refused_in_words(cast: Cast) -> None:
    client = browser(cast.engineer)
    with no_trace():
        for url in (NEW, "/packets/import/"):
            answer = client.post(url, typed(job="x" * 5_000_000))
            assert answer.status_code == 413
            assert "what you typed is still there" in answer.content.decode()


def test_a_forged_request_is_refused(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.engineer)
    for url in (NEW, "/packets/import/"):
        assert client.post(url, typed()).status_code == 403
    assert not Packet.objects.exists()


def test_a_revision_nobody_saw_is_stale(cast: Cast) -> None:
    client = browser(cast.engineer)
    client.post(NEW, typed())
    for revision in ("", "0", "-1", "9" * 400, "one", "²"):
        answer = client.post("/packets/AP-0001/v1/edit/", typed(revision=revision, job="Other."))
        assert answer.status_code == 409, revision
        assert answer.context["form"]["job"].value() == "Other."


def test_numbers_in_the_address_may_be_anything(cast: Cast) -> None:
    client = browser(cast.engineer)
    for number in ("0", "1", "99999999999999999999", "x"):
        for rest in ("/edit/", ".yaml", ".json"):
            assert client.get(f"/packets/AP-9999/v{number}{rest}").status_code == 404


def test_nobody_takes_another_teams_agent(cast: Cast) -> None:
    browser(cast.engineer).post(NEW, typed())
    client = browser(cast.outsider)
    with no_trace():
        answer = client.post(NEW, typed(owner="outsider"))
    assert answer.status_code == 422
    assert "belongs to Web platform" in answer.context["form"].errors["agent"][0]
    assert Agent.objects.count() == 1


HARMLESS: list[dict[str, Any]] = [
    {"job": "Ελληνικά, 日本語, עברית, 👩‍🔬 are fine."},
    {"tools": "# only a remark\n\nBash(git diff *)   # a note"},
    {"ends": (datetime.now(UTC) + timedelta(days=40)).strftime("%Y-%m-%dT%H:%M:%S+02:00")},
    {"unknown": "key"},
]


@pytest.mark.parametrize("changes", HARMLESS)
def test_what_is_only_unusual_is_taken(cast: Cast, changes: dict[str, Any]) -> None:
    assert browser(cast.engineer).post(NEW, typed(**changes)).status_code == 302
