"""Showing once more who one is, for one purpose: by password and code, by passkey, or by a fresh provider sign-in.

A page that needs it sends people to `address(purpose, back)`; they come back to `back` with a presence noted, and the
verb spends it (`approvals.presence.spend`). The purpose is any text, such as a decision's digest; it is no secret.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter as accounts
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from allauth.socialaccount.adapter import get_adapter as providers
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from approvals import presence
from approvals.errors import Refused
from portal.accounts import recorded
from portal.accounts.forms import MALFORMED
from portal.accounts.places import passkeys_impossible
from portal.models import User

PAGE = "/account/show/"
SKEW = 60  # seconds by which the provider's clock may differ from ours
PASSWORD, PASSKEY, PROVIDER = "password", "passkey", "provider"


@dataclass(frozen=True, slots=True)
class Ways:
    """How a person can show who they are. None of them: they cannot sign, and are told before they read."""

    password: bool
    code: bool
    passkey: bool
    provider: bool

    def __bool__(self) -> bool:
        return self.password or self.passkey or self.provider


def ways(person: User) -> Ways:
    """What this person has. A code goes with the password wherever an app is set up."""
    types = set(Authenticator.objects.filter(user=person.pk).values_list("type", flat=True))
    there = bool(settings.SOCIALACCOUNT_PROVIDERS)
    linked = there and SocialAccount.objects.filter(user=person.pk, provider=settings.OIDC_PROVIDER).exists()
    has = Authenticator.Type
    return Ways(person.has_usable_password(), has.TOTP in types, has.WEBAUTHN in types, linked)


def address(purpose: str, back: str) -> str:
    """Where to send somebody who has to show it; they come back to `back`."""
    return f"{PAGE}?{urlencode({'purpose': purpose, 'next': back})}"


def by_password(request: HttpRequest, purpose: str, password: str, code: str) -> None:
    """The password, and the app's code where there is one. Raises Refused: "wrong", "wrong_code"."""
    person: Any = request.user
    app = Authenticator.objects.filter(user=person.pk, type=Authenticator.Type.TOTP).first()
    if not (person.has_usable_password() and accounts(request).reauthenticate(person, password)):
        raise _wrong("This is not your password.")
    if app is not None and not app.wrap().validate_code(code):
        recorded.failed(person.username, "authenticator app", address=request.META["REMOTE_ADDR"])
        raise _wrong("This code does not fit, or was used already.", "wrong_code")
    _note(request, purpose, "password and code" if app else "password")


def passkey_challenge(request: HttpRequest) -> dict[str, Any]:
    """What the browser is asked; empty where there is no passkey, or none could be used."""
    person: Any = request.user
    if passkeys_impossible(request) or not ways(person).passkey:
        return {}
    return dict(auth.begin_authentication(person))


def by_passkey(request: HttpRequest, purpose: str, credential: Any) -> None:
    """The passkey's answer to the challenge of this session. Raises Refused("wrong")."""
    person: Any = request.user
    try:
        auth.parse_authentication_response(credential)
        auth.complete_authentication(person, credential)
    except (ValidationError, *MALFORMED):
        recorded.failed(person.username, "passkey", address=request.META["REMOTE_ADDR"])
        raise _wrong("This passkey does not fit.") from None
    _note(request, purpose, PASSKEY)


def to_provider(request: HttpRequest, purpose: str, back: str) -> HttpResponse:
    """Off to the provider, which has to ask for everything again. The state that comes back is bound to the purpose."""
    provider = providers().get_provider(request, settings.OIDC_PROVIDER)
    asked: HttpResponse = provider.redirect(
        request, process=AuthProcess.REDIRECT, next_url=back, data={"purpose": purpose, "asked_at": int(time.time())},
        auth_params={"prompt": "login", "max_age": "0"},
    )  # fmt: skip
    return asked


def from_provider(request: HttpRequest, sociallogin: Any) -> None:
    """Back from there: the same person, signed in there after we asked. Raises Refused otherwise."""
    asked = sociallogin.state["data"]
    person: Any = request.user
    if not (person.is_authenticated and sociallogin.is_existing and sociallogin.user.pk == person.pk):
        raise _wrong("The provider signed in somebody else.")
    signed_in_at = (sociallogin.account.extra_data.get("id_token") or {}).get("auth_time")
    now = time.time()
    if type(signed_in_at) is not int or not asked["asked_at"] - SKEW <= signed_in_at <= now + SKEW:
        raise Refused("not_fresh", "The provider did not say that you signed in there just now.",
                      "Sign out at the provider, then try again.")  # fmt: skip
    _note(request, asked["purpose"], PROVIDER)


def _note(request: HttpRequest, purpose: str, by: str) -> None:
    person: Any = request.user
    presence.note(person, session_key=str(request.session.session_key), purpose=purpose, by=by)


def _wrong(message: str, code: str = "wrong") -> Refused:
    return Refused(code, message, "Nothing was signed. Try again.")
