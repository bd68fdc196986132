"""The set-up page: for administrators, in few statements; looking changes nothing, and a test stays on its row."""

from __future__ import annotations

import pytest
from django.test import Client

from approvals.models import Event
from approvals.vocabulary import EventKind
from tests.cast import Cast, person
from tests.pages.asking import signed_in
from tests.pages.test_statements import statements

pytestmark = pytest.mark.django_db
TESTED = Event.objects.filter(kind=EventKind.SET_UP_TESTED)


def test_administrators_find_it_and_nobody_else_does(cast: Cast) -> None:
    first = person("root", "Rue", "Root", (), is_staff=True, is_superuser=True)
    for account in (cast.admin, first):
        assert "not set up yet" in signed_in(account).get("/").content.decode()
        assert signed_in(account).get("/set-up/").status_code == 200
    for account in (cast.engineer, cast.security, cast.auditor, cast.responder):
        client = signed_in(account)
        assert "/set-up/" not in client.get("/").content.decode()
        assert client.get("/set-up/").status_code == 403
        assert client.post("/set-up/rules/").status_code == 403
    assert Client().get("/set-up/").status_code == 302
    assert not TESTED.exists()
    assert '/set-up/"' in signed_in(cast.admin).get("/administration/").content.decode()


def test_looking_asks_little_and_changes_nothing(cast: Cast) -> None:
    for number in range(30):
        person(f"more{number}", "Mo", f"Re {number}", ("Security",))
    assert statements(cast.admin, "/set-up/") <= 8
    assert statements(cast.admin, "/") <= 8
    assert signed_in(cast.admin).get("/set-up/rules/").status_code == 405
    assert not TESTED.exists()


def test_what_a_test_found_is_said_and_stays(cast: Cast) -> None:
    client = signed_in(cast.admin)
    assert "Not tested yet." in client.get("/set-up/").content.decode()
    answer = client.post("/set-up/signers/", follow=True).content.decode()
    assert answer.count("people of Security could sign now") == 2  # at once, and on its row
    again = client.get("/set-up/").content.decode()
    assert again.count("people of Security could sign now") == 1
    assert f"<bdi>{cast.admin.printed_name}</bdi>" in again
    assert client.post("/set-up/database/").status_code == 404
    assert TESTED.count() == 1
