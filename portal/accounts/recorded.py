"""Signing in, as the record tells it: who, by what means, and what changed about how they can. Never a secret."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest

from approvals import events
from approvals.people import Person
from approvals.vocabulary import EventKind
from portal.models import User

logger = logging.getLogger(__name__)

FACTORS = {
    Authenticator.Type.TOTP: "authenticator app",
    Authenticator.Type.WEBAUTHN: "passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}


def means(request: HttpRequest, person: Any) -> list[str]:
    """By what this session's person showed who they are, in the order in which they did."""
    return [
        _mean(record) for record in get_authentication_records(request, person) if not record.get("reauthenticated")
    ]


def _mean(record: dict[str, Any]) -> str:
    if record["method"] == "socialaccount":
        return "provider"
    return FACTORS.get(record.get("type", ""), str(record["method"]))


def failed(username: str, mean: str, *, address: str) -> None:
    """Somebody was not let in. What was typed is kept only when it is a name here: people type passwords there."""
    person = User.objects.filter(username=username).first()
    logger.warning("sign-in failed", extra={"person": person.pk if person else None, "mean": mean, "address": address})
    detail = {"person": person.username if person else None, "by": mean}
    events.record(EventKind.SIGN_IN_FAILED, actor=None, system="sign-in", detail=detail)


def factor(kind: EventKind, person: Person, authenticator: Authenticator, *, taken: str = "") -> None:
    """A factor came or went; a passkey by its name. `taken`: the reason why an operator took it, not its person."""
    name = authenticator.data.get("name", "") if authenticator.type == Authenticator.Type.WEBAUTHN else ""
    detail = {"person": person.username, "factor": FACTORS[authenticator.type], "name": name}
    if taken:
        events.record(kind, actor=None, system="command line", detail={**detail, "reason": taken})
    else:
        events.record(kind, actor=person, detail=detail)


def connect() -> None:
    """Hang the record on what the library says."""
    account.user_logged_in.connect(_signed_in)
    account.password_changed.connect(_password_changed)
    account.password_reset.connect(_password_changed)
    user_logged_out.connect(_signed_out)
    mfa.authenticator_added.connect(_factor_added)
    mfa.authenticator_reset.connect(_factor_added)
    mfa.authenticator_removed.connect(_factor_removed)
    mfa.authentication_failed.connect(_factor_failed)


def _signed_in(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    by = means(request, user)
    logger.info("signed in", extra={"person": user.pk, "by": ", ".join(by), "address": request.META["REMOTE_ADDR"]})
    events.record(EventKind.SIGNED_IN, actor=user, detail={"person": user.username, "by": by})


def _signed_out(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    if user is not None:
        events.record(EventKind.SIGNED_OUT, actor=user, detail={"person": user.username, "sessions": "this one"})


def _password_changed(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    by = "a link sent by e-mail" if request.user.is_anonymous else "themselves"
    events.record(EventKind.PASSWORD_CHANGED, actor=user, detail={"person": user.username, "by": by})


def _factor_added(sender: Any, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    factor(EventKind.FACTOR_ADDED, user, authenticator)


def _factor_removed(sender: Any, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    factor(EventKind.FACTOR_REMOVED, user, authenticator)


def _factor_failed(sender: Any, request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    failed(user.username, FACTORS[authenticator.type], address=request.META["REMOTE_ADDR"])
