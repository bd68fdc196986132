"""The Health page: what is owed, who does the work, and how the servers answer."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from approvals import rules, validity
from approvals.pages import Request
from approvals.vocabulary import Role
from portal.health import judging, owed

LOOKS_AFTER_IT = (Role.ADMINISTRATORS, Role.SECURITY)


@require_safe
def health(request: Request) -> HttpResponse:
    """For administrators and Security. Read from the database: no server is asked while somebody waits."""
    if not rules.has_role(request.user, *LOOKS_AFTER_IT):
        raise PermissionDenied("Only administrators and Security look after the portal's health.")
    now, found = validity.now(), owed.read()
    late = judging.late(found, now)
    page: dict[str, Any] = {
        "late": late,
        "heading": heading(late),
        "waiting": judging.waiting(found, now),
        "parts": [*judging.processes(found, now), *judging.servers(found)],
        "steps": judging.steps(found, now),
        "letters": owed.count(owed.unsent()),
        "webhooks": owed.count(owed.unsent_webhooks()),
        "events": owed.count(owed.unannounced()),
        "most": owed.MOST,
    }
    return render(request, "portal/health.html", page)


def heading(late: list[judging.Sign]) -> str:
    """In one sentence how everything stands."""
    if not late:
        return "Everything owed is on time"
    return "One thing is late" if len(late) == 1 else f"{len(late)} things are late"
