"""“Looking at it now”: who may decide and has the page open, told to those who see it. It locks nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from approvals.models import Event, Looking, Version
from approvals.pages.looking import COUNTS_FOR
from tests.cast import MICROSECOND, Cast, Clock, Walk, latest, sign
from tests.pages.asking import signed_in, signing, verb

pytestmark = pytest.mark.django_db


def look(person: Any, version: Version) -> Any:
    return signed_in(person).post(verb(version, "looking"))


def words(person: Any, version: Version) -> str:
    told: str = signed_in(person).get(version.get_absolute_url()).context["looking_words"]
    return told


@pytest.fixture
def version(in_review: Walk) -> Version:
    return in_review(seats={"Security": 2})


def test_a_look_is_told_to_everybody_who_sees_the_packet_but_oneself(cast: Cast, version: Version) -> None:
    assert look(cast.security2, version).json() == {"words": ""}
    for person in (cast.security, cast.engineer, cast.auditor):
        assert words(person, version) == "Looking at it now: Sofia Silva"
    assert words(cast.security2, version) == ""
    assert look(cast.security, version).json() == {"words": "Looking at it now: Sofia Silva"}


def test_it_counts_for_ninety_seconds_of_the_portals_clock(cast: Cast, clock: Clock, version: Version) -> None:
    look(cast.security2, version)
    clock.to(clock.moment + COUNTS_FOR - MICROSECOND)
    assert words(cast.security, version)
    clock.forward(microseconds=1)
    assert words(cast.security, version) == ""


@pytest.mark.parametrize("name", ["engineer", "teammate", "auditor", "responder", "admin"])
def test_who_may_not_decide_is_never_named(name: str, cast: Cast, version: Version) -> None:
    assert look(getattr(cast, name), version).json() == {"words": ""}
    assert not Looking.objects.exists()


def test_outsiders_and_strangers_keep_nothing(cast: Cast, client: Any, version: Version) -> None:
    assert look(cast.outsider, version).status_code == 404
    assert client.post(verb(version, "looking")).status_code == 302
    assert not Looking.objects.exists()


def test_looking_at_the_page_itself_writes_nothing(cast: Cast, version: Version) -> None:
    client = signed_in(cast.security)
    client.get(version.get_absolute_url())
    assert client.get(verb(version, "looking")).status_code == 405
    assert not Looking.objects.exists()


def test_it_leaves_no_event_and_no_change_of_the_version(cast: Cast, version: Version) -> None:
    before = (Event.objects.count(), version.claims, version.revision)
    look(cast.security, version)
    now = latest(version)
    assert (Event.objects.count(), now.claims, now.revision) == before


def test_it_locks_nothing(cast: Cast, version: Version) -> None:
    look(cast.security2, version)
    response = signed_in(cast.security).post(verb(version, "decide"), signing(version))
    assert response.status_code == 302
    assert version.decisions.count() == 1


def test_one_row_a_person_and_the_last_page_counts(cast: Cast, version: Version, in_review: Walk) -> None:
    other = in_review(seats={"Security": 2})
    look(cast.security2, version)
    look(cast.security2, other)
    assert Looking.objects.count() == 1
    assert (words(cast.security, version), words(cast.security, other)) == ("", "Looking at it now: Sofia Silva")


def test_who_has_decided_does_not_look_any_more(cast: Cast, version: Version) -> None:
    look(cast.security2, version)
    sign(version, cast.security2)
    assert words(cast.security, version) == ""
    assert look(cast.security, version).json() == {"words": ""}


def test_what_cannot_be_kept_breaks_nothing(cast: Cast, version: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(Looking, "save", fail)
    assert look(cast.security, version).status_code == 200
    assert signed_in(cast.security).get(version.get_absolute_url()).status_code == 200


def test_the_page_says_it_only_for_those_who_may_decide(cast: Cast, version: Version) -> None:
    address = verb(version, "looking")
    assert address in signed_in(cast.security).get(version.get_absolute_url()).content.decode()
    assert address not in signed_in(cast.engineer).get(version.get_absolute_url()).content.decode()


def test_a_look_long_ago_is_nobodys_business(cast: Cast, clock: Clock, version: Version) -> None:
    look(cast.security2, version)
    row = Looking.objects.get()
    assert row.at == clock.moment
    clock.forward(hours=1)
    assert look(cast.security, version).json() == {"words": ""}
    assert clock.moment - row.at > timedelta(minutes=59)
