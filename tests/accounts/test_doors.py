"""The sign-in form: who comes in, who does not, and what the record says of it."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, get_resolver

from approvals.models import Event
from approvals.vocabulary import EventKind
from portal.models import User
from tests.accounts.entering import enter, entered, told, who
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.databases


def test_a_password_signs_in_and_the_record_says_how(cast: Cast) -> None:
    client = Client()
    response = enter(client=client, next="/packets/")
    assert (response.status_code, response["Location"]) == (302, "/packets/")
    assert who(client) == "engineer"
    assert told(EventKind.SIGNED_IN) == [{"person": "engineer", "by": ["password"]}]
    assert told(EventKind.SIGN_IN_FAILED) == []


@pytest.mark.parametrize(
    ("name", "password", "person"),
    [("engineer", "wrong", "engineer"), ("nobody", PASSWORD, None), ("Engineer", PASSWORD, None)],
)
def test_a_wrong_name_or_password_says_the_same_and_is_recorded(
    cast: Cast, name: str, password: str, person: str | None
) -> None:
    client = Client()
    response = enter(name, password, client=client)
    assert "Username and password do not fit together." in response.content.decode()
    assert who(client) == ""
    assert told(EventKind.SIGN_IN_FAILED) == [{"person": person, "by": "password"}]


def test_what_was_typed_as_a_name_is_kept_nowhere(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    """People type their password into the first field."""
    enter("my secret passphrase", "x")
    bodies = b"".join(bytes(event.body) for event in Event.objects.all())
    assert b"passphrase" not in bodies
    assert "passphrase" not in caplog.text


def test_a_deactivated_person_does_not_come_in(cast: Cast) -> None:
    cast.engineer.is_active = False
    cast.engineer.save()
    client = Client()
    assert enter(client=client).status_code == 200
    assert who(client) == ""


def test_a_deactivated_person_is_out_on_the_next_request(cast: Cast) -> None:
    client = entered()
    assert client.get("/packets/").status_code == 200
    cast.engineer.is_active = False
    cast.engineer.save()
    assert client.get("/packets/")["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("to", ["https://elsewhere.example.org/", "//elsewhere.example.org", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere_after_signing_in(cast: Cast, to: str) -> None:
    assert enter(next=to)["Location"] == "/"


def test_the_admin_has_no_door_of_its_own(cast: Cast) -> None:
    """WS-24: its login address leads to ours, where attempts are counted."""
    client = Client()
    for answer in (client.get("/login/"), client.post("/login/", {"username": "admin", "password": PASSWORD})):
        assert (answer.status_code, answer["Location"][:9]) == (302, "/sign-in/")
    assert who(client) == ""


def test_nobody_makes_an_account_here(cast: Cast) -> None:
    names = {pattern.name for pattern in _patterns(get_resolver())}
    assert not names & {"account_signup", "account_email", "account_set_password", "socialaccount_signup"}
    for address in ("/signup/", "/accounts/signup/", "/account/email/", "/sign-in/signup/"):
        assert Client().get(address).status_code in (302, 404)
    assert User.objects.count() == len(cast.everyone())


def _patterns(resolver: Any) -> list[URLPattern]:
    found: list[URLPattern] = []
    for one in resolver.url_patterns:
        found += [one] if isinstance(one, URLPattern) else _patterns(one)
    return found


def test_ws_4_no_stock_screen_shows_seeds_keys_or_sessions() -> None:
    kept = {EmailAddress, SocialAccount, SocialApp, SocialToken, Authenticator, UserSession}
    assert not kept & set(admin.site._registry)


def test_ws_14_nobody_signs_in_as_guardians_anonymous_user(cast: Cast) -> None:
    """The row is not made, and there is no account without a name."""
    assert not User.objects.filter(username__in=["AnonymousUser", "anonymous", ""]).exists()
    client = Client()
    for name in ("AnonymousUser", ""):
        enter(name, "", client=client)
    assert who(client) == ""


@pytest.mark.parametrize("header", ["Remote-User", "X-Forwarded-User", "X_Forwarded_User", "X-Remote-User"])
def test_ws_15_no_header_says_who_somebody_is(cast: Cast, header: str) -> None:
    assert Client(headers={header: "admin"}).get("/account/")["Location"].startswith("/sign-in/")


def test_signing_out_ends_the_session_and_is_recorded(cast: Cast) -> None:
    client = entered()
    assert client.get("/sign-out/").status_code == 405
    assert who(client) == "engineer"
    client.post("/sign-out/")
    assert who(client) == ""
    assert told(EventKind.SIGNED_OUT) == [{"person": "engineer", "sessions": "this one"}]
