"""What somebody who leaves is named for, and the one button that makes drafts of it with somebody else's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from approvals import rules, transitions, validity
from approvals.asking import find_person
from approvals.errors import Refused
from approvals.models import Packet, Version
from approvals.named import PARTS, packets_naming, parts_of, version_to_hand_over
from approvals.pages import Request
from approvals.pages.seen import status_of
from approvals.vocabulary import Role, State

MOST = 100  # of one page; what is more is on it after these are handed over


@dataclass(frozen=True, slots=True)
class Named:
    """One packet the leaver is named in: the version that says so, their parts in words, and why not, if so."""

    packet: Packet
    version: Version
    parts: str
    refusal: Refused | None


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: Request, username: str) -> HttpResponse:
    """GET lists the packets; POST makes a draft of each that is ticked, and says which it could not."""
    leaver = get_object_or_404(get_user_model(), username=username)
    rows = _rows(request.user, leaver)
    if not rows and not rules.has_role(request.user, Role.ADMINISTRATORS, Role.SECURITY):
        raise Http404  # a stranger learns nothing of who is named where
    if request.method != "POST":
        return _page(request, leaver, rows, None)
    ticked = [row for row in rows if row.packet.reference in request.POST.getlist("packet")]
    try:
        to = _chosen(request, ticked)
        drafts, left = _each(request.user, leaver, to, ticked)
        if not drafts:
            raise left[0]
    except Refused as refusal:
        return _page(request, leaver, rows, refusal)
    messages.success(request, _done(drafts, to))
    for one in left:
        messages.error(request, str(one))
    return redirect(request.path)


def _chosen(request: Request, ticked: list[Named]) -> Any:
    if not ticked:
        raise Refused("not_chosen", "No packet was ticked.", "Tick what is to be handed over.")
    to = find_person(request.POST.get("to", "").replace("\x00", "").strip())
    if to is None:
        raise Refused("unknown_person", "No sign-in name was given.", "Type the name they sign in with.")
    return to


def _each(actor: Any, leaver: Any, to: Any, ticked: list[Named]) -> tuple[list[Version], list[Refused]]:
    """One packet that cannot be handed over does not stop the others."""
    drafts, left = [], []
    for row in ticked:
        try:
            drafts.append(transitions.hand_over(row.packet.pk, actor=actor, leaver=leaver, to=to))
        except Refused as refusal:
            left.append(refusal)
    return drafts, left


def _done(drafts: list[Version], to: Any) -> str:
    names = ", ".join(str(one) for one in drafts)
    is_are = "is a draft" if len(drafts) == 1 else "are drafts"
    return f"{names} {is_are} with {to.printed_name} named. What is in force stays so to its end; they were told."


def _rows(viewer: Any, leaver: Any) -> list[Named]:
    now = validity.now()
    found = packets_naming(leaver, now).visible_to(viewer).order_by("-pk")[:MOST]  # type: ignore[attr-defined]
    packets = {packet.pk: packet for packet in found.select_related("agent__team")}
    of_packet: dict[int, list[Version]] = {key: [] for key in packets}
    versions = Version.objects.filter(packet__in=list(packets)).select_related("based_on")
    for version in versions.defer("content", "lines", "findings", "rules"):
        version.packet = packets[version.packet_id]
        of_packet[version.packet_id].append(version)
    return [
        Named(packets[key], version, ", ".join(PARTS[part] for part in parts_of(version, leaver)), _refusal(version))
        for key, rows in of_packet.items()
        if (version := version_to_hand_over(rows, leaver, now)) is not None
        and rules.why_not_hand_over(packets[key], viewer) is None
    ]


def _refusal(version: Version) -> Refused | None:
    if version.state != State.IN_REVIEW:
        return None
    return Refused("in_review", "It is in review.", "It has to be decided or withdrawn first.")


def _page(request: Request, leaver: Any, rows: list[Named], refusal: Refused | None) -> HttpResponse:
    ticked = request.POST.getlist("packet") if request.method == "POST" else [row.packet.reference for row in rows]
    context = {"leaver": leaver, "rows": rows, "refusal": refusal, "typed": request.POST, "ticked": ticked,
               "free": any(row.refusal is None for row in rows)}  # fmt: skip
    return render(request, "approvals/hand_over.html", context, status=status_of(refusal) if refusal else 200)


urls = [path("people/<str:username>/hand-over/", hand_over, name="hand-over")]
