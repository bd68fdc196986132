"""What was refused and is worth knowing: somebody who wrote a version and tried to decide on it."""

from __future__ import annotations

from datetime import timedelta

from approvals import events, validity
from approvals.errors import Refused
from approvals.models import Event, Version
from approvals.people import Person
from approvals.vocabulary import EventKind

OWN = "own_version"
ONCE_IN = timedelta(days=1)


def note_refused(refusal: Refused, version: Version, actor: Person) -> Event | None:
    """Record that a member of a signing group was refused to decide on what they wrote; None for anything else.

    It is called outside the verb's transaction, which was taken back. Once a day for each person and version: trying
    again and again fills no record.
    """
    if refusal.code != OWN or not version.seats.filter(group__in=actor.groups.all()).exists():
        return None
    now = validity.now()
    mine = Event.objects.filter(version=version, kind=EventKind.SELF_APPROVAL_REFUSED, actor=actor)
    if mine.filter(recorded_at__gt=now - ONCE_IN).exists():
        return None
    return events.record(EventKind.SELF_APPROVAL_REFUSED, actor=actor, version=version)
