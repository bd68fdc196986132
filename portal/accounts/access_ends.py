"""An account with an end: from that instant on its person is out. Who audits is here for a while, not for good."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from approvals import events
from approvals.transitions.claiming import put_down
from approvals.vocabulary import EventKind
from portal.models import User

SYSTEM = "end of access"


def write_down(moment: datetime) -> int:
    """Deactivate each account whose access has ended, with its event; returns how many. They were out already."""
    keys = list(User.objects.filter(is_active=True, access_ends__lte=moment).values_list("pk", flat=True))
    return sum(_end(key, moment) for key in keys)


@transaction.atomic
def _end(key: int, moment: datetime) -> bool:
    """Whether it was still to do: somebody may have set a later end meanwhile."""
    person = User.objects.select_for_update().filter(pk=key, is_active=True, access_ends__lte=moment).first()
    if person is None:
        return False
    person.is_active = False
    put_down(person, None)
    detail = {"what": "user", "name": str(person), "fields": ["is_active"], "new": False, "reason": "Its access ended."}
    events.record(EventKind.PERSON_CHANGED, actor=None, system=SYSTEM, detail=detail, effective_at=person.access_ends)
    return True
