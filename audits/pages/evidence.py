"""Take the evidence away, of a packet or of a period: the page says what will be in it, sending its form takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from tempfile import TemporaryFile
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from approvals import validity
from approvals.errors import Refused
from approvals.models import Version
from approvals.pages import Request
from approvals.pages.seen import status_of
from audits.evidence import Taken, take_packet, take_period
from audits.evidence.gathering import ABOUT_CONTENT, MOST_EVENTS
from audits.evidence.scope import Scope, of_packet, of_period
from audits.evidence.verify import DECISIONS
from audits.filtering import Unreadable, read
from audits.pages.first import QUARTER

Take = Callable[..., Taken]
CHANGEABLE = {"no_period", "no_events", "bundle_too_large"}  # another choice of packet or period helps


@dataclass(frozen=True, slots=True)
class Holding:
    """What a bundle would hold now. `waiting`: events that are sealed first. `is_too_much`: then nothing is counted."""

    events: int
    is_too_much: bool = False
    waiting: int = 0
    decisions: int = 0
    versions: int = 0
    packets: int = 0
    first: datetime | None = None
    last: datetime | None = None

    @classmethod
    def of(cls, scope: Scope) -> Holding:
        """Counted as far as a bundle goes: two statements, whatever the number of events."""
        found = scope.events().order_by()
        count = found[: MOST_EVENTS + 1].count()
        if not 0 < count <= MOST_EVENTS:
            return cls(count, is_too_much=count > 0)
        about = Q(kind__in=(*ABOUT_CONTENT, *DECISIONS))
        counted = found.aggregate(
            waiting=Count("pk", filter=Q(leaf__isnull=True)), decisions=Count("pk", filter=Q(kind__in=DECISIONS)),
            versions=Count("version", filter=about, distinct=True), packets=Count("packet", distinct=True),
            first=Min("recorded_at"), last=Max("recorded_at"),
        )  # fmt: skip
        return cls(count, **counted)


@require_http_methods(["GET", "HEAD", "POST"])
def packet_page(request: Request, reference: str) -> HttpResponseBase:
    """The evidence of a packet, for whoever may see it."""
    try:
        scope = of_packet(reference, request.user)
    except Refused as refusal:
        raise Http404(str(refusal)) from None
    if request.method == "POST":
        return _take(request, partial(take_packet, reference), _about(scope))
    return _page(request, _about(scope))


def _about(scope: Scope) -> dict[str, Any]:
    versions = Version.objects.filter(packet=scope.packet).exclude(digest="").order_by("-number")
    return {"scope": scope, "packet": scope.packet, "versions": list(versions)}


@require_http_methods(["GET", "HEAD", "POST"])
def period_page(request: Request) -> HttpResponseBase:
    """The evidence of everything recorded in a period, for whoever may see every packet."""
    now = validity.now()
    given = request.POST if request.method == "POST" else request.GET
    typed = {name: given.get(name, "").strip() for name in ("since", "until")}
    if not any(typed.values()):
        typed = {"since": f"{now - QUARTER:%Y-%m-%d}", "until": ""}
    try:
        asked = read(typed, request.user.zone, now)
        until = min(asked.until or now, now).replace(microsecond=0)  # evidence names its period to the second
        since = (asked.since or until - QUARTER).replace(microsecond=0)
        scope = of_period(since, until, request.user)
    except Unreadable as error:
        return _page(request, {"typed": typed}, Refused("no_period", str(error)))
    except Refused as refusal:
        return _page(request, {"typed": typed}, refusal)
    about = {"typed": typed, "scope": scope, "exact": scope.as_data()}
    if request.method == "POST":
        return _take(request, partial(take_period, since, until), about)
    return _page(request, about)


def _take(request: Request, take: Take, about: dict[str, Any]) -> HttpResponseBase:
    """The bundle as a download; it leaves only when its event stands. Refused, the page again, and nothing is kept."""
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it, and with that it is gone
    try:
        taken = take(file, taker=request.user, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        file.close()
        return _page(request, about, refusal)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=taken.file, content_type="application/zip")


def _page(request: Request, about: dict[str, Any], refusal: Refused | None = None) -> HttpResponse:
    scope, status = about.get("scope"), 200
    if refusal is not None:
        status = 422 if refusal.code in CHANGEABLE else status_of(refusal)
    context = {
        **about, "refusal": refusal, "holding": Holding.of(scope) if scope else None, "most": MOST_EVENTS,
        "may": refusal is None or refusal.code != "not_you", "reason": request.POST.get("reason", ""),
    }  # fmt: skip
    return render(request, "audits/evidence.html", context, status=status)


urls: list[URLPattern] = [
    path("packets/<str:reference>/evidence/", packet_page, name="packet-evidence"),
    path("audit/evidence/", period_page, name="audit-evidence"),
]
