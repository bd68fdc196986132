"""What waits for a second administrator beside the sign-off rules: the data register, and second factor rules."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from approvals import access, rules
from approvals.errors import Refused
from approvals.vocabulary import RuleOutcome
from portal import loosening
from portal.models import Loosening

LATEST = 20
VERBS = {
    "confirm": (loosening.confirm, "“{row}” is changed from now on."),
    "decline": (loosening.decline, "The change of “{row}” is declined. It stays as it is."),
    "withdraw": (loosening.withdraw, "The change of “{row}” is taken back. It stays as it is."),
}


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """What waits, and the latest that did; for whoever may see every packet."""
    person: Any = request.user
    if not access.sees_every_packet(person):
        raise PermissionDenied("What administrators keep is shown to Security, Auditors, Responders and them.")
    waiting = Loosening.objects.filter(outcome=RuleOutcome.WAITING)[:LATEST]
    rows = [_told(row, person) for row in waiting]
    settled = Loosening.objects.exclude(outcome=RuleOutcome.WAITING)[:LATEST]
    return render(request, "portal/changes.html", {"waiting": rows, "settled": settled})


def _told(row: Loosening, person: Any) -> dict[str, Any]:
    refusal = loosening.why_not_settle(row, person)
    return {
        "row": row, "may_settle": refusal is None, "why_not": str(refusal) if refusal else "",
        "may_withdraw": rules.why_not_withdraw_change(row, person) is None,
    }  # fmt: skip


@require_POST
def settle(request: HttpRequest, change: int, verdict: str) -> HttpResponse:
    """What becomes of a change that waits: confirm, decline or withdraw."""
    person: Any = request.user
    if verdict not in VERBS:
        raise Http404
    row, (verb, words) = get_object_or_404(Loosening, pk=change), VERBS[verdict]
    try:
        verb(row.pk, actor=person)
        messages.success(request, words.format(row=row))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("changes")


urls = [
    path("changes/", changes, name="changes"),
    path("changes/<int:change>/<str:verdict>/", settle, name="change-settle"),
]
