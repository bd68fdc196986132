"""Somebody named by e-mail comes for the first time: the provider vouches for the address, or an administrator does."""

from __future__ import annotations

from approvals import events
from approvals.people import Person
from approvals.transitions.claiming import put_down
from approvals.vocabulary import EventKind
from portal.models import User

SYSTEM = "sign-in with the provider"


def let_in(person: User, **names: str) -> None:
    """Open the account, with the names the provider gives; what stands there already stays. Recorded."""
    for key, name in names.items():
        setattr(person, key, getattr(person, key) or name)
    person.is_active, person.awaited = True, False
    put_down(person, None)
    record(person, actor=None)


def record(person: User, *, actor: Person | None) -> None:
    """The event; `actor` None when the provider's word let them in."""
    detail = {"person": person.username}
    events.record(EventKind.PERSON_ARRIVED, actor=actor, system="" if actor else SYSTEM, detail=detail)
