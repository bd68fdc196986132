"""While somebody types: what signers would see, which writes nothing, and what is kept for that person alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from approvals import rules, validity, working_copies
from approvals.asking import asked
from approvals.forms.packet import PacketForm
from approvals.models import Version
from approvals.pages import Request
from approvals.pages.form import (
    STATUS,
    draft_of,
    page_of_draft,
    page_of_new,
    revision_of,
    system_version,
    typed_in,
)
from approvals.pages.limits import read_whole
from approvals.vocabulary import Level


@read_whole
@require_POST
def look_at_new(request: Request) -> HttpResponse:
    """The parts of the page of a new packet that follow what is typed."""
    form = PacketForm(person=request.user, initial=_typed(request))
    parent = None
    if form.chosen_level is Level.RUN:
        parent = system_version(request.user, str(form["parent"].value() or "").upper()[:12], validity.now())
    return render(request, "approvals/form/as_typed.html", page_of_new(form, parent))


@read_whole
@require_POST
def look_at_draft(request: Request, reference: str, number: int) -> HttpResponse:
    """The parts of the page of a draft that follow what is typed."""
    version, current = draft_of(request, reference, number)
    form = PacketForm(person=request.user, fixed=asked(version), initial=_typed(request))
    return render(request, "approvals/form/as_typed.html", page_of_draft(form, version, current))


def _typed(request: Request) -> dict[str, str]:
    return typed_in(request.POST.dict())


@read_whole
@require_POST
def keep_new(request: Request) -> HttpResponse:
    """Keep what is typed for a packet that is not there yet."""
    return _keep(request, None)


@read_whole
@require_POST
def keep_draft(request: Request, reference: str, number: int) -> HttpResponse:
    """Keep what is typed for a draft this person may edit; it also says whether somebody saved the draft meanwhile."""
    version, _ = draft_of(request, reference, number)
    refused = rules.why_not_edit(version, request.user)
    if refused:
        return _kept(request, STATUS.get(refused.code, 422), problem=str(refused))
    if revision_of(request.POST) == version.revision:
        return _keep(request, version)
    last = version.events.order_by("-pk").first()
    return _keep(request, version, changed_by=last.actor_name if last else "Somebody")


def _keep(request: Request, version: Version | None, **more: Any) -> HttpResponse:
    typed, secret = working_copies.storable(request.POST.dict(), PacketForm.base_fields.keys())
    if working_copies.is_too_long(typed):
        return _kept(request, 413, problem="This is more text than a packet holds. Shorten it, or save the draft.")
    now = validity.now()
    working_copies.keep(request.user, version, typed, revision_of(request.POST), now)
    return _kept(request, 200, at=now, secret=_labels(secret), **more)


def _labels(inputs: list[str]) -> list[str]:
    fields: Mapping[str, Any] = PacketForm.base_fields
    return [str(fields[name].label) for name in inputs]


def _kept(request: Request, status: int, **words: Any) -> HttpResponse:
    return render(request, "approvals/form/kept.html", words, status=status)


@require_POST
def throw_away_new(request: Request) -> HttpResponse:
    """Forget what was typed for a new packet, and begin anew."""
    _throw_away(request, None)
    return redirect("packet-new")


@require_POST
def throw_away_of_draft(request: Request, reference: str, number: int) -> HttpResponse:
    """Forget what was typed for a draft, and show it as it is saved."""
    version, _ = draft_of(request, reference, number)
    _throw_away(request, version)
    return redirect("version-edit", reference=version.packet.reference, number=version.number)


def _throw_away(request: Request, version: Version | None) -> None:
    if working_copies.throw_away(request.user, version):
        messages.success(request, "What you had typed and not saved is thrown away.")


urls: list[URLPattern] = [
    path("packets/new/as-typed/", look_at_new, name="packet-as-typed"),
    path("packets/new/keep/", keep_new, name="packet-keep"),
    path("packets/new/throw-away/", throw_away_new, name="packet-throw-away"),
    path("packets/<str:reference>/v<int:number>/edit/as-typed/", look_at_draft, name="version-as-typed"),
    path("packets/<str:reference>/v<int:number>/edit/keep/", keep_draft, name="version-keep"),
    path("packets/<str:reference>/v<int:number>/edit/throw-away/", throw_away_of_draft, name="version-throw-away"),
]
