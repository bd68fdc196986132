"""Second factors: set up, asked for, taken away; recovery codes; and what is kept of their secrets."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from approvals.letters import outbox
from approvals.models import Event, Letter
from approvals.vocabulary import EventKind
from portal.accounts import sealed
from portal.models import Remembered
from tests.accounts.entering import code, enter, entered, factors, told, who, with_app, with_codes
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.databases
SECOND = "/sign-in/second-factor/"


def again(client: Client, **shown: str) -> None:
    """Show once more who is there."""
    address = "/account/again/code/" if "code" in shown else "/account/again/"
    assert client.post(address, shown).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_an_app_is_set_up_with_a_code_and_brings_recovery_codes(cast: Cast) -> None:
    client = entered()
    assert client.get("/account/app/")["Location"].startswith("/account/again/")
    again(client, password=PASSWORD)
    page = client.get("/account/app/")
    secret = page.context["form"].secret
    picture = client.get("/account/app/picture.svg")
    assert (picture["Content-Type"], picture["Cache-Control"]) == ("image/svg+xml", "private, no-store")
    assert client.post("/account/app/", {"code": "000000"}).status_code == 200
    assert factors(cast.engineer) == set()
    assert client.post("/account/app/", {"code": code(secret)})["Location"] == "/account/recovery-codes/"
    assert factors(cast.engineer) == {"totp", "recovery_codes"}
    codes = client.get("/account/recovery-codes/").context["unused_codes"]
    assert len(set(codes)) == 10
    later = client.get("/account/recovery-codes/").content.decode()
    assert not any(one in later for one in codes), "they are shown once"
    assert {one["factor"] for one in told(EventKind.FACTOR_ADDED)} == {"authenticator app", "recovery codes"}
    outbox.announce_all()
    letters = Letter.objects.filter(recipient=cast.engineer)
    assert {letter.subject.split(" was")[0] for letter in letters} == {"Authenticator app", "Recovery codes"}
    everything = b"".join(bytes(event.body) for event in Event.objects.all())
    everything += str(list(letters.values_list())).encode() + str(list(Authenticator.objects.values_list())).encode()
    assert not any(one.encode() in everything for one in (secret, *codes)), "no secret is kept in the clear"


def test_the_password_alone_does_not_sign_in_where_there_is_an_app(cast: Cast) -> None:
    secret = with_app(cast.engineer)
    client = Client()
    assert enter(client=client, next="/agents/")["Location"] == SECOND
    assert who(client) == ""
    assert client.post(SECOND, {"code": "123456"}).status_code == 200
    assert who(client) == ""
    assert client.post(SECOND, {"code": code(secret)})["Location"] == "/agents/"
    assert who(client) == "engineer"
    assert told(EventKind.SIGNED_IN) == [{"person": "engineer", "by": ["password", "authenticator app"]}]
    assert told(EventKind.SIGN_IN_FAILED) == [{"person": "engineer", "by": "authenticator app"}]


def test_a_code_is_worth_nothing_a_second_time_in_any_process(cast: Cast) -> None:
    secret = with_app(cast.engineer)
    used = code(secret)
    first, second = Client(), Client()
    for client in (first, second):
        enter(client=client)
        client.post(SECOND, {"code": used})
    assert (who(first), who(second)) == ("engineer", "")
    assert settings.CACHES["default"]["LOCATION"] == Remembered._meta.db_table
    assert Remembered.objects.filter(cache_key__contains="totp").exists(), "a memory of one process would not do"
    cache.clear()


def test_a_recovery_code_signs_in_once(cast: Cast) -> None:
    with_app(cast.engineer)
    codes = with_codes(cast.engineer)
    clients = [Client(), Client()]
    for client in clients:
        enter(client=client)
        client.post(SECOND, {"code": codes[0]})
    assert [who(client) for client in clients] == ["engineer", ""]
    assert told(EventKind.SIGNED_IN)[0]["by"] == ["password", "recovery codes"]


def test_the_second_step_needs_the_first(cast: Cast) -> None:
    secret = with_app(cast.engineer)
    client = Client()
    assert client.post(SECOND, {"code": code(secret)})["Location"] == "/sign-in/"
    assert who(client) == ""


def test_the_password_alone_does_not_take_a_factor_away(cast: Cast) -> None:
    secret = with_app(cast.engineer)
    client = Client()
    enter(client=client)
    client.post(SECOND, {"code": code(secret)})
    client.post("/account/again/", {"password": PASSWORD})
    assert client.post("/account/app/remove/")["Location"].startswith("/account/again/code/")
    assert factors(cast.engineer) == {"totp"}
    again(client, code=code(secret, ahead=1))
    assert client.post("/account/app/remove/").status_code == 302
    assert factors(cast.engineer) == set()
    assert told(EventKind.FACTOR_REMOVED) == [{"person": "engineer", "factor": "authenticator app", "name": ""}]
    outbox.announce_all()
    assert Letter.objects.get(recipient=cast.engineer).subject.startswith("Authenticator app was removed")


def test_nobody_reaches_the_factors_of_somebody_else(cast: Cast) -> None:
    data = {"name": "Laptop", "credential": {}}
    key = Authenticator.objects.create(user=cast.security, type=Authenticator.Type.WEBAUTHN, data=data)
    client = entered()
    again(client, password=PASSWORD)
    assert client.post(f"/account/passkeys/{key.pk}/remove/").status_code == 404
    assert factors(cast.security) == {"webauthn"}


def test_a_seed_of_another_secret_key_fits_no_code(db: None, settings: Any) -> None:
    kept = sealed.seal("JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in kept
    assert sealed.unseal(kept) == "JBSWY3DPEHPK3PXP"
    settings.SECRET_KEY = "another-key-" * 4
    assert sealed.unseal(kept) not in ("", "JBSWY3DPEHPK3PXP")
    assert sealed.unseal(kept) != sealed.unseal(kept)


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("localhost:8000", ""),
        ("127.0.0.1:8000", "Open http://localhost:8000 instead."),
        ("[::1]:8000", "Open http://localhost:8000 instead."),
        ("approvals.example.org", "need an encrypted connection"),
    ],
)
def test_where_passkeys_are_impossible_the_page_says_why(cast: Cast, settings: Any, host: str, says: str) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    client = entered()
    page = client.get("/account/", headers={"Host": host}).content.decode()
    assert (says in page) if says else "Add a passkey" in page
    assert ("Use a passkey" in Client().get("/sign-in/", headers={"Host": host}).content.decode()) is not bool(says)
