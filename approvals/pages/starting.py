"""Where a packet may begin: one of the templates, or an earlier packet. Both fill the form and save nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from approvals import validity
from approvals.asking import standing_content
from approvals.content import Content
from approvals.models import Packet, Version
from approvals.pages import Request
from approvals.pages.dossier import REFERENCE
from approvals.pages.form import show_filled
from approvals.pages.lists import LONGEST_SEARCH, rows_of
from approvals.starters import STARTERS, named

MOST = 25


@require_safe
def templates(request: Request) -> HttpResponse:
    """The templates, each with when it fits and what it would allow."""
    return render(request, "approvals/form/templates.html", {"starters": STARTERS})


@require_safe
def from_template(request: Request, name: str) -> HttpResponse:
    """The form, filled in from a template."""
    starter = named(name)
    if starter is None:
        raise Http404
    return show_filled(request, starter.content, f"Filled in from the template “{starter.title}”.")


@require_safe
def earlier(request: Request) -> HttpResponse:
    """Packets of one's teams that one may see, newest first: by reference, agent, job or identity."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    rows = Packet.objects.filter(agent__team__in=request.user.teams())
    if words:
        said = Version.objects.filter(packet=OuterRef("pk")).filter(
            Q(job__icontains=words) | Q(identity__icontains=words)
        )
        rows = rows.filter(Q(reference__icontains=words) | Q(agent__slug__icontains=words) | Exists(said))
    keys = rows.newest_visible_to(request.user, limit=MOST + 1)
    context = {"words": words, "rows": rows_of(keys[:MOST], validity.now()), "more": len(keys) > MOST}
    return render(request, "approvals/form/earlier.html", context)


@require_safe
def from_earlier(request: Request, reference: str) -> HttpResponse:
    """The form, filled in with what an earlier packet says: what is in force of it, else its newest version."""
    if not REFERENCE.fullmatch(reference):
        raise Http404
    now = validity.now()
    seen = Version.objects.visible_to(request.user).for_page().prefetch_related("grants")
    seen = seen.filter(packet__reference=reference, packet__agent__team__in=request.user.teams())
    version = seen.granted_at(now).order_by("-number").first() or seen.order_by("-number").first()
    if version is None:
        raise Http404
    return show_filled(request, _anew(version, now), f"Filled in from {version}.")


def _anew(version: Version, now: datetime) -> Content:
    """Its content without what belongs to that packet alone: dates, and people who have left."""
    gone: dict[str, Any] = {
        key: ""
        for key in ("owner", "backup_owner", "rollback_owner")
        if (person := getattr(version, key)) is not None and person.has_left
    }
    return replace(standing_content(version, now), starts=None, ends=None, **gone)


urls: list[URLPattern] = [
    path("packets/new/templates/", templates, name="packet-templates"),
    path("packets/new/templates/<slug:name>/", from_template, name="packet-from-template"),
    path("packets/new/earlier/", earlier, name="packet-earlier"),
    path("packets/new/earlier/<str:reference>/", from_earlier, name="packet-from-earlier"),
]
