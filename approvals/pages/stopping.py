"""Stopping every packet of an agent, or of an identity: one page that says what stops, and asks why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from approvals import transitions, validity
from approvals.errors import Refused
from approvals.models import Packet
from approvals.pages import Request
from approvals.pages.confirming import CANNOT_STOP
from approvals.pages.dossier import REFERENCE
from approvals.pages.seen import MEND_IT, status_of
from approvals.pages.whole_packets import counts, main_version, named, why_not_stop, with_versions

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Stop:
    """What the page calls its verb."""

    label: str
    tone: str = "stop"
    reason: str = "required"


@require_http_methods(["GET", "HEAD", "POST"])
def agent_stop(request: Request, slug: str) -> HttpResponse:
    """Suspend every packet of an agent."""
    found = named(request.user, slug)
    back = reverse("agent", args=[slug])
    says = f"Every packet of {found} that is granted now or soon is suspended at once, until Security resumes it."

    def act(reason: str) -> list[Packet]:
        return transitions.suspend_agent(found, actor=request.user, reason=reason)

    return _stop(request, str(found), back, says, packets=Packet.objects.filter(agent=found), hidden={}, act=act)


@require_http_methods(["GET", "HEAD", "POST"])
def identity_stop(request: Request) -> HttpResponse:
    """Suspend every packet that is granted to an identity, of all its agents that this person may stop."""
    asked = request.POST if request.method == "POST" else request.GET
    identity = asked.get("identity", "")[:300]
    packets = Packet.objects.filter(versions__identity=identity)
    if not identity or "\x00" in identity or not packets.visible_to(request.user).exists():
        raise Http404
    origin = _origin(request, asked.get("from", ""))
    back = origin.get_absolute_url() if origin else reverse("packets")
    says = f"Every packet granted to {identity} that you may stop is suspended at once, until Security resumes it."
    hidden = {"identity": identity, "from": origin or ""}

    def act(reason: str) -> list[Packet]:
        return transitions.suspend_identity(identity, actor=request.user, reason=reason)

    return _stop(request, identity, back, says, packets=packets, hidden=hidden, act=act)


def _origin(request: Request, reference: str) -> Packet | None:
    """The packet whose page led here, to go back to."""
    rows = Packet.objects.visible_to(request.user)
    return rows.filter(reference=reference).first() if REFERENCE.fullmatch(reference) else None


def _stop(
    request: Request, subject: str, back: str, says: str, *, packets: Any, hidden: dict[str, Any], act: Any
) -> HttpResponse:
    refusal = None
    if request.method == "POST":
        try:
            stopped = act(request.POST.get("reason", ""))
        except Refused as refused:
            refusal = refused
        else:
            names = ", ".join(str(packet) for packet in stopped)
            messages.success(request, f"Suspended from now on: {names}. Security can resume each of them.")
            return redirect(back)
    now = validity.now()
    whole = with_versions(packets.visible_to(request.user).distinct(), SHOWN)
    refusal = refusal or why_not_stop(whole, request.user, now)
    context = {
        "verb": Stop("Stop"),
        "subject": subject,
        "back": back,
        "hidden": hidden,
        "refusal": refusal,
        "may": refusal is None or refusal.code in MEND_IT,
        "typed": request.POST,
        "affected": [main_version(packet, now) for packet in whole if counts(packet, now)],
        "says": [says, CANNOT_STOP, "The identity stays as it is: whoever holds its key can still use it."],
    }
    return render(request, "approvals/confirm.html", context, status=status_of(refusal) if refusal else 200)
