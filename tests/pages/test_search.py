"""Search: what each role finds and does not find, and what opens at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command

from approvals import search_index, transitions
from approvals.models import Agent, Packet, SearchTerm
from approvals.transitions import Seen
from tests.cast import Cast, Walk, content, latest, no_trace
from tests.pages.asking import signed_in

pytestmark = pytest.mark.django_db


def found(person: Any, words: str) -> dict[str, list[str]]:
    """What the page shows, by kind."""
    page = signed_in(person).get("/search/", {"q": words})
    assert page.status_code == 200, page.headers
    return {
        "agents": [one.slug for one in page.context.get("agents", [])],
        "packets": [row.version.packet.reference for row in page.context.get("packets", [])],
        "people": [one.username for one in page.context.get("people", [])],
    }


NOTHING: dict[str, list[str]] = {"agents": [], "packets": [], "people": []}


@pytest.mark.databases
@pytest.mark.parametrize("words", ["sentry", "triages", "git dif", "mcp__github", "list_issues", "AP-00", "svc-tri"])
def test_those_who_see_a_packet_find_it_and_nobody_else_does(words: str, cast: Cast, in_force: Walk) -> None:
    version = in_force(
        job="Triages issues. Nothing else.", identity="svc-triage", tools="mcp__github__list_issues\nBash(git diff *)"
    )
    for person in (cast.engineer, cast.teammate, cast.security, cast.auditor):
        assert found(person, words)["packets"] == [version.packet.reference], person
    assert found(cast.outsider, words) == NOTHING


@pytest.mark.databases
def test_agents_and_people_are_found_by_those_who_see_their_packets(cast: Cast, in_force: Walk) -> None:
    in_force(rollback_owner="teammate")
    assert found(cast.auditor, "sentry-d")["agents"] == ["sentry-dev"]
    assert found(cast.auditor, "eri")["people"] == ["engineer"]
    assert found(cast.engineer, "Orti")["people"] == ["teammate"]
    assert found(cast.auditor, "olsen") == NOTHING, "no packet names her"
    for words in ("sentry-d", "eri", "orti"):
        assert found(cast.outsider, words) == NOTHING
    theirs = signed_in(cast.auditor).get("/packets/?tab=all&person=teammate").context["rows"]
    assert len(theirs) == 1, "a person's result leads to their packets, whatever their part in them"


def test_an_exact_name_opens_at_once_but_only_for_those_who_see_it(cast: Cast, in_force: Walk) -> None:
    version = in_force(identity="svc-one")
    reference = version.packet.reference
    opens = {
        reference: f"/packets/{reference}/", reference.lower(): f"/packets/{reference}/",
        f"AP{version.packet.pk}": f"/packets/{reference}/", f"{reference} v1": version.get_absolute_url(),
        "sentry-dev": "/agents/sentry-dev/", "Sentry-Dev": "/agents/sentry-dev/", "svc-one": f"/packets/{reference}/",
        "engineer": "/packets/?tab=all&person=engineer",
    }  # fmt: skip
    insider, outsider = signed_in(cast.engineer), signed_in(cast.outsider)
    for words, address in opens.items():
        assert insider.get("/search/", {"q": words}).headers.get("Location") == address, words
        assert outsider.get("/search/", {"q": words}).status_code == 200, words
    in_force(identity="svc-one", agent="other-bot")
    several = insider.get("/search/", {"q": "svc-one"})
    assert several["Location"] == "/packets/?tab=all&identity=svc-one"
    assert len(insider.get(several["Location"]).context["rows"]) == 2


def test_nothing_found_says_what_was_searched_and_what_to_try(cast: Cast, in_force: Walk) -> None:
    in_force()
    page = signed_in(cast.auditor).get("/search/", {"q": "zebra"}).content.decode()
    assert "Searched were the names of agents" in page
    assert "only the beginning of one" in page
    for nothing in ("", "%%%"):
        assert "letter" in (page := signed_in(cast.auditor).get("/search/", {"q": nothing}).content.decode()) or (
            "Type the name of an agent" in page
        )


def test_the_search_in_the_shell_leads_there(cast: Cast) -> None:
    assert 'role="search" action="/search/"' in signed_in(cast.auditor).get("/").content.decode()


@pytest.mark.parametrize(
    "words", ["'; drop table", "%", "_" * 300, "\x00a", "AP-99999999999999999999 v9", "<b>x</b>", "\ud800"]
)
def test_no_search_is_an_error_and_none_is_run_as_markup(words: str, cast: Cast, in_force: Walk) -> None:
    in_force()
    with no_trace():
        page = signed_in(cast.auditor).get("/search/", {"q": words.encode("utf-8", "surrogatepass")})
    assert page.status_code == 200
    assert "<b>x</b>" not in page.content.decode()


@pytest.mark.databases
def test_the_index_follows_every_change_of_the_content(cast: Cast, drafted: Walk, in_force: Walk) -> None:
    draft = drafted(job="Walks zebras.")
    body = content(job="Feeds okapis.")
    transitions.edit(draft.pk, body, seen=Seen.of(draft), actor=cast.engineer)
    assert found(cast.engineer, "zebra") == NOTHING
    assert found(cast.engineer, "okapi")["packets"] == [draft.packet.reference]
    for packet in Packet.objects.select_related("agent"):
        assert search_index.standing(packet) == search_index.expected(packet)


def test_the_index_can_be_made_anew(cast: Cast, in_force: Walk) -> None:
    version = in_force(job="Feeds okapis.")
    before = search_index.standing(version.packet)
    SearchTerm.objects.filter(packet=version.packet).delete()
    SearchTerm.objects.create(packet=version.packet, term=b"wrong")
    call_command("rebuild_search", verbosity=0)
    assert search_index.standing(latest(version).packet) == before
    assert Agent.objects.count() == 1
