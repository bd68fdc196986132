"""The packets list: tabs, search, pages, and what nobody may see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from approvals import transitions
from approvals.models import Version
from approvals.pages import lists
from approvals.transitions import Seen
from tests.cast import Cast, Clock, Walk, latest, no_trace
from tests.pages.asking import signed_in

pytestmark = pytest.mark.django_db


def shown(person: Any, **asked: str) -> list[str]:
    """The references on the list, in its order."""
    page = signed_in(person).get("/packets/", asked)
    assert page.status_code == 200
    return [row.version.packet.reference for row in page.context["rows"]]


def test_anonymous_people_are_sent_to_sign_in(client: Client) -> None:
    assert client.get("/packets/").status_code == 302


def test_each_tab_has_what_it_says(
    cast: Cast, clock: Clock, drafted: Walk, in_force: Walk, suspended: Walk, revoked: Walk, in_review: Walk
) -> None:
    draft, force = drafted().packet.reference, in_force().packet.reference
    stopped, over = suspended().packet.reference, revoked().packet.reference
    review = in_review(actor=cast.teammate, owner="teammate").packet.reference
    soon = in_force(ends=clock.now() + timedelta(days=31)).packet.reference
    clock.forward(days=2)
    assert shown(cast.engineer, tab="mine") == [soon, over, stopped, force, draft]
    assert shown(cast.security, tab="waiting") == [review]
    assert shown(cast.auditor, tab="in-force") == [soon, force]
    assert shown(cast.auditor, tab="ends-soon") == [soon]
    assert shown(cast.auditor, tab="stopped") == [stopped]
    assert shown(cast.auditor, tab="ended") == [over]
    assert shown(cast.auditor, tab="all") == [soon, review, over, stopped, force, draft]


def test_outsiders_see_none_of_it(cast: Cast, in_force: Walk) -> None:
    in_force()
    for tab in lists.TABS:
        assert shown(cast.outsider, tab=tab) == []
        assert shown(cast.outsider, tab=tab, q="Bash") == []


@pytest.mark.parametrize("words", ["svc-", "Bash(git d", "git", "AP-00", "crm.cust", "customers", "DIFF"])
def test_words_find_identity_lines_and_references(words: str, cast: Cast, in_force: Walk) -> None:
    version = in_force(identity="svc-sentry", rollback_owner="teammate")
    assert shown(cast.auditor, q=words) == [version.packet.reference]
    assert shown(cast.outsider, q=words) == []


@pytest.mark.parametrize(
    "words", ["'; drop table", "%", "_" * 300, "\x00", "((((", "AP-99999999999999999999", "<b>x</b>"]
)
def test_no_search_is_an_error(words: str, cast: Cast, in_force: Walk) -> None:
    in_force()
    for page in ("/packets/", "/search/"):
        response = signed_in(cast.auditor).get(page, {"q": words})
        assert response.status_code == 200
        assert "<b>x</b>" not in response.content.decode()


@pytest.mark.parametrize("key", ["x", "-1", "9" * 40, "", "0", "²"])
def test_no_page_key_is_an_error(key: str, cast: Cast, in_force: Walk) -> None:
    in_force()
    for name in ("before", "after"):
        assert signed_in(cast.auditor).get("/packets/", {name: key, "tab": "all"}).status_code == 200


def test_pages_go_there_and_back_without_a_gap(cast: Cast, drafted: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE", 3)
    references = [drafted().packet.reference for _ in range(7)][::-1]
    client, seen, address = signed_in(cast.engineer), [], "?tab=all"
    while address:
        page = client.get(f"/packets/{address}").context
        seen.append([row.version.packet.reference for row in page["rows"]])
        address, back = page["older"], page["newer"]
    assert seen == [references[:3], references[3:6], references[6:]]
    while back:
        page = client.get(f"/packets/{back}").context
        seen.append([row.version.packet.reference for row in page["rows"]])
        back = page["newer"]
    assert seen[3:] == [references[3:6], references[:3]]


def test_a_row_shows_what_counts_and_links_the_open_one(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    draft = transitions.amend(version.pk, actor=cast.engineer)
    page = signed_in(cast.engineer).get("/packets/", {"tab": "all"})
    (row,) = page.context["rows"]
    assert (row.version, row.open) == (version, draft)
    assert f'href="{draft.get_absolute_url()}"' in page.content.decode()


def test_what_waits_shows_the_version_in_review(cast: Cast, in_force: Walk, in_review: Walk) -> None:
    version = in_force()
    waiting = in_review(of=transitions.amend(version.pk, actor=cast.engineer))
    (row,) = signed_in(cast.security).get("/packets/", {"tab": "waiting"}).context["rows"]
    assert row.version == waiting


def test_each_role_begins_where_it_works(cast: Cast, in_review: Walk) -> None:
    in_review()
    tabs = [
        signed_in(person).get("/packets/").context["tab"] for person in (cast.security, cast.engineer, cast.auditor)
    ]
    assert tabs == ["waiting", "mine", "all"]


@pytest.mark.parametrize("tab", lists.TABS)
def test_every_empty_list_says_so_and_what_next(tab: str, cast: Cast) -> None:
    for person in (cast.engineer, cast.auditor):
        page = signed_in(person).get("/packets/", {"tab": tab}).content.decode()
        assert lists.EMPTY[tab] in page


def test_hostile_headings_are_escaped(cast: Cast, drafted: Walk) -> None:
    drafted(job='<img src=x onerror="alert(1)"> sorts mail.')
    page = signed_in(cast.engineer).get("/packets/").content.decode()
    assert "<img" not in page


def test_reading_lists_leaves_no_trace(cast: Cast, in_review: Walk) -> None:
    in_review()
    client = signed_in(cast.security)
    with no_trace():
        for tab in lists.TABS:
            client.get("/packets/", {"tab": tab, "q": "sentry x"})


def test_a_withdrawn_version_waits_for_nobody(cast: Cast, in_review: Walk) -> None:
    version: Version = in_review()
    transitions.withdraw(version.pk, seen=Seen.of(latest(version)), actor=cast.engineer)
    assert shown(cast.security, tab="waiting") == []
