"""Where somebody is signed in, and how that ends. A session lives in the database, so ending it holds at once."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.usersessions import signals as library
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from approvals import events, validity
from approvals.people import Person
from approvals.vocabulary import EventKind


def of(person: Person) -> QuerySet[Any]:
    """This person's sessions that are alive, newest first."""
    alive = Session.objects.filter(expire_date__gt=validity.now()).values("session_key")
    found: QuerySet[Any] = UserSession.objects.filter(user=person.pk, session_key__in=alive).order_by("-created_at")
    return found


def connect() -> None:
    """List each session as it begins; a new password ends every other one."""
    account.user_logged_in.disconnect(library.on_user_logged_in)  # it looks at each session there is, one by one
    account.user_logged_in.connect(_begun)
    account.password_changed.connect(_password_changed)
    account.password_reset.connect(_password_changed)


def _begun(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    UserSession.objects.create_from_request(request)


def _password_changed(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Their cookies are worth nothing any more; here they disappear from the list too."""
    here = request.session.session_key if request.user == user else None
    end(user, of(user).exclude(session_key=here), actor=user)


@transaction.atomic
def end(person: Person, sessions: QuerySet[Any], *, actor: Person | None) -> int:
    """Sign the person out of these; returns how many there were. One event says so."""
    keys = list(sessions.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    if keys:
        detail = {"person": person.username, "sessions": len(keys)}
        events.record(EventKind.SIGNED_OUT, actor=actor, system="sign-in", detail=detail)
    return len(keys)


def forget() -> int:
    """Delete what was noted of sessions that are over; returns how many."""
    alive = Session.objects.filter(expire_date__gt=validity.now()).values("session_key")
    deleted, _ = UserSession.objects.exclude(session_key__in=alive).delete()
    return int(deleted)
