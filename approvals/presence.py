"""Signing needs more than a session that was left open: that its person is here now, and means this very decision.

`note` is called where somebody has shown it (a password with its code, a passkey, a fresh sign-in at the provider).
`spend` is called by the verb, in its transaction: what is rolled back is not spent, and what is spent cannot be again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet

from approvals import validity
from approvals.errors import Refused
from approvals.models.presence import Presence
from approvals.people import Person

LASTS = timedelta(minutes=5)
REMEDY = "Show once more that it is you; what you wrote is kept."


def note(person: Person, *, session_key: str, purpose: str, by: str) -> Presence:
    """Keep that this person has just shown who they are, for this purpose, in this session."""
    return Presence.objects.create(
        person=person, session=_hash(session_key), purpose=_hash(purpose), by=by, at=validity.now()
    )


def holds_until(person: Person, *, session_key: str, purpose: str) -> datetime | None:
    """Until when what they have shown could be spent; None when there is nothing, or nothing any more."""
    now = validity.now()
    latest = _unspent(person, session_key, purpose).order_by("-pk").first() if session_key else None
    return latest.at + LASTS if latest and latest.at <= now < latest.at + LASTS else None


@transaction.atomic
def spend(person: Person, *, session_key: str, purpose: str) -> Presence:
    """Use it up, and return by what and when it was shown.

    Raises Refused: `not_shown` when nothing unspent is there for this person, session and purpose, and
    `shown_too_long_ago` when it is older than five minutes.
    """
    now = validity.now()
    shown = _unspent(person, session_key, purpose).select_for_update()
    presence = shown.order_by("-pk").first() if session_key else None
    if presence is None:
        raise Refused("not_shown", "You have not shown that it is you, for this very decision.", REMEDY)
    if not presence.at <= now < presence.at + LASTS:
        raise Refused("shown_too_long_ago", "It is more than five minutes since you showed that it is you.", REMEDY)
    presence.spent_at = now
    presence.save()
    return presence


def _unspent(person: Person, session_key: str, purpose: str) -> QuerySet[Presence]:
    return Presence.objects.filter(person=person, session=_hash(session_key), purpose=_hash(purpose), spent_at=None)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
