"""The packet form: a new packet, and a draft that is there. Refusals become words where they belong."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from approvals import rules, transitions, validity
from approvals.asking import asked
from approvals.content import Content
from approvals.errors import Refused
from approvals.forms.names import of_my_teams
from approvals.forms.packet import PacketForm, initial_of
from approvals.models import Decision, Version
from approvals.pages import Request, as_it_stands
from approvals.pages.dossier import REFERENCE
from approvals.pages.limits import read_whole
from approvals.pages.reading import readings
from approvals.scope.finding import Finding
from approvals.transitions import Seen
from approvals.transitions.drafting import Flawed
from approvals.vocabulary import Level, Verdict

SUBMIT = "submit"
# What each refusal is to a browser; any other is 422: the content cannot be taken as it is.
STATUS = {"stale": 409, "wrong_state": 409, "revoked": 409, "open_version": 409, "not_you": 403}


@read_whole
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """A new packet: saved as a draft, or saved and submitted at once, both or neither."""
    if request.method == "GET":
        return show_new(request, PacketForm(person=request.user, initial=_asked_for(request)))
    form = PacketForm(request.POST, person=request.user)
    if form.is_valid():
        try:
            return _done(request, _start(form, submitting=request.POST.get("then") == SUBMIT))
        except Refused as refused:
            tell(form, refused)
            return show_new(request, form, STATUS.get(refused.code, 422))
    return show_new(request, form, 422)


def _asked_for(request: Request) -> dict[str, Any]:
    """What a link to the empty form may set: agent, level and parent. The owner is whoever opens it."""
    level = request.GET.get("level", "")
    return {
        "owner": request.user.get_username(),
        "agent": request.GET.get("agent", "")[:63],
        "parent": request.GET.get("parent", "")[:12],
        "level": level if level in list(Level) else Level.SYSTEM.value,
    }


@transaction.atomic
def _start(form: PacketForm, *, submitting: bool) -> Version:
    version = transitions.draft(form.content(), actor=form.person, team=form.chosen_team())
    return transitions.submit(version.pk, seen=Seen.of(version), actor=form.person) if submitting else version


@read_whole
@require_http_methods(["GET", "POST"])
def edit(request: Request, reference: str, number: int) -> HttpResponse:
    """A draft written anew, by the owner, the backup owner or the agent's team."""
    version, current = draft_of(request, reference, number)
    if request.method == "GET":
        refused = rules.why_not_edit(version, request.user)
        if refused:
            messages.error(request, str(refused))
            return redirect(version.get_absolute_url())
        content = asked(version)
        form = PacketForm(person=request.user, fixed=content, initial=initial_of(content))
        return show_edit(request, form, version, current)
    form = PacketForm(request.POST, person=request.user, fixed=asked(version))
    if form.is_valid():
        try:
            return _done(request, _go_on(form, version, request.POST))
        except Refused as refused:
            return _not_saved(request, form, version, current, refused)
    return show_edit(request, form, version, current, 422)


def draft_of(request: Request, reference: str, number: int) -> tuple[Version, Version | None]:
    """The version, with the decision that sent its predecessor back, and the one that is in force meanwhile.

    One statement for both. 404 for whoever may not see the packet, and for what is no reference.
    """
    if not REFERENCE.fullmatch(reference):
        raise Http404
    sent_back = Decision.objects.filter(version=OuterRef("based_on"), verdict=Verdict.REQUEST_CHANGES).order_by("-at")
    found = Version.objects.visible_to(request.user).select_related(
        "packet__agent__team", "packet__parent", "owner", "backup_owner", "rollback_owner", "human_approval_by",
        "based_on",
    )  # fmt: skip
    told = {f"sent_back_{key}": Subquery(sent_back.values(key)[:1]) for key in ("reason", "person_name", "role", "at")}
    granted = Version.objects.granted_at(validity.now()).filter(packet__reference=reference).values("pk")
    rows = found.annotate(**told).filter(Q(number=number) | Q(pk__in=granted), packet__reference=reference)
    by_number = {version.number: version for version in rows}
    version = by_number.pop(number, None)
    if version is None:
        raise Http404
    return version, max(by_number.values(), key=lambda other: other.number, default=None)


