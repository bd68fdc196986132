"""An account with an end: from that instant on its person is out. Who audits is here for a while, not for good."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse

from approvals import events
from approvals.letters.occasion import detail_of
from approvals.models import Event
from approvals.transitions.claiming import put_down
from approvals.vocabulary import EventKind, Role
from portal.models import User

SYSTEM = "end of access"
BEFORE = (timedelta(days=14), timedelta(days=3))


def write_down(moment: datetime) -> int:
    """Deactivate each account whose access has ended, with its event; returns how many. They were out already."""
    keys = list(User.objects.filter(is_active=True, access_ends__lte=moment).values_list("pk", flat=True))
    return sum(_end(key, moment) for key in keys)


def announce(moment: datetime) -> int:
    """Record which accesses end soon, so that administrators and the person hear of it; returns how many.

    14 and 3 days before, each once for an end; what was missed is caught up by the nearer one alone.
    """
    keys = User.objects.filter(is_active=True, access_ends__gt=moment, access_ends__lte=moment + max(BEFORE))
    return sum(_announce(key, moment) for key in list(keys.values_list("pk", flat=True)))


@transaction.atomic
def _announce(key: int, moment: datetime) -> bool:
    person = User.objects.select_for_update().get(pk=key)
    ends = person.access_ends
    due = [days for days in BEFORE if ends and moment < ends <= moment + days]
    if not (person.is_active and due) or ends is None:
        return False
    at = ends - min(due)
    told = Event.objects.filter(kind=EventKind.ACCESS_ENDS_SOON, effective_at=at)
    if any(detail_of(event)["person"] == person.username for event in told):
        return False
    detail = {
        "person": person.username, "name": person.printed_name, "ends": ends.isoformat(),
        "groups": [Role.ADMINISTRATORS], "path": reverse("admin:portal_user_change", args=[key]),
    }  # fmt: skip
    events.record(EventKind.ACCESS_ENDS_SOON, actor=None, system=SYSTEM, detail=detail, effective_at=at)
    return True


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
