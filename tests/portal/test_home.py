"""Home: each person finds what waits for them, and nothing that is not theirs."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from approvals import transitions
from approvals.models import Version
from approvals.transitions import Seen
from tests import present
from tests.cast import Cast, Clock, Walk, content


def home_of(person: Any) -> str:
    client = Client()
    client.force_login(person)
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


def test_someone_who_is_not_signed_in_is_led_to_the_door(client: Client, db: None) -> None:
    response = client.get("/")
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


def test_a_signer_sees_what_waits_and_how_much(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    page = home_of(cast.security)
    assert "One packet waits for you" in page
    assert str(version) in page
    assert "0 of 2 signatures" in page


def test_what_one_has_signed_or_written_waits_no_longer(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    present.sign(version.pk, seen=Seen.of(version), actor=cast.security, reason="Narrow.")
    assert "Nothing waits for your signature" in home_of(cast.security)
    assert "Nothing waits for your signature" in home_of(cast.engineer)
    assert "One packet waits for you" in home_of(cast.security2)


def test_an_outsider_sees_nothing_of_it(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    assert version.packet.reference not in home_of(cast.outsider)


def test_an_owner_sees_the_question_that_waits_and_what_ends_soon(
    cast: Cast, in_review: Walk, in_force: Walk, clock: Clock
) -> None:
    standing = in_force(agent="docs-writer")
    asked = in_review()
    transitions.ask(asked.pk, "Why this table?", actor=cast.security)
    clock.forward(days=45)
    page = home_of(cast.engineer)
    assert "A question waits for your answer." in page
    assert f'aria-label="Renew {standing}"' in page
    assert str(standing) in page


def test_a_stopped_packet_is_shown_with_who_and_why(cast: Cast, suspended: Walk) -> None:
    suspended()
    page = home_of(cast.security)
    assert "It deleted a branch." in page
    assert cast.responder.printed_name in page
    assert "It deleted a branch." not in home_of(cast.outsider)


def test_agents_without_a_packet_in_force_are_named(cast: Cast, drafted: Walk) -> None:
    drafted()
    assert "One agent has" in home_of(cast.security)
    assert "One agent has" not in home_of(cast.outsider)


def test_the_answer_names_its_request_and_the_event_carries_it(cast: Cast, client: Client, in_review: Walk) -> None:
    client.force_login(cast.security)
    response = client.get("/")
    assert len(response["X-Request-ID"]) == 32
    assert response["Cache-Control"] == "private, no-store"


def test_a_heading_without_a_job_says_so(cast: Cast) -> None:
    version = transitions.draft(content(job=""), actor=cast.engineer)
    assert Version.objects.get(pk=version.pk).heading == "No job written yet"


@pytest.mark.parametrize(
    ("name", "place"), [("auditor", "/why/"), ("responder", "/agents/"), ("admin", "/administration/")]
)
def test_whoever_never_signs_is_told_where_to_begin(cast: Cast, in_review: Walk, name: str, place: str) -> None:
    in_review()
    page = home_of(getattr(cast, name))
    assert "What do you want to do?" in page
    assert "Nothing waits for your signature" not in page
    begin = page[page.index("Where to begin") :]
    assert f'href="{place}"' in begin


def test_a_signer_with_nothing_to_sign_is_told_so(cast: Cast) -> None:
    page = home_of(cast.security)
    assert "Nothing waits for your signature" in page
    assert "Where to begin" not in page
