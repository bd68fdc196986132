"""Who acts at the command line."""

from __future__ import annotations

from django.contrib.auth import get_user_model

from approvals import validity
from approvals.errors import Refused
from approvals.people import Person


def named(username: str) -> Person | None:
    """The person of this sign-in name, or None for an empty one. Raises Refused("no_person") for nobody active."""
    if not username:
        return None
    found: Person | None = get_user_model()._default_manager.filter(username=username).first()
    if found is None or not found.may_enter(validity.now()):
        raise Refused("no_person", f"Nobody active here is called “{username}”.", "Give a sign-in name that is in use.")
    return found
