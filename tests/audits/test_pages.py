"""Why?, who, record and field history as people meet them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from approvals import transitions
from approvals.models import Event
from approvals.transitions import Seen
from portal.models import User
from tests.cast import Cast, Clock, Walk, latest, no_trace

PAGES = ("/why/", "/who/", "/record/")
QUESTION = {"agent": "sentry-dev", "did": "git diff HEAD", "at": ""}
MOST_STATEMENTS = 10


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text_of(response: Any) -> str:
    return str(response.content.decode())


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
    from zoneinfo import ZoneInfo

    from audits.moments import read_moment

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
        {"agent": "x" * 64, "did": "git diff"},
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
        body = text_of(response).replace("sentry-xyz", "sentry-dev")
        return body[body.index("<main") :]

    assert without_names(hidden) == without_names(absent)


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
    from dataclasses import replace

    from approvals.asking import asked

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


# --- The cost -------------------------------------------------------------------------------------------------------


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


# --- The command line -----------------------------------------------------------------------------------------------


def why(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("why", *arguments, stdout=out)
    return int(left.value.code or 0), out.getvalue()


SEAM = [
    *("verdict", "sentence", "at", "packet", "version", "line", "owner", "job", "identity", "signers", "ends"),
    *("rollback", "run_record", "near_misses"),
]


def test_the_command_answers_in_json(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force(human_approval="Bash(git push *)")
    code, out = why("sentry-dev", "git diff HEAD", "--json")
    data = json.loads(out)
    assert code == 0
    assert list(data) == SEAM
    assert (data["verdict"], data["packet"], data["version"]) == ("would_have_allowed", version.packet.reference, 1)
    assert data["line"] == {"field": "tools", "text": "Bash(git diff *)"}
    assert data["owner"] == "engineer"
    signer = data["signers"][0]
    assert (signer["name"], signer["role"], signer["at"]) == ("Sam Sato", "Security", "2026-11-02T09:00:00Z")
    assert signer["digest"] == version.decisions.get().digest
    assert signer["version_digest"] == version.digest
    code, out = why("sentry-dev", "git push", "--json")
    assert (code, json.loads(out)["verdict"]) == (3, "held")
    code, out = why("sentry-dev", "git diff HEAD; rm -rf .", "--json")
    data = json.loads(out)
    assert (code, data["verdict"], data["packet"], data["signers"]) == (1, "not_allowed", None, [])
    assert data["near_misses"][0]["line"]["text"].startswith("Bash(")
    code, out = why("nobody", "git diff HEAD", "--json")
    assert (code, json.loads(out)["verdict"]) == (1, "cannot_say")


def test_the_command_answers_in_sentences_also_of_an_earlier_time(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    clock.to((version.ends_at or clock.moment) + timedelta(days=3))
    code, out = why("sentry-dev", "git diff HEAD", "--at", "2026-11-03 10:00")
    assert code == 0
    assert str(version) in out
    assert "Signed by Sam Sato (security) for Security" in out
    code, out = why("sentry-dev", "git diff HEAD")
    assert code == 1
    assert "it ended 3 days before" in out


def test_bad_use_of_the_command_is_exit_two(db: None) -> None:
    for arguments in (("sentry-dev", "x", "--at", "garbage"), ("sentry-dev", " "), ("sentry-dev", "x" * 30_000)):
        with pytest.raises(CommandError) as caught:
            call_command("why", *arguments)
        assert caught.value.returncode == 2
