"""Everybody at every door: role × thing × method over the whole URLconf, held against the table in roles.txt."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.doors.addresses import places
from tests.doors.knocking import Doors, knocks
from tests.doors.table import Table, read, table
from tests.doors.world import made
from tests.walk.places import addresses

pytestmark = pytest.mark.django_db
EVERY = 41  # of so many combinations one is tried each day, of every address some; `make proofs` tries them all


@pytest.fixture(scope="module")
def doors(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Doors]:
    """The small world once for this file; each knock puts back what it changed."""
    with django_db_blocker.unblock(), made() as world:
        yield Doors(world, table())


def why_incomplete(there: Table) -> str:
    """What to do about an address without a row or a row without an address; empty when there is none."""
    names, rows = {address.name for address in addresses()}, there.names()
    if without := sorted(names - rows):
        return f"Decide what each role may do at {', '.join(without)}, and write it into tests/doors/roles.txt."
    return f"Take out of tests/doors/roles.txt what is no address: {sorted(rows - names)}" if rows - names else ""


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert why_incomplete(table()) == ""


def test_nobody_meets_anything_else_than_the_table_says(doors: Doors, full_scale: bool) -> None:
    """By every door, for every role, on both teams' things; a GET never acts, and who may not act leaves no trace."""
    chosen = list(knocks(places(doors.world)))[:: 1 if full_scale else EVERY]
    problems = [problem for knock in chosen for problem in doors.problems(knock)]
    print(f"{doors.tried} combinations of role, thing and method tried at {len(table().names())} addresses")
    print(f"{len(problems)} were not as the table says; {len(doors.leaks)} told somebody what they may not read")
    assert {one.place.name for one in chosen} == table().names(), "each address is tried by somebody, each day"
    assert not problems, f"{len(problems)} problems:\n" + "\n".join(problems[:600])


def test_a_table_with_a_hole_is_not_read() -> None:
    for text in ("a b\nGET home see", "a b\nGET home see shrug", "a b\nPUT home see see"):
        with pytest.raises(ValueError, match=r"roles\.txt:2 needs"):
            read(text)
    with pytest.raises(ValueError, match="says again"):
        read("a\nGET home see\nGET home see")
    assert read("a b c\nGET x_{y,z} see 404 …").rows["GET", "x_z", ""] == {"a": "see", "b": "404", "c": "404"}
