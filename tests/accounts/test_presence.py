"""Showing who one is for one purpose: once, within five minutes, by this person, in this session, for nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from approvals import presence
from approvals.models.presence import Presence
from portal.accounts import reauthentication
from tests.accounts.entering import code, entered, with_app
from tests.accounts.providing import running
from tests.cast import MICROSECOND, PASSWORD, Cast, Clock, refused

pytestmark = pytest.mark.databases
PURPOSE = "sha256 of a decision"
SHOW = reauthentication.address(PURPOSE, "/packets/")


def show(client: Client, **typed: str) -> Any:
    return client.post("/account/show/", {"purpose": PURPOSE, "next": "/packets/", **typed})


def spend(cast: Cast, client: Client, purpose: str = PURPOSE) -> Presence:
    return presence.spend(cast.engineer, session_key=str(client.session.session_key), purpose=purpose)


def test_the_password_is_shown_once_and_spent_once(cast: Cast) -> None:
    client = entered()
    assert "Password" in client.get(SHOW).content.decode()
    assert show(client, password="wrong").status_code == 422
    with refused("not_shown"):
        spend(cast, client)
    assert show(client, password=PASSWORD)["Location"] == "/packets/"
    assert spend(cast, client).by == "password"
    with refused("not_shown"):
        spend(cast, client)


def test_it_holds_for_nothing_and_nobody_else(cast: Cast) -> None:
    client, other = entered(), entered()
    show(client, password=PASSWORD)
    with refused("not_shown"):
        spend(cast, client, "sha256 of another decision")
    with refused("not_shown"):
        spend(cast, other)
    with refused("not_shown"):
        presence.spend(cast.security, session_key=str(client.session.session_key), purpose=PURPOSE)
    with refused("not_shown"):
        presence.spend(cast.engineer, session_key="", purpose=PURPOSE)
    assert spend(cast, client)


def test_it_holds_for_five_minutes(cast: Cast, clock: Clock) -> None:
    now = clock.now()
    presence.note(cast.engineer, session_key="s", purpose=PURPOSE, by="passkey")
    clock.to(now + timedelta(minutes=5))
    with refused("shown_too_long_ago"):
        presence.spend(cast.engineer, session_key="s", purpose=PURPOSE)
    clock.to(now - MICROSECOND)
    with refused("shown_too_long_ago"):
        presence.spend(cast.engineer, session_key="s", purpose=PURPOSE)
    clock.to(now + timedelta(minutes=5) - MICROSECOND)
    assert presence.spend(cast.engineer, session_key="s", purpose=PURPOSE)


def test_what_is_rolled_back_is_not_spent(cast: Cast) -> None:
    presence.note(cast.engineer, session_key="s", purpose=PURPOSE, by="passkey")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        presence.spend(cast.engineer, session_key="s", purpose=PURPOSE)
        raise ZeroDivisionError
    assert presence.spend(cast.engineer, session_key="s", purpose=PURPOSE)


def test_where_there_is_an_app_its_code_is_needed_too(cast: Cast) -> None:
    client = entered()
    secret = with_app(cast.engineer)
    assert show(client, password=PASSWORD).status_code == 422
    assert show(client, password=PASSWORD, code="000000").status_code == 422
    assert show(client, password="wrong", code=code(secret)).status_code == 422
    assert not Presence.objects.exists()
    assert show(client, password=PASSWORD, code=code(secret)).status_code == 302
    assert spend(cast, client).by == "password and code"


def test_guessing_is_counted(cast: Cast) -> None:
    client = entered()
    for _ in range(5):
        assert show(client, password="wrong").status_code == 422
    assert show(client, password=PASSWORD).status_code == 429
    assert not Presence.objects.exists()


@pytest.mark.parametrize("credential", ["{}", "no json", "[]", '{"id": 1}', "null"])
def test_a_made_up_passkey_fits_nothing(cast: Cast, credential: str) -> None:
    client = entered()
    assert show(client, credential=credential).status_code == 422
    assert not Presence.objects.exists()


def test_reading_the_page_shows_nothing_and_leads_nowhere_else(cast: Cast) -> None:
    client = entered()
    client.get(SHOW)
    assert not Presence.objects.exists()
    assert Client().get(SHOW)["Location"].startswith("/sign-in/")
    away = client.post("/account/show/", {"purpose": PURPOSE, "next": "//x.example.org", "password": PASSWORD})
    assert away["Location"] == "/"


def test_a_fresh_sign_in_at_the_provider_counts_and_an_old_one_or_another_person_does_not(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running() as provider:
        provider.knows("p-1", email="engineer@example.org", email_verified=True)
        client = Client()
        provider.send_back("p-1", client)
        start = SHOW.replace("/show/", "/show/provider/")
        there = client.get(start)["Location"]
        assert "prompt=login" in there
        assert "max_age=0" in there
        assert provider.send_back("p-2", client, start).status_code == 403
        assert not Presence.objects.exists()
        with monkeypatch.context() as later:
            later.setattr(reauthentication, "SKEW", -5)
            assert provider.send_back("p-1", client, start).status_code == 403
        assert not Presence.objects.exists()
        assert provider.send_back("p-1", client, start)["Location"] == "/packets/"
        assert spend(cast, client).by == "provider"
