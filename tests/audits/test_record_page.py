"""The record by filters and time, and a part of it taken away: whole, with hashes, and not unseen."""

from __future__ import annotations

import csv
import hashlib
import json
import tracemalloc
from datetime import timedelta
from typing import Any

import pytest

from approvals.models import Event
from approvals.vocabulary import EventKind
from audits import taking
from tests.audits.reading import signed_in, text_of
from tests.audits.test_one_minute import fill
from tests.cast import Cast, Clock, Walk, no_trace

TAKE = {"reason": "For the yearly audit.", "format": "jsonl"}


def taken(response: Any) -> str:
    return b"".join(response.streaming_content).decode()


def rows_of(response: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in taken(response).splitlines()]


def test_a_period_is_read_in_the_readers_zone_and_shown_back(cast: Cast, in_force: Walk, clock: Clock) -> None:
    cast.auditor.time_zone = "Europe/Berlin"
    cast.auditor.save()
    in_force()  # Monday 2 November, 09:00 UTC
    clock.forward(days=1)
    client = signed_in(cast.auditor)
    before = text_of(client.get("/record/", {"since": "2026-11-02", "until": "2026-11-02 10:00"}))
    assert "Sun 1 Nov 2026 23:00 UTC" in before
    assert "Nothing that you may see matches" in before
    within = text_of(client.get("/record/", {"since": "yesterday 10:00", "until": "2026-11-02 10:01"}))
    assert "Approved: the last signature is in" in within
    for wrong in ({"since": "yesteryear"}, {"since": "2026-11-03", "until": "2026-11-02"}):
        assert client.get("/record/", wrong).status_code == 400


def test_pages_of_a_period_follow_each_other_and_leave_nothing_out(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    fill(version, 70)  # all of one instant, an hour before
    client, seen, page = signed_in(cast.auditor), list[int](), "/record/?since=2026-11-01&agent=sentry-dev"
    for _ in range(9):
        response = client.get(page)
        seen += [event.pk for event in response.context["events"]]
        if not response.context["older"]:
            break
        page = f"/record/{response.context['older']}"
    assert sorted(seen) == sorted(Event.objects.filter(agent=version.packet.agent).values_list("pk", flat=True))
    assert len(seen) == len(set(seen))


def test_what_is_taken_is_whole_and_can_be_held_against_the_record(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    there = list(Event.objects.filter(packet=version.packet).order_by("pk"))
    client = signed_in(cast.auditor)
    *rows, closing = rows_of(client.post("/record/take/", TAKE | {"packet": version.packet.reference}))
    assert [row["event"] for row in rows] == [event.pk for event in there]
    assert [(row["row"], row["of"]) for row in rows] == [(n, len(there)) for n in range(1, len(there) + 1)]
    for row, event in zip(rows, there, strict=True):
        assert row["body"].encode() == bytes(event.body)
        assert row["sha256"] == hashlib.sha256(row["body"].encode()).hexdigest()
        assert row["leaf_hash"] == hashlib.sha256(b"\x00" + bytes(event.body)).hexdigest()
    leaves = b"".join(bytes.fromhex(row["leaf_hash"]) for row in rows)
    assert closing == {
        "row": len(there), "of": len(there), "sha256_of_leaf_hashes": hashlib.sha256(leaves).hexdigest(),
    }  # fmt: skip
    event = Event.objects.get(kind=EventKind.RECORD_TAKEN)
    detail = json.loads(bytes(event.body))["detail"]
    assert (event.actor, detail["rows"], detail["reason"]) == (cast.auditor, len(there), "For the yearly audit.")
    assert detail["filters"] == {"packet": version.packet.reference}


def test_as_csv_the_same_rows_and_no_formula(cast: Cast, in_force: Walk, clock: Clock) -> None:
    cast.engineer.first_name = "=1+1"
    cast.engineer.save()
    in_force()
    text = taken(signed_in(cast.auditor).post("/record/take/", TAKE | {"format": "csv"}))
    header, *rows = csv.reader(text.removeprefix("\ufeff").splitlines())
    assert tuple(header) == taking.COLUMNS
    assert rows[-1][2].startswith("SHA-256 of all leaf hashes: ")
    assert any(row[10].startswith("'=1+1") for row in rows[:-1])
    assert not any(cell.startswith("=") for row in rows for cell in row)


def test_nothing_is_taken_unseen_without_a_reason_or_beyond_ones_sight(
    cast: Cast, in_force: Walk, clock: Clock
) -> None:
    in_force()
    client = signed_in(cast.auditor)
    client.get("/record/")
    with no_trace():
        for wrong in ({"reason": " "}, {"reason": "x" * 501}, {"format": "xml"}, {"since": "garbage"}):
            assert client.post("/record/take/", TAKE | wrong).status_code == 422
        assert client.get("/record/take/").status_code == 405
    assert [row["of"] for row in rows_of(signed_in(cast.outsider).post("/record/take/", TAKE))] == [0]


def test_memory_stays_flat_however_long_the_period_is(
    cast: Cast, in_force: Walk, clock: Clock, full_scale: bool
) -> None:
    fill(in_force(), 200_000 if full_scale else 6_000)
    response: Any = signed_in(cast.auditor).post("/record/take/", TAKE)
    tracemalloc.start()
    count = sum(1 for _ in response.streaming_content)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count > 6_000
    assert most < 16_000_000
    print(f"{count:,} rows taken with at most {most / 1e6:.1f} MB")


def test_field_history_shows_lines_that_came_and_went(cast: Cast, drafted: Walk, clock: Clock) -> None:
    from dataclasses import replace

    from approvals import transitions
    from approvals.asking import asked
    from approvals.transitions import Seen

    version = drafted(rollback_path="1. Suspend it.\n2. Revert.")
    draft = replace(asked(version), rollback_path="1. Suspend it.\n2. Revert all.\n3. Tell security.")
    transitions.edit(version.pk, draft, seen=Seen.of(version), actor=cast.teammate)
    page = text_of(signed_in(cast.auditor).get(f"/record/{version.packet.reference}/history/", {"version": "1"}))
    assert "3. Tell security." in page
    assert page.count("1. Suspend it.") == 1  # in the first state only: it did not change
    assert "removed: " in page
    assert "added: " in page


@pytest.mark.parametrize("since", ["", "2026-10-01"])
def test_the_record_costs_the_same_with_and_without_a_period(
    cast: Cast, in_force: Walk, clock: Clock, since: str, django_assert_max_num_queries: Any
) -> None:
    fill(in_force(), 100)
    client = signed_in(cast.auditor)
    older = client.get("/record/", {"since": since}).context["older"]
    clock.forward(days=timedelta(days=1).days)
    with django_assert_max_num_queries(10):
        assert client.get(f"/record/{older}").status_code == 200
