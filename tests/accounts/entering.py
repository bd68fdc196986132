"""How the tests of the accounts come in: by the form, with a code, and what stands in the record afterwards."""

from __future__ import annotations

import json
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from approvals.models import Event
from approvals.vocabulary import EventKind
from portal.models import User
from tests.cast import PASSWORD

ELSEWHERE = "192.0.2.7"


def enter(name: str = "engineer", password: str = PASSWORD, *, client: Client | None = None, **more: Any) -> Any:
    """Post the sign-in form; the answer, whose `client` is signed in when it went well."""
    address = more.pop("address", "127.0.0.1")
    form = {"login": name, "password": password, **more}
    return (client or Client()).post("/sign-in/", form, REMOTE_ADDR=address)


def entered(name: str = "engineer", **more: Any) -> Client:
    """A browser in which this person has signed in by the form."""
    client = Client()
    assert enter(name, client=client, **more).status_code == 302
    return client


def who(client: Client) -> str:
    """The sign-in name of the session's person; empty for nobody."""
    response = client.get("/account/")
    return str(response.context["user"].username) if response.status_code == 200 else ""


def with_app(person: User) -> str:
    """Give the person an authenticator app; its secret."""
    secret: str = generate_totp_secret()
    TOTP.activate(person, secret)
    return secret


def with_codes(person: User) -> list[str]:
    """Give the person recovery codes; the codes."""
    return list(RecoveryCodes.activate(person).get_unused_codes())


def code(secret: str, ahead: int = 0) -> str:
    """What the app shows now, or so many half minutes from now."""
    shown: str = format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))
    return shown


def told(kind: EventKind) -> list[dict[str, Any]]:
    """The details of the events of this kind, oldest first."""
    return [json.loads(bytes(event.body))["detail"] for event in Event.objects.filter(kind=kind).order_by("pk")]


def factors(person: User) -> set[str]:
    """The kinds of factors the person has."""
    return set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
