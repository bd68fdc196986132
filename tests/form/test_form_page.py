"""The packet form as a page: who may open it, what saving and submitting do, and what two people at once meet."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from approvals import transitions
from approvals.asking import asked
from approvals.models import Event, Packet, Version
from approvals.transitions import Seen
from approvals.vocabulary import TEN_LABELS, EventKind, Field, State
from tests import present
from tests.cast import Cast, Walk, kinds, latest, no_trace
from tests.form.typed import NEW, browser, typed

EDIT = "/packets/AP-0001/v1/edit/"


def test_the_ten_labels_stand_in_their_order(cast: Cast) -> None:
    page = browser(cast.engineer).get(NEW).content.decode()
    places = [page.index(f">{number}. {label}<") for number, label in enumerate(TEN_LABELS, 1)]
    assert places == sorted(places)
    assert page.index(">Agent</label>") < places[0]
    assert places[5] < page.index(">Never allowed</label>") < places[6]


def test_saving_makes_a_draft_and_asks_nobody(cast: Cast) -> None:
    answer = browser(cast.engineer).post(NEW, typed(then="save"))
    version = Version.objects.get()
    assert answer.url == EDIT  # type: ignore[attr-defined]  # a redirect
    assert version.state == State.DRAFT
    assert kinds(version) == [EventKind.DRAFTED]
    assert [str(line) for line in asked(version).of(Field.TOOLS)] == [
        "Bash(git diff *)", "Bash(git log *)", "mcp__sentry__search_issues",
    ]  # fmt: skip


def test_submitting_a_new_packet_saves_and_submits(cast: Cast) -> None:
    answer = browser(cast.engineer).post(NEW, typed(then="submit"))
    version = Version.objects.get()
    assert answer.url == "/packets/AP-0001/v1/"  # type: ignore[attr-defined]
    assert version.state == State.IN_REVIEW
    assert kinds(version) == [EventKind.DRAFTED, EventKind.SUBMITTED]


def test_a_refused_submit_leaves_nothing_and_keeps_the_text(cast: Cast) -> None:
    client = browser(cast.engineer)
    with no_trace():
        answer = client.post(NEW, typed(then="submit", rollback_path=""))
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"rollback_path": ["Write the steps to take when it goes wrong."]}
    assert answer.context["form"]["identity"].value() == "svc-sentry-dev"


def test_an_end_the_rules_do_not_allow_is_said_at_the_end(cast: Cast) -> None:
    answer = browser(cast.engineer).post(NEW, typed(then="submit", ends="2028-05-01"))
    assert answer.status_code == 422
    assert "the rules allow no more" in answer.context["form"].errors["ends"][0]
    assert not Packet.objects.exists()


def test_the_edit_page_says_how_it_stands(cast: Cast) -> None:
    client = browser(cast.engineer)
    client.post(NEW, typed(identity="", tools="Bash(gh api *)", ends="2027-02-26"))
    page = client.get(EDIT)
    stands, text = page.context["stands"], page.content.decode()
    assert (stands.tier, stands.signers, stands.longest_days) == ("high", "two of Security", 90)
    assert [flaw.key for flaw in stands.missing] == ["identity"]
    assert 'href="#id_identity"' in text
    assert "High risk" in text
    assert "2027-02-26 00:00" in text
    assert "Fri 26 Feb 2027 00:00 UTC" in text
    found = next(finding for finding in stands.findings if finding.line == "Bash(gh api *)")
    beneath = text.split('id="id_tools"')[1].split('id="id_write_actions"')[0]
    assert found.sentence in beneath, "the finding stands beneath its line"


def test_opening_pages_changes_nothing(cast: Cast) -> None:
    client = browser(cast.engineer)
    client.post(NEW, typed())
    client.get(EDIT)  # the greeting of the save is read once
    with no_trace():
        for url in (NEW, f"{NEW}?level=run&agent=sentry-dev&parent=AP-0001", EDIT, "/packets/import/"):
            assert client.get(url).status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
def test_outsiders_see_no_draft(cast: Cast, method: str) -> None:
    browser(cast.engineer).post(NEW, typed())
    assert getattr(browser(cast.outsider), method)(EDIT, typed(revision="1")).status_code == 404


def test_nobody_signed_in_is_sent_to_sign_in(db: None) -> None:
    for url in (NEW, "/packets/import/", EDIT, "/packets/AP-0001/v1.yaml"):
        assert Client().get(url).url.startswith("/sign-in/")  # type: ignore[attr-defined]
        assert Client().post(url, typed()).url.startswith("/sign-in/")  # type: ignore[attr-defined]


def test_a_teammate_may_edit_and_becomes_an_author(cast: Cast) -> None:
    browser(cast.engineer).post(NEW, typed())
    answer = browser(cast.teammate).post(EDIT, typed(revision="1", job="Only triage."))
    version = Version.objects.get()
    assert answer.status_code == 302
    assert version.job == "Only triage."
    assert set(version.editors.all()) == {cast.engineer, cast.teammate}


@pytest.mark.parametrize("name", ["auditor", "responder", "security", "admin"])
def test_whoever_only_sees_it_changes_nothing(cast: Cast, name: str) -> None:
    browser(cast.engineer).post(NEW, typed())
    client = browser(getattr(cast, name))
    assert client.get(EDIT).url == "/packets/AP-0001/v1/"  # type: ignore[attr-defined]
    with no_trace():
        assert client.post(EDIT, typed(revision="1", job="Mine now.")).status_code == 403


def test_of_two_at_once_the_second_is_told_and_loses_nothing(cast: Cast) -> None:
    browser(cast.engineer).post(NEW, typed())
    browser(cast.teammate).post(EDIT, typed(revision="1", job="Only triage.", never=""))
    client = browser(cast.engineer)
    with no_trace():
        answer = client.post(EDIT, typed(revision="1", identity="svc-other"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Tomás Ortiz" in page
    assert [field.name for field in answer.context["stale"]["differ"]] == ["job", "never", "identity"]
    assert answer.context["form"]["identity"].value() == "svc-other"
    assert Version.objects.get().job == "Only triage."
    again = client.post(EDIT, typed(revision=str(answer.context["revision"]), identity="svc-other"))
    assert again.status_code == 302
    assert Version.objects.get().identity == "svc-other"


def test_saving_what_is_there_already_makes_nobody_an_author(cast: Cast) -> None:
    browser(cast.engineer).post(NEW, typed())
    browser(cast.teammate).post(EDIT, typed(revision="1"))
    version = Version.objects.get()
    assert kinds(version) == [EventKind.DRAFTED]
    assert list(version.editors.all()) == [cast.engineer]


def test_a_version_in_review_is_not_edited(cast: Cast) -> None:
    client = browser(cast.engineer)
    client.post(NEW, typed(then="submit"))
    assert client.get(EDIT).url == "/packets/AP-0001/v1/"  # type: ignore[attr-defined]
    answer = client.post(EDIT, typed(revision=str(Version.objects.get().revision), job="Too late."))
    assert answer.status_code == 409
    assert answer.context["form"]["job"].value() == "Too late."
    assert Version.objects.get().job != "Too late."


def test_the_reason_of_a_verdict_stands_on_top(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    present.request_changes(
        version.pk, seen=Seen.of(latest(version)), actor=cast.security, reason="Leave out crm.customers."
    )
    page = browser(cast.engineer).get("/packets/AP-0001/v2/edit/").content.decode()
    assert "Leave out crm.customers." in page
    assert "Sam Sato" in page
    assert "(Security)" in page


def test_what_stays_in_force_meanwhile_is_said(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    transitions.amend(version.pk, actor=cast.engineer)
    page = browser(cast.engineer).get("/packets/AP-0001/v2/edit/")
    assert page.context["stands"].current == version
    assert ">v1</a> stays in force until" in page.content.decode()


def test_no_page_asks_more_than_ten_times(cast: Cast, in_force: Walk) -> None:
    version = in_force(tools="\n".join(f"Bash(tool{n} *)" for n in range(80)))
    transitions.amend(version.pk, actor=cast.teammate)
    for number in range(30):
        cast.person(f"more{number}", f"Team {number}")
    for person in (cast.engineer, cast.teammate):
        client = browser(person)
        for url in (NEW, "/packets/AP-0001/v2/edit/", "/packets/import/", "/packets/import/?into=AP-0001"):
            with CaptureQueriesContext(connection) as asked_of:
                assert client.get(url).status_code == 200
            assert len(asked_of) <= 10, (url, [query["sql"][:90] for query in asked_of])


def test_a_run_is_written_inside_its_parent(cast: Cast, in_force: Walk) -> None:
    in_force()
    client = browser(cast.engineer)
    page = client.get(f"{NEW}?level=run&agent=sentry-dev&parent=AP-0001").content.decode()
    assert re.search(r'value="run"[^>]* checked', page)
    run = typed(
        level="run", parent="ap-0001", task="Fix SENTRY-12.", look_at="The parser.", commands="Bash(git diff HEAD)",
        data_sources="", tools="", write_actions="", human_approval="", ends="",
    )  # fmt: skip
    assert client.post(NEW, run).status_code == 302
    version = Version.objects.get(packet__level="run")
    assert str(version.packet.parent) == "AP-0001"
    assert list(version.lines) == ["never", "commands"]
    assert (version.access_revoked, version.task) == ("", "Fix SENTRY-12.")
    edit = client.get(f"/packets/{version.packet}/v1/edit/").content.decode()
    assert "One run, inside AP-0001" in edit
    assert "How access is revoked" not in edit


def test_a_run_without_its_parent_is_told_so(cast: Cast, in_force: Walk) -> None:
    in_force()
    for parent in ("", "AP-0099", "AP\x00"):
        answer = browser(cast.engineer).post(NEW, typed(level="run", parent=parent))
        assert answer.status_code == 422
        assert answer.context["form"].errors["parent"], parent


def test_fields_of_the_other_level_are_not_part_of_it(cast: Cast) -> None:
    browser(cast.engineer).post(NEW, typed(commands="Bash(rm *)", task="Not here."))
    version = Version.objects.get()
    assert "commands" not in version.lines
    assert version.task == ""


def test_someone_in_two_teams_chooses_one_for_a_new_agent(cast: Cast) -> None:
    cast.engineer.groups.add(cast.other_team)
    client = browser(cast.engineer)
    assert client.post(NEW, typed()).context["form"].errors["team"]
    client.post(NEW, typed(team=str(cast.other_team.pk)))
    assert Packet.objects.get().agent.team == cast.other_team
    assert not Event.objects.filter(kind=EventKind.SUBMITTED).exists()


def test_people_who_left_are_not_proposed(cast: Cast) -> None:
    cast.teammate.is_active = False
    cast.teammate.save()
    client = browser(cast.engineer)
    assert '<option value="teammate">' not in client.get(NEW).content.decode()
    assert client.post(NEW, typed()).context["form"].errors["rollback_owner"]