@transaction.atomic
def _go_on(form: PacketForm, version: Version, sent: Any) -> Version:
    """Save what is different, then submit if asked; both or neither."""
    seen, content = Seen(revision_of(sent)), form.content()
    if content != asked(version) or seen.revision != version.revision:
        version = transitions.edit(version.pk, content, seen=seen, actor=form.person)
        seen = Seen.of(version)
    return transitions.submit(version.pk, seen=seen, actor=form.person) if sent.get("then") == SUBMIT else version


def revision_of(sent: Any) -> int:
    """The revision the person saw; 0, which no version has, when the page did not say."""
    text = str(sent.get("revision", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _done(request: Request, version: Version) -> HttpResponse:
    if version.submitted_at is not None:
        messages.success(request, f"{version} is submitted. Whoever has to sign it gets an e-mail.")
        return redirect(version.get_absolute_url())
    messages.success(request, f"Saved as {version}. It is a draft: nobody has been asked to sign it yet.")
    return redirect("version-edit", reference=version.packet.reference, number=version.number)


def _not_saved(
    request: Request, form: PacketForm, version: Version, current: Version | None, refused: Refused
) -> HttpResponse:
    """What was typed stays; of a draft that changed meanwhile the page says who did it and where the two differ."""
    status = STATUS.get(refused.code, 422)
    if refused.code != "stale":
        tell(form, refused)
        return show_edit(request, form, version, current, status)
    now, current = draft_of(request, version.packet.reference, version.number)
    theirs, yours = initial_of(asked(now)), initial_of(form.content())
    stale = {
        "event": now.events.order_by("-pk").first(),
        "differ": [field for field in form if theirs.get(field.name) != yours.get(field.name)],
    }
    return show_edit(request, form, now, current, status, stale=stale, revision=now.revision)


def tell(form: PacketForm, refused: Refused) -> None:
    """Put the words of a refusal at the input they are about, or on top."""
    if isinstance(refused, Flawed):
        for flaw in refused.flaws:
            form.flaw(flaw)
    else:
        form.refusal(refused.code, str(refused))


def show_new(request: Request, form: PacketForm, status: int = 200, **more: Any) -> HttpResponse:
    """The page of a packet that is not there yet."""
    agents, parents = of_my_teams(request.user)
    context = _page(form, ()) | {"agents": agents, "parents": parents, "is_new": True} | more
    return render(request, "approvals/packet_form.html", context, status=status)


def show_edit(
    request: Request, form: PacketForm, version: Version, current: Version | None, status: int = 200, **more: Any
) -> HttpResponse:
    """The page of a draft, with what it would meet if it were submitted as saved."""
    stands = as_it_stands.look(version, current, validity.now())
    gaps = [(form[flaw.key] if flaw.key in form.fields else None, flaw) for flaw in stands.missing]
    revision = request.POST.get("revision", version.revision) if form.is_bound else version.revision
    context = _page(form, stands.findings) | {"version": version, "stands": stands, "gaps": gaps, "revision": revision}
    return render(request, "approvals/packet_form.html", context | more, status=status)


def _page(form: PacketForm, found: tuple[Finding, ...]) -> dict[str, Any]:
    level = form.chosen_level
    return {
        "form": form,
        "is_run": level is Level.RUN,
        "both": form.fixed is None,
        "chips": as_it_stands.chips(validity.now()),
        "readings": readings(form, found),
    }


def initial_for(request: Request, content: Content) -> dict[str, Any]:
    """A packet document as the form's values; an owner nobody named is whoever imports it."""
    return initial_of(content) | {"owner": content.owner or request.user.get_username()}


urls: list[URLPattern] = [
    path("packets/new/", new, name="packet-new"),
    path("packets/<str:reference>/v<int:number>/edit/", edit, name="version-edit"),
]
