"""The verbs of a packet page. Some act at once; those that need a reason or a second look have a page of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from approvals import transitions
from approvals.asking import find_person
from approvals.errors import Refused
from approvals.models import Version
from approvals.pages import Request
from approvals.pages.confirming import break_glass, discard, give_up, resume, revoke, suspend
from approvals.pages.dossier import Dossier, opened
from approvals.pages.packet import show
from approvals.pages.seen import seen_in
from approvals.pages.submitted import submitted
from approvals.transitions.drafting import Flawed

Act = Callable[[Request, Dossier], tuple[Version, str]]


def at_once(act: Act) -> Callable[..., HttpResponse]:
    """The view of a verb that needs no more than its button: act, say so, go to the version it is about now."""

    @require_POST
    def view(request: Request, reference: str, number: int) -> HttpResponse:
        dossier = opened(request.user, reference, number)
        try:
            version, words = act(request, dossier)
        except Refused as refusal:
            flaws = refusal.flaws if isinstance(refusal, Flawed) else []
            again = opened(request.user, reference, number)
            return show(request, again, refusal=refusal, typed=request.POST, flaws=flaws)
        messages.success(request, words)
        return redirect(version.get_absolute_url())

    return view


@at_once
def submit(request: Request, dossier: Dossier) -> tuple[Version, str]:
    version = transitions.submit(dossier.shown.pk, seen=seen_in(request.POST), actor=request.user)
    return version, submitted(version)


@at_once
def withdraw(request: Request, dossier: Dossier) -> tuple[Version, str]:
    version = transitions.withdraw(dossier.shown.pk, seen=seen_in(request.POST), actor=request.user)
    return version, f"{dossier.shown} is withdrawn. Its content is open as {version}, so nothing typed is lost."


@at_once
def amend(request: Request, dossier: Dossier) -> tuple[Version, str]:
    version = transitions.amend(dossier.shown.pk, actor=request.user)
    return version, f"{version} is a draft with the content of {dossier.shown}. Edit it, then submit it for review."


@at_once
def renew(request: Request, dossier: Dossier) -> tuple[Version, str]:
    version = transitions.renew(dossier.shown.pk, actor=request.user)
    words = "Check its end and submit it for review; until it is signed, the end of the old one stands."
    return version, f"{version} is a draft that renews {dossier.shown}. {words}"


@require_POST
def accept(request: Request, reference: str) -> HttpResponse:
    """Accept to be the owner or rollback owner somebody else has named."""
    dossier = opened(request.user, reference)
    try:
        parts = transitions.accept_parts(dossier.packet.pk, actor=request.user)
    except Refused as refusal:
        return show(request, dossier, refusal=refusal, typed=request.POST)
    messages.success(request, f"You accepted to be named in {dossier.packet} as {' and '.join(parts).lower()}.")
    return redirect(dossier.packet.get_absolute_url())


@require_POST
def share(request: Request, reference: str) -> HttpResponse:
    """Let somebody see the packet, by sign-in name."""
    return _sharing(request, reference, transitions.share, "{name} can see {packet} now.")


@require_POST
def unshare(request: Request, reference: str) -> HttpResponse:
    """Take the share back."""
    words = "{packet} is not shared with {name} any more. Who sees it for another reason still does."
    return _sharing(request, reference, transitions.unshare, words)


def _sharing(request: Request, reference: str, verb: Any, words: str) -> HttpResponse:
    dossier = opened(request.user, reference)
    try:
        person = find_person(request.POST.get("person", "").replace("\x00", "").strip())
        if person is None:
            raise Refused("unknown_person", "No sign-in name was given.", "Type the name they sign in with.")
        verb(dossier.packet.pk, actor=request.user, person=person)
    except Refused as refusal:
        return show(request, dossier, refusal=refusal, typed=request.POST)
    messages.success(request, words.format(name=person.printed_name, packet=dossier.packet))
    return redirect(f"{dossier.packet.get_absolute_url()}#share")


AT, OF = "packets/<str:reference>/v<int:number>/", "packets/<str:reference>/"
urls = [
    path(f"{AT}submit/", submit, name="version-submit"),
    path(f"{AT}withdraw/", withdraw, name="version-withdraw"),
    path(f"{AT}amend/", amend, name="version-amend"),
    path(f"{AT}renew/", renew, name="version-renew"),
    path(f"{AT}break-glass/", break_glass, name="version-break-glass"),
    path(f"{AT}discard/", discard, name="version-discard"),
    path(f"{AT}give-up/", give_up, name="version-give-up"),
    path(f"{OF}suspend/", suspend, name="packet-suspend"),
    path(f"{OF}resume/", resume, name="packet-resume"),
    path(f"{OF}revoke/", revoke, name="packet-revoke"),
    path(f"{OF}accept/", accept, name="packet-accept"),
    path(f"{OF}share/", share, name="packet-share"),
    path(f"{OF}unshare/", unshare, name="packet-unshare"),
]
