"""Accepting a finding: beside each one whether somebody did, and the page on which a signer does."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from approvals import rules, transitions
from approvals.errors import Refused
from approvals.pages import Request
from approvals.pages.dossier import Dossier, opened
from approvals.pages.seen import seen_in, status_of
from approvals.vocabulary import Severity, State

SAYS = (
    "Your name and your reason stand beside this finding from now on, on the page and in the record. It lowers no risk "
    "and takes no signature away: whoever signs still decides on everything.",
)


def beside(dossier: Dossier, person: Any, findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The findings, each with who accepted it, or with the address where this person can."""
    shown = dossier.shown
    may = shown.state == State.IN_REVIEW and rules.why_not_accept(shown, person) is None
    rows = []
    for place, finding in enumerate(findings):
        accepted = dossier.acceptances.get(place)
        address = reverse("finding-accept", args=[shown.packet.reference, shown.number, place + 1])
        rows.append({**finding, "accepted": accepted, "accept_url": address if may and accepted is None else ""})
    return rows


def not_accepted(findings: list[dict[str, Any]]) -> int:
    """How many high findings nobody has accepted."""
    return sum(one["severity"] == Severity.HIGH and not one["accepted"] for one in findings)


@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: Request, reference: str, number: int, place: int) -> HttpResponse:
    """GET shows the finding and asks for the reason; POST accepts it, or says why not and keeps what was typed."""
    dossier = opened(request.user, reference, number)
    if not 1 <= place <= len(dossier.shown.findings):
        raise Http404
    if request.method != "POST":
        return _page(request, dossier, place, rules.why_not_accept(dossier.shown, request.user))
    try:
        transitions.accept_finding(
            dossier.shown.pk, place - 1, seen=seen_in(request.POST), actor=request.user,
            reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except Refused as refusal:
        return _page(request, opened(request.user, reference, number), place, refusal)
    messages.success(request, "You accepted the finding. Your reason stands beside it.")
    return redirect(dossier.shown.get_absolute_url())


def _page(request: Request, dossier: Dossier, place: int, refusal: Refused | None) -> HttpResponse:
    shown = dossier.shown
    done = dossier.acceptances.get(place - 1)
    context = {
        "verb": {"label": "Accept a finding of", "button": "Accept the finding", "reason": "required"},
        "subject": shown, "back": shown.get_absolute_url(), "version": shown, "packet": dossier.packet,
        "refusal": refusal, "finding": shown.findings[place - 1], "says": SAYS, "typed": request.POST,
        "may": done is None and rules.why_not_accept(shown, request.user) is None,
    }  # fmt: skip
    return render(request, "approvals/confirm.html", context, status=status_of(refusal) if refusal else 200)


urls = [
    path("packets/<str:reference>/v<int:number>/findings/<int:place>/accept/", accept, name="finding-accept"),
]
