"""Keep this answer: an event with the question, the verdict and a digest anybody can compute again; and the PDF."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
import rfc8785

from approvals import transitions
from approvals.models import Event
from approvals.vocabulary import TEN_LABELS, EventKind
from audits import keeping
from tests.audits.reading import QUESTION, signed_in, text_of
from tests.cast import Cast, Clock, Walk, no_trace
from tests.printing.reading import read

ASKED = QUESTION | {"at": "2026-11-02T09:00Z"}


def kept(event: Event) -> dict[str, Any]:
    return dict(json.loads(bytes(event.body))["detail"])


def test_a_kept_answer_is_an_event_and_stays_as_it_was(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force(seats={"Security": 2})
    client = signed_in(cast.auditor)
    response = client.post("/why/keep/", ASKED)
    event = Event.objects.get(kind=EventKind.ANSWER_KEPT)
    assert response.headers["Location"] == f"/why/kept/{event.pk}/"
    assert (event.version, event.packet, event.actor) == (version, version.packet, cast.auditor)
    said = kept(event)
    assert said["answer"]["verdict"] == "would_have_allowed"
    assert [one["rule"] for one in said["answer"]["signers"]] == ["2 of Security"] * 2
    plain = rfc8785.dumps({"question": said["question"], "answer": said["answer"]})
    assert said["digest"] == hashlib.sha256(plain).hexdigest()
    transitions.revoke(version.packet_id, actor=cast.security, reason="Over.")
    page = text_of(client.get(f"/why/kept/{event.pk}/"))
    for words in (said["digest"], "Kept by", "Ada Aydin", "would have allowed it", "Sam Sato", "under “2 of Security”"):
        assert words in page, words


def test_the_same_answer_kept_again_is_the_same_event(cast: Cast, in_force: Walk, clock: Clock) -> None:
    in_force()
    client = signed_in(cast.auditor)
    first, second = (client.post("/why/keep/", ASKED).headers["Location"] for _ in range(2))
    assert first == second
    assert Event.objects.filter(kind=EventKind.ANSWER_KEPT).count() == 1


def test_keeping_is_bounded_and_needs_a_question_that_can_be_read(
    cast: Cast, in_force: Walk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force()
    client = signed_in(cast.auditor)
    client.get("/why/")
    with no_trace():
        assert client.post("/why/keep/", ASKED | {"at": "garbage"}).status_code == 422
        assert client.post("/why/keep/", ASKED | {"agent": "nobody"}).status_code == 404
        assert client.get("/why/keep/").status_code == 405
    monkeypatch.setattr(keeping, "MOST_A_DAY", 1)
    client.post("/why/keep/", ASKED)
    with no_trace():
        refused = client.post("/why/keep/", ASKED | {"did": "git push"})
    assert refused.status_code == 409
    assert "You have kept 1 answers within a day." in text_of(refused)
    clock.forward(days=1, seconds=1)
    assert client.post("/why/keep/", ASKED | {"did": "git push"}).status_code == 302


def test_a_kept_answer_is_seen_by_its_keeper_and_by_who_sees_its_packet(
    cast: Cast, in_force: Walk, clock: Clock
) -> None:
    in_force()
    address = signed_in(cast.auditor).post("/why/keep/", ASKED).headers["Location"]
    assert signed_in(cast.engineer).get(address).status_code == 200
    assert signed_in(cast.outsider).get(address).status_code == 404
    in_force()  # now two packets say so, and the answer speaks of both
    both = signed_in(cast.auditor).post("/why/keep/", ASKED | {"did": "git log"}).headers["Location"]
    assert Event.objects.latest("pk").packet is None
    assert signed_in(cast.engineer).get(both).status_code == 404
    assert signed_in(cast.auditor).get(both).status_code == 200
    assert signed_in(cast.auditor).get("/why/kept/99999999999999999999/").status_code == 404


def test_two_packets_that_apply_are_both_shown(cast: Cast, in_force: Walk, clock: Clock) -> None:
    first, second = in_force(), in_force(tools="Bash(git *)", rollback_path="Tell the second team.")
    page = text_of(signed_in(cast.auditor).get("/why/", QUESTION))
    assert "And this packet applied too" in page
    assert "Tell the second team." in page
    assert f"Who signed {first.packet.reference}, and what they saw" in page
    assert f"Who signed {second.packet.reference}, and what they saw" in page


def test_an_identity_selects_only_packets_that_name_it(cast: Cast, in_force: Walk, clock: Clock) -> None:
    in_force(tools="Bash(git log *)", identity="svc-reader")
    in_force(tools="Bash(git diff *)", identity="svc-writer")
    client = signed_in(cast.auditor)
    assert "would have allowed it" in text_of(client.get("/why/", QUESTION))
    assert "would have allowed it" in text_of(client.get("/why/", QUESTION | {"agent": "svc-writer"}))
    assert "Not allowed: no packet, or no line, then." in text_of(
        client.get("/why/", QUESTION | {"agent": "svc-reader"})
    )
    in_force(agent="other-bot", identity="svc-reader")
    several = client.get("/why/", QUESTION | {"agent": "svc-reader"})
    assert several.status_code == 200
    assert "the identity of several agents: other-bot, sentry-dev" in text_of(several)
    assert signed_in(cast.outsider).get("/why/", QUESTION | {"agent": "svc-writer"}).status_code == 404


def test_the_pdf_says_what_the_page_says_with_the_answer_inside(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force(seats={"Security": 1})
    client = signed_in(cast.auditor)
    response = client.get("/why.pdf", ASKED)
    assert response.headers["Content-Type"] == "application/pdf"
    found = read(bytes(response.content))
    assert all(label in found.words for label in TEN_LABELS)
    for words in ("The packet would have allowed it", "under “1 of Security”", "Revert the merge requests",
                  "What happened around it", "Bash(git diff *)"):  # fmt: skip
        assert words in found.words, words
    assert version.digest in found.joined
    assert client.get("/why.pdf", ASKED).content == response.content
    assert client.get("/why.pdf", ASKED | {"at": "garbage"}).status_code == 400
    assert signed_in(cast.outsider).get("/why.pdf", ASKED).status_code == 404
