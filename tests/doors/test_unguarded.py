"""What the matrix is worth: a door that somebody forgot to guard is found, whichever way it is open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from tests.doors.addresses import Place
from tests.doors.knocking import Doors, knocks
from tests.doors.table import read, table
from tests.doors.test_matrix import why_incomplete
from tests.doors.world import MINE, THEIRS, made

pytestmark = pytest.mark.django_db
MEANT = """nobody owner team other clerk security auditor responder admin super
GET unguarded sign-in see …
GET unguarded-packet sign-in see see 404 404 see …
GET acts-on-get sign-in see …"""


@pytest.fixture(scope="module")
def doors(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Doors]:
    with django_db_blocker.unblock(), made() as world:
        yield Doors(world, read(MEANT))


@pytest.fixture(autouse=True)
def _with_the_forgotten_ones(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.doors.unguarded"


def problems(doors: Doors, *places: Place) -> list[str]:
    return [problem for knock in knocks(list(places), ("GET",)) for problem in doors.problems(knock)]


def test_a_list_that_shows_everybody_everything_tells_what_it_should_not(doors: Doors) -> None:
    found = problems(doors, Place("unguarded", "/unguarded/"))
    told = [one for one in found if "tells AP-0" in one]
    assert {one.partition(" as ")[2].split()[0] for one in told} == {"engineer", "teammate", "outsider", "clerk"}


def test_a_page_that_only_asks_for_some_team_is_open_to_the_other_team(doors: Doors) -> None:
    places = [
        Place("unguarded-packet", f"/unguarded/{doors.world.of(side, 'force').packet}/", side)
        for side in (MINE, THEIRS)
    ]
    found = problems(doors, *places)
    assert any("as outsider (other): answered 200" in one for one in found)
    assert any("as engineer (other): tells quagga-bot" in one for one in found)
    assert not any("as engineer (owner)" in one or "as outsider (owner)" in one for one in found)


def test_a_page_that_acts_when_it_is_looked_at_is_found(doors: Doors) -> None:
    found = problems(doors, Place("acts-on-get", "/acts/"))
    assert len([one for one in found if "changed auth_group" in one]) == 9, found


def test_an_address_nobody_wrote_down_fails_and_says_what_to_do() -> None:
    assert "Decide what each role may do at acts-on-get, unguarded, unguarded-packet" in why_incomplete(table())
    assert why_incomplete(replace(table(), rows=table().rows | read(MEANT).rows)) == ""
