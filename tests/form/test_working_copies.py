"""What is typed and not saved is kept for its person alone: shown again, never a secret, thrown away in the end."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command

from approvals import tasks, transitions
from approvals.models import Event, Version, WorkingCopy
from approvals.transitions import Seen
from tests.cast import Cast, Clock, latest, no_trace
from tests.form.typed import NEW, browser, typed

KEEP = f"{NEW}keep/"
EDIT = "/packets/AP-0001/v1/edit/"
SECRET = "ghp_" + "a1B2" * 10


def test_coming_back_shows_what_was_typed_as_it_was_typed(cast: Cast) -> None:
    client = browser(cast.engineer)
    answer = client.post(KEEP, typed(tools="Bash(find *", ends="next week"))
    assert answer.status_code == 200
    assert "kept for you; nobody else sees it" in answer.content.decode()
    page = client.get(NEW)
    assert page.context["form"]["tools"].value() == "Bash(find *"
    assert page.context["form"]["ends"].value() == "next week"
    assert "and did not save" in page.content.decode()


def test_it_leaves_neither_event_nor_history_and_one_row(cast: Cast) -> None:
    client = browser(cast.engineer)
    before = Event.objects.count()
    for job in ("T", "Tr", "Triage."):
        client.post(KEEP, typed(job=job))
    assert WorkingCopy.objects.get().typed["job"] == "Triage."
    assert Event.objects.count() == before
    assert not hasattr(WorkingCopy, "history")
    assert "csrfmiddlewaretoken" not in WorkingCopy.objects.get().typed


@pytest.mark.parametrize("name", ["teammate", "security", "admin"])
def test_nobody_else_reads_it(cast: Cast, name: str) -> None:
    browser(cast.engineer).post(NEW, typed())
    client = browser(cast.engineer)
    client.post(KEEP, typed(job="Only in my head."))
    client.post(f"{EDIT}keep/", typed(revision="1", job="Only in my head."))
    other = browser(getattr(cast, name))
    for url in (NEW, EDIT, "/packets/AP-0001/v1/", "/record/", "/approvals/workingcopy/"):
        assert "Only in my head." not in other.get(url, follow=True).content.decode(), url


def test_a_secret_is_never_kept_and_the_page_says_so(cast: Cast) -> None:
    client = browser(cast.engineer)
    answer = client.post(KEEP, typed(identity=SECRET, tools=f"Bash(curl -H {SECRET} *)"))
    page = answer.content.decode()
    assert "a secret is never stored" in page
    assert "Identity used by the agent" in page
    assert "Allowed tools and methods" in page
    assert SECRET not in page
    kept = WorkingCopy.objects.get().typed
    assert SECRET not in str(kept)
    assert kept["job"] == typed()["job"], "the rest is kept"


def test_more_than_a_packet_holds_is_not_kept(cast: Cast) -> None:
    client = browser(cast.engineer)
    with no_trace():
        answer = client.post(KEEP, typed(job="x" * 200_000))
    assert answer.status_code == 413
    assert "more text than a packet holds" in answer.content.decode()


def test_throwing_away_is_a_post_and_begins_anew(cast: Cast) -> None:
    client = browser(cast.engineer)
    client.post(KEEP, typed(job="Unwanted."))
    assert client.get(f"{NEW}throw-away/").status_code == 405
    assert client.post(f"{NEW}throw-away/").url == NEW  # type: ignore[attr-defined]  # a redirect
    assert not WorkingCopy.objects.exists()
    assert "Unwanted." not in client.get(NEW).content.decode()


@pytest.mark.parametrize("then", ["save", "submit"])
def test_what_is_saved_is_no_working_copy_any_more(cast: Cast, then: str) -> None:
    client = browser(cast.engineer)
    client.post(KEEP, typed(job="Half"))
    client.post(NEW, typed(then=then))
    assert not WorkingCopy.objects.exists()


def test_a_draft_has_one_for_each_person(cast: Cast) -> None:
    browser(cast.engineer).post(NEW, typed())
    for person, job in ((cast.engineer, "Mine."), (cast.teammate, "Theirs.")):
        browser(person).post(f"{EDIT}keep/", typed(revision="1", job=job))
    assert WorkingCopy.objects.count() == 2
    page = browser(cast.engineer).get(EDIT)
    assert page.context["form"]["job"].value() == "Mine."
    assert Version.objects.get().job == typed()["job"], "nothing is saved"


def test_what_is_as_saved_needs_no_notice(cast: Cast) -> None:
    client = browser(cast.engineer)
    client.post(NEW, typed())
    client.post(f"{EDIT}keep/", typed(revision="1"))
    assert "and did not save" not in client.get(EDIT).content.decode()


def test_somebody_elses_save_is_told_and_nothing_typed_is_lost(cast: Cast) -> None:
    client = browser(cast.engineer)
    client.post(NEW, typed())
    client.post(f"{EDIT}keep/", typed(revision="1", identity="svc-mine"))
    browser(cast.teammate).post(EDIT, typed(revision="1", job="Only triage."))
    meanwhile = client.post(f"{EDIT}keep/", typed(revision="1", identity="svc-mine-too"))
    assert "Tomás Ortiz" in meanwhile.content.decode()
    page = client.get(EDIT)
    assert page.context["form"]["identity"].value() == "svc-mine-too"
    assert [field.name for field in page.context["stale"]["differ"]] == ["job", "identity"]
    assert "Tomás Ortiz" in page.content.decode()
    assert client.post(EDIT, typed(revision=str(page.context["revision"]), identity="svc-mine")).status_code == 302


@pytest.mark.parametrize(("name", "status"), [("outsider", 404), ("security", 403)])
def test_who_may_not_edit_keeps_nothing(cast: Cast, name: str, status: int) -> None:
    browser(cast.engineer).post(NEW, typed())
    client = browser(getattr(cast, name))
    with no_trace():
        assert client.post(f"{EDIT}keep/", typed(revision="1")).status_code == status


def test_a_draft_that_is_none_any_more_takes_no_copy(cast: Cast) -> None:
    client = browser(cast.engineer)
    client.post(NEW, typed(then="submit"))
    answer = client.post(f"{EDIT}keep/", typed(revision="1"))
    assert answer.status_code == 409
    assert "in review" in answer.content.decode()
    assert not WorkingCopy.objects.exists()


def keep_all(cast: Cast) -> Any:
    client = browser(cast.engineer)
    client.post(NEW, typed())
    for person in (cast.engineer, cast.teammate):
        browser(person).post(f"{EDIT}keep/", typed(revision="1", job="Half typed."))
        browser(person).post(KEEP, typed(job="Half typed."))
    return Version.objects.get()


def test_copies_of_finished_drafts_and_of_people_who_left_are_forgotten(cast: Cast, clock: Clock) -> None:
    version = keep_all(cast)
    assert tasks.forget_working_copies() == 0
    cast.teammate.is_active = False
    cast.teammate.save()
    assert tasks.forget_working_copies() == 2
    assert set(WorkingCopy.objects.values_list("person__username", flat=True)) == {"engineer"}
    transitions.discard(version.pk, seen=Seen.of(latest(version)), actor=cast.engineer)
    call_command("sweep")
    assert [copy.version for copy in WorkingCopy.objects.all()] == [None], "a packet that is not there yet stays typed"


@pytest.mark.databases
def test_any_text_is_kept_on_any_database(cast: Cast) -> None:
    client = browser(cast.engineer)
    text = "Ελληνικά, 日本語, 👩‍🔬, \u202e and \x00 nothing."
    assert client.post(KEEP, typed(job=text)).status_code == 200
    assert client.get(NEW).context["form"]["job"].value() == text.replace("\x00", "")
    edit = client.post(NEW, typed())["Location"]  # numbers go on after other tests on PostgreSQL
    client.post(f"{edit}keep/", typed(revision="1", job=text))
    assert client.get(edit).context["form"]["job"].value() == text.replace("\x00", "")
