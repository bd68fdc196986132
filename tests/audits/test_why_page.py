"""The page of Why?: what it names, how it reads the moment, and what it says to input that cannot be read."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils.html import escape
from hypothesis import given, settings
from hypothesis import strategies as st

from audits.moments import MomentError, read_moment
from tests.audits.reading import QUESTION, signed_in, text_of
from tests.cast import Cast, Clock, Walk


def test_the_answer_names_everything_that_stands_behind_it(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force(seats={"Security": 2})
    page = text_of(signed_in(cast.auditor).get("/why/", QUESTION))
    for words in (
        "The packet would have allowed it, but no call was recorded.",
        f'<a href="/packets/{version.packet.reference}/v1/">{version}</a>',
        "Sam Sato",
        "Sofia Silva",
        version.digest,
        "Revert the merge requests labelled sentry-dev.",
        "What happened around it",
        "Approved: the last signature is in",
        "Agent owner",
        "Rollback owner and rollback path",
    ):
        assert words in page, words
    assert 'class="verdict good"' in page


def test_the_form_has_its_names_and_its_button(cast: Cast) -> None:
    page = text_of(signed_in(cast.auditor).get("/why/"))
    for name in ("Agent", "did", "at"):
        assert f">{name}</label>" in page
    assert ">Ask the record</button>" in page
    assert "verdict" not in page


def test_the_moment_is_read_in_the_readers_zone_and_shown_back(cast: Cast, in_force: Walk, clock: Clock) -> None:
    in_force()
    clock.forward(days=2)
    cast.auditor.time_zone = "Europe/Berlin"
    cast.auditor.save()
    page = text_of(signed_in(cast.auditor).get("/why/", QUESTION | {"at": "yesterday 14:02"}))
    assert "within the minute" in page
    assert "Tue 3 Nov 2026 13:02 UTC" in page
    assert "14:02 your time" in page
    assert escape("?agent=sentry-dev&did=git+diff+HEAD&at=2026-11-03T13%3A02Z") in page


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2026-11-03T14:02Z", datetime(2026, 11, 3, 14, 2, tzinfo=UTC)),
        ("2026-11-03 14:02", datetime(2026, 11, 3, 13, 2, tzinfo=UTC)),
        ("2026-11-03T14:02:31+02:00", datetime(2026, 11, 3, 12, 2, 31, tzinfo=UTC)),
        ("3 Nov 2026 14:02 UTC", datetime(2026, 11, 3, 14, 2, tzinfo=UTC)),
        ("03/11/2026 14:02", datetime(2026, 11, 3, 13, 2, tzinfo=UTC)),
        ("yesterday at 8:30", datetime(2026, 11, 3, 7, 30, tzinfo=UTC)),
        ("2 hours ago", datetime(2026, 11, 4, 7, 0, tzinfo=UTC)),
    ],
)
def test_moments_are_read_as_people_write_them(typed: str, read: datetime) -> None:
    moment = read_moment(typed, ZoneInfo("Europe/Berlin"), datetime(2026, 11, 4, 9, 0, tzinfo=UTC))
    assert moment.at == read


@pytest.mark.parametrize(
    ("at", "says"),
    [
        ("2026-03-29 02:30", "never was"),
        ("2026-10-25 02:30", "was twice"),
        ("garbage", "cannot be read"),
        ("1", "cannot be read"),
        ("2026-02-30 10:00", "cannot be read"),
        ("9" * 60, "cannot be read"),
        ("99999999999 years ago", "cannot be read"),
        ("0001-01-01T00:00:00+14:00", "cannot be read"),
        ("\u202e14:02", "cannot be read"),
        ("x" * 65, "at most 64 characters"),
        ("14:02\x00", "Null characters"),
    ],
)
def test_a_moment_that_cannot_be_read_is_said_at_its_field(cast: Cast, at: str, says: str) -> None:
    cast.auditor.time_zone = "Europe/Berlin"
    cast.auditor.save()
    response = signed_in(cast.auditor).get("/why/", QUESTION | {"at": at})
    page = text_of(response)
    assert response.status_code == 400
    assert says in page
    assert 'class="verdict' not in page
    assert 'value="git diff HEAD"' in page


@pytest.mark.parametrize(
    "question",
    [
        {"agent": "", "did": "git diff"},
        {"agent": "sentry-dev", "did": ""},
        {"agent": "x" * 301, "did": "git diff"},
        {"agent": "sentry-dev", "did": "x" * 20_000},
        {"agent": "sentry-dev\x00", "did": "git diff"},
        {"agent": "sentry-dev", "did": "git\x00diff"},
    ],
)
def test_a_question_that_cannot_be_read_keeps_what_was_typed(cast: Cast, question: dict[str, str]) -> None:
    response = signed_in(cast.auditor).get("/why/", question)
    assert response.status_code == 400
    assert 'class="verdict' not in text_of(response)


@pytest.mark.parametrize(
    "did", ["git diff \u202e HEAD", "git diff\u200b HEAD", "git diff `x", "<script>alert(1)</script>", "é" * 500]
)
def test_hostile_text_is_a_no_and_never_an_error(cast: Cast, in_force: Walk, clock: Clock, did: str) -> None:
    in_force()
    response = signed_in(cast.auditor).get("/why/", QUESTION | {"did": did})
    assert response.status_code == 200
    assert "Not allowed" in text_of(response)
    assert "<script>alert" not in text_of(response)


def test_an_agent_one_may_not_see_is_like_one_that_is_not_there(cast: Cast, in_force: Walk, clock: Clock) -> None:
    in_force()
    client = signed_in(cast.outsider)
    hidden = client.get("/why/", QUESTION)
    absent = client.get("/why/", QUESTION | {"agent": "sentry-xyz"})
    assert hidden.status_code == absent.status_code == 404
    assert "no such agent you may see" in text_of(hidden)

    def without_names(response: Any) -> str:
        body = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", text_of(response).replace("sentry-xyz", "sentry-dev"))
        return body[body.index("<main") :]

    assert without_names(hidden) == without_names(absent)


@settings(max_examples=150, deadline=None)
@given(typed=st.text("0123456789:-+/. TZaehimnoprsuy", max_size=70) | st.text(max_size=20))
def test_no_text_breaks_the_reading_of_a_moment(typed: str) -> None:
    with suppress(MomentError):
        assert read_moment(typed, ZoneInfo("Europe/Berlin"), datetime(2026, 11, 4, 9, 0, tzinfo=UTC)).at.tzinfo is UTC
