"""An account's history holds what somebody changed, and not that somebody signed in."""

from __future__ import annotations

from django.test import Client

from tests.cast import PASSWORD, Cast


def test_a_sign_in_adds_nothing_to_the_history(cast: Cast) -> None:
    before = cast.engineer.history.count()
    assert Client().login(username="engineer", password=PASSWORD)
    cast.engineer.refresh_from_db()
    assert cast.engineer.last_login is not None
    assert cast.engineer.history.count() == before


def test_a_change_of_a_field_is_there_after_a_sign_in_too(cast: Cast) -> None:
    Client().login(username="engineer", password=PASSWORD)
    before = cast.engineer.history.count()
    cast.engineer.night_contact = "+00 555 0199"
    cast.engineer.save()
    assert cast.engineer.history.count() == before + 1
