"""Record, who and field history as people meet them; who sees which page, and what each costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from approvals import transitions
from approvals.asking import asked
from approvals.models import Event
from approvals.transitions import Seen
from tests.audits.reading import QUESTION, signed_in, text_of
from tests.cast import Cast, Clock, Walk, latest, no_trace

PAGES = ("/why/", "/who/", "/record/")
MOST_STATEMENTS = 10


@pytest.mark.parametrize("page", [*PAGES, "/record/AP-0001/history/"])
def test_nobody_sees_anything_without_signing_in(db: None, page: str) -> None:
    response = Client().get(page)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/sign-in/")


def test_nothing_can_be_posted_and_asking_leaves_no_trace(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    client = signed_in(cast.auditor)
    pages = [*PAGES, f"/record/{version.packet.reference}/history/"]
    client.get("/why/")
    with no_trace():
        for page in pages:
            assert client.get(page, QUESTION).status_code == 200
            for verb in (client.post, client.put, client.delete):
                assert verb(page, QUESTION).status_code == 405


def test_what_nobody_may_see_is_not_in_record_who_or_history(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    client = signed_in(cast.outsider)
    assert client.get(f"/record/{version.packet.reference}/history/").status_code == 404
    assert "sentry-dev" not in text_of(client.get("/record/"))
    assert str(version) not in text_of(client.get("/who/", {"q": "crm.customers"}))
    assert str(version) in text_of(signed_in(cast.teammate).get("/who/", {"q": "crm.customers"}))


def test_who_finds_wildcards_and_forgets_what_ended(cast: Cast, in_force: Walk, clock: Clock) -> None:
    first, second = in_force(), in_force(data_sources="crm.*", never="crm.customers(delete *)")
    client = signed_in(cast.auditor)
    page = text_of(client.get("/who/", {"q": "crm.customers"}))
    assert str(first) in page
    assert str(second) in page
    assert "Never allowed" in page
    assert "<b>crm.customers</b>(delete *)" in page
    clock.to(first.ends_at or clock.moment)
    assert "No packet in force that you may see" in text_of(client.get("/who/", {"q": "crm.customers"}))
    assert client.get("/who/", {"q": "crm customers"}).status_code == 400
    assert client.get("/who/", {"q": "x" * 5000}).status_code == 400


def test_the_record_is_filtered_paged_and_shown_as_written(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force(job="<b>Triage</b>")
    transitions.suspend(version.packet_id, actor=cast.responder, reason="<i>It deleted a branch.</i>")
    client = signed_in(cast.auditor)
    page = text_of(client.get("/record/", {"packet": version.packet.reference.lower(), "kind": "suspended"}))
    assert "&lt;i&gt;It deleted a branch.&lt;/i&gt;" in page
    assert "<i>It" not in page
    assert escape('"kind": "suspended"') in page
    assert "Ravi Rao" in page
    assert "Submitted for review</b>" not in page
    by_person = text_of(client.get("/record/", {"person": "responder"}))
    assert "<b>Suspended</b>" in by_person
    assert "<b>Signed</b>" not in by_person
    assert "Nothing that you may see matches" in text_of(client.get("/record/", {"agent": "nobody"}))
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True)[0]
    assert "<b>Suspended</b>" not in text_of(client.get("/record/", {"before": str(newest)}))


def test_the_record_says_when_it_was_written_later(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    clock.to((version.ends_at or clock.moment) + timedelta(minutes=3))
    transitions.expire(version.pk, seen=Seen.of(latest(version)))
    page = text_of(signed_in(cast.auditor).get("/record/", {"kind": "ended"}))
    assert "recorded <time" in page


@pytest.mark.parametrize(
    "query",
    [
        {"before": "x"},
        {"before": "9" * 400},
        {"before": "-1"},
        {"kind": "nonsense"},
        {"agent": "a\x00"},
        {"person": "x" * 300},
    ],
)
def test_a_record_page_that_cannot_be_is_a_sentence(cast: Cast, query: dict[str, str]) -> None:
    response = signed_in(cast.auditor).get("/record/", query)
    assert response.status_code == 400
    assert 'role="alert"' in text_of(response)


def test_field_history_says_who_changed_what(cast: Cast, drafted: Walk, clock: Clock) -> None:
    version = drafted()
    draft = replace(asked(version), job="Close stale errors.")
    transitions.edit(version.pk, draft, seen=Seen.of(version), actor=cast.teammate)
    client = signed_in(cast.auditor)
    address = f"/record/{version.packet.reference}/history/"
    page = text_of(client.get(address, {"version": "1"}))
    assert "Close stale errors." in page
    assert "Triage new errors." in page
    assert "Tomás Ortiz" in page
    assert client.get(address).status_code == 200
    for wrong in ({"version": "2"}, {"version": "x"}, {"version": "9" * 400}, {"before": "²"}):
        assert client.get(address, wrong).status_code == 404


def statements(act: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert act().status_code == 200
    return len(caught)


@pytest.mark.parametrize("who", ["auditor", "teammate"])
def test_the_cost_does_not_grow_with_the_rows(cast: Cast, in_force: Walk, clock: Clock, who: str) -> None:
    client = signed_in(getattr(cast, who))

    def costs() -> list[int]:
        no = QUESTION | {"did": "git push"}
        rows = [client.get(page, query) for page, query in [("/why/", QUESTION)] if client.get("/why/")]
        assert rows
        return [
            statements(lambda page=page, query=query: client.get(page, query))  # type: ignore[misc]
            for page, query in (
                ("/why/", QUESTION), ("/why/", no), ("/who/", {"q": "crm.customers"}), ("/record/", {}),
                (f"/record/{first.packet.reference}/history/", {"version": "1"}),
            )
        ]  # fmt: skip

    first = in_force()
    few = costs()
    for _ in range(12):
        version = in_force()
        transitions.suspend(version.packet_id, actor=cast.responder, reason="Stop.")
    assert costs() == few
    assert max(few) <= MOST_STATEMENTS, few
