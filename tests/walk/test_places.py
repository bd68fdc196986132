"""Every address has its places, so that none is left out of the walk."""

from __future__ import annotations

import pytest

from tests.walk.places import addresses, places, unfilled


@pytest.mark.django_db
def test_every_address_can_be_filled_in() -> None:
    unknown = [
        f"Nothing says what {one.name} is about: add {tuple(sorted(one.blanks))} to _rows() in tests/walk/places.py."
        for one in unfilled()
    ]
    assert not unknown, "\n".join(unknown)


@pytest.mark.django_db
def test_no_place_is_there_twice_and_each_is_of_an_address_that_exists() -> None:
    found = places()
    assert len({place.path for place in found}) == len(found)
    assert {place.name for place in found} <= {one.name for one in addresses()} | {"(none)"}
