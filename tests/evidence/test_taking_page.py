"""Taking evidence in a browser: said beforehand, asked why, recorded; refused, and nothing is."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest

from approvals.models import Event
from approvals.vocabulary import EventKind
from audits import sealing
from audits.evidence import gathering
from audits.pages import evidence as pages
from tests.audits.reading import signed_in, text_of
from tests.cast import Cast, Clock, Walk, no_trace
from tests.evidence.bundles import WHY, holds_zipped, opened
from tests.pages.test_statements import statements

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
PERIOD = {"since": "2026-11-01", "until": "2026-11-05"}


def taken(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_the_page_says_what_will_be_in_it_and_takes_nothing_by_being_looked_at(cast: Cast, in_force: Walk) -> None:
    version = in_force(seats={"Security": 2})
    address = f"/packets/{version.packet}/evidence/"
    client = signed_in(cast.auditor)
    client.get(address)
    with no_trace():
        response = client.get(address)
        client.head(address)
    page = text_of(response)
    assert "Taking it is an event of the record" in page and version.heading in page
    holding = response.context["holding"]
    assert holding.events == Event.objects.filter(packet=version.packet).count() > 0
    assert (holding.versions, holding.decisions, holding.waiting) == (1, 2, holding.events)
    sealing.seal()
    assert client.get(address).context["holding"].waiting == 0


def test_sending_it_answers_with_the_bundle_and_records_who_and_why(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    response = signed_in(cast.teammate).post(f"/packets/{version.packet}/evidence/", {"reason": f" {WHY} "})
    zipped = taken(response)
    assert holds_zipped(zipped)
    assert response.headers["Content-Disposition"] == f'attachment; filename="{version.packet}-evidence.zip"'
    assert (response.headers["Content-Type"], response.headers["Content-Length"]) == (
        "application/zip", str(len(zipped)),
    )  # fmt: skip
    event = Event.objects.get(kind=EventKind.EVIDENCE_TAKEN)
    detail = json.loads(bytes(event.body))["detail"]
    assert (event.actor, event.packet) == (cast.teammate, version.packet)
    assert (detail["reason"], detail["sha256"]) == (WHY, sha256(zipped).hexdigest())


@pytest.mark.parametrize("reason", ["", "  ", "x" * 4001, "For\u202e the audit.", "sk-ant-api03-" + "A1b2" * 24])
def test_a_reason_that_cannot_be_kept_is_refused_in_words_and_nothing_is_recorded(
    cast: Cast, in_force: Walk, reason: str
) -> None:
    version = in_force()
    client = signed_in(cast.auditor)
    client.get("/")
    with no_trace():
        response = client.post(f"/packets/{version.packet}/evidence/", {"reason": reason})
    assert response.status_code == 422
    assert 'role="alert"' in text_of(response)


def test_whoever_may_not_see_the_packet_finds_no_page(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    client = signed_in(cast.outsider)
    client.get("/")
    with no_trace():
        for reference in (version.packet, "AP-9999", "nonsense"):
            assert client.get(f"/packets/{reference}/evidence/").status_code == 404
            assert client.post(f"/packets/{reference}/evidence/", {"reason": WHY}).status_code == 404


def test_a_period_is_shown_back_and_taken_to_the_second(cast: Cast, in_force: Walk, clock: Clock) -> None:
    in_force()
    clock.forward(days=5)
    client = signed_in(cast.auditor)
    response = client.get("/audit/evidence/", PERIOD)
    assert "Sun 1 Nov 2026 00:00 UTC" in text_of(response)
    assert response.context["exact"] == {"since": "2026-11-01T00:00:00Z", "until": "2026-11-05T00:00:00Z"}
    files = opened(taken(client.post("/audit/evidence/", response.context["exact"] | {"reason": WHY})))
    assert json.loads(files["statement.json"])["predicate"]["scope"] == response.context["exact"]
    assert len(files["events.jsonl"].splitlines()) == response.context["holding"].events
    assert client.get("/audit/evidence/").context["holding"].events > 0  # proposed: what was lately


def test_a_period_is_not_for_whoever_sees_a_part(cast: Cast, in_force: Walk) -> None:
    in_force()
    client = signed_in(cast.engineer)
    client.get("/")
    with no_trace():
        for response in (client.get("/audit/evidence/"), client.post("/audit/evidence/", PERIOD | {"reason": WHY})):
            assert response.status_code == 403
            assert "for those who may see every packet" in text_of(response)
            assert "Take the bundle" not in text_of(response)
    assert "/audit/evidence/" not in text_of(client.get("/audit/"))
    assert "/audit/evidence/" in text_of(signed_in(cast.auditor).get("/audit/"))


def test_what_cannot_be_taken_is_said_instead_of_a_button(
    cast: Cast, in_force: Walk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force()
    client = signed_in(cast.auditor)
    empty = {"since": "2001-01-01", "until": "2001-01-02"}
    assert "nothing to take" in text_of(client.get("/audit/evidence/", empty))
    with no_trace():
        for wrong in ({"since": "yesteryear"}, {"since": "2026-11-03", "until": "2026-11-02"}, empty):
            assert client.post("/audit/evidence/", wrong | {"reason": WHY}).status_code == 422
    clock.forward(days=1)
    for place in (pages, gathering):
        monkeypatch.setattr(place, "MOST_EVENTS", 3)
    page = text_of(client.get("/audit/evidence/", PERIOD))
    assert "more than one bundle holds" in page and "Take the bundle" not in page
    with no_trace():
        refused = client.post("/audit/evidence/", PERIOD | {"reason": WHY})
    assert refused.status_code == 422 and "Take shorter periods" in text_of(refused)


def test_it_is_offered_where_one_asks(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    clock.forward(hours=1)
    address = f'href="/packets/{version.packet}/evidence/"'
    client = signed_in(cast.auditor)
    asked = {"agent": "sentry-dev", "did": "git diff HEAD", "at": ""}
    kept = client.post("/why/keep/", asked, follow=True)
    for response in (client.get("/why/", asked), client.get(version.get_absolute_url()), kept):
        assert address in text_of(response)
    assert address not in text_of(client.get("/why/", asked | {"did": "rm -rf ."}))


def test_looking_at_the_pages_stays_within_ten_statements(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    clock.forward(hours=1)
    for person in (cast.auditor, cast.security, cast.engineer):
        statements(person, f"/packets/{version.packet}/evidence/")
        statements(person, "/audit/bundle/")
        statements(person, "/audit/")
    statements(cast.auditor, "/audit/evidence/")
