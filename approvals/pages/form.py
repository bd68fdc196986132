"""The packet form: a new packet, and a draft that is there. Refusals become words where they belong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from approvals import rules, transitions, validity, working_copies
from approvals.asking import asked
from approvals.content import Content
from approvals.errors import Refused
from approvals.forms.names import of_my_teams
from approvals.forms.packet import PacketForm, initial_of
from approvals.models import Agent, Decision, Packet, Version, WorkingCopy
from approvals.pages import Request, as_it_stands
from approvals.pages.as_it_stands import AsItStands
from approvals.pages.dossier import REFERENCE
from approvals.pages.gaps import gaps
from approvals.pages.limits import read_whole
from approvals.pages.reading import readings
from approvals.pages.submitted import submitted
from approvals.people import Person
from approvals.transitions import Seen
from approvals.transitions.drafting import Flawed
from approvals.vocabulary import Level, Verdict

SUBMIT = "submit"
A_TEAM = Group(name="the agent's team")  # while nobody has chosen which
# What each refusal is to a browser; any other is 422: the content cannot be taken as it is.
KEPT = {"at": "kept_at", "typed": "typed", "revision": "revision"}  # of the reader's own working copy
STATUS = {"stale": 409, "wrong_state": 409, "revoked": 409, "open_version": 409, "not_you": 403}


@read_whole
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """A new packet: saved as a draft, or saved and submitted at once, both or neither."""
    if request.method == "GET":
        return _open_new(request)
    form = PacketForm(request.POST, person=request.user)
    if form.is_valid():
        try:
            version = _saved(request, partial(_start, form), submitting=request.POST.get("then") == SUBMIT)
            return _done(request, version, None)
        except Refused as refused:
            tell(form, refused)
            return show_new(request, form, STATUS.get(refused.code, 422))
    return show_new(request, form, 422)


def _open_new(request: Request) -> HttpResponse:
    """As a link asks for it; otherwise with what this person typed last time and did not save."""
    copy = working_copies.own(request.user, None)
    initial = _asked_for(request)
    if copy is None or request.GET.keys() & {"agent", "level", "parent"}:
        return show_new(request, PacketForm(person=request.user, initial=initial), other_copy=copy)
    form = PacketForm(person=request.user, initial=initial | typed_in(copy.typed))
    return show_new(request, form, kept={"at": copy.kept_at})


def show_filled(request: Request, content: Content, says: str) -> HttpResponse:
    """The form of a new packet, filled in and not saved; what was typed before is a link away."""
    form = PacketForm(person=request.user, initial=initial_for(request, content))
    return show_new(request, form, filled=says, other_copy=working_copies.own(request.user, None))


def typed_in(values: dict[str, str]) -> dict[str, str]:
    """What a working copy holds of inputs the form has."""
    return {name: text for name, text in values.items() if name in PacketForm.base_fields}


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
        return _open_edit(request, version, current)
    form = PacketForm(request.POST, person=request.user, fixed=asked(version))
    if form.is_valid():
        try:
            go_on = partial(_go_on, form, version, request.POST)
            return _done(request, _saved(request, go_on, submitting=request.POST.get("then") == SUBMIT), version)
        except Refused as refused:
            return _not_saved(request, form, version, current, refused)
    return show_edit(request, form, version, current, 422)


def _open_edit(request: Request, version: Version, current: Version | None) -> HttpResponse:
    """The draft, with what this person typed last time and did not save; and what somebody else saved since."""
    content = asked(version)
    kept_at, typed, revision = (getattr(version, f"kept_{name}") for name in ("at", "typed", "revision"))
    form = PacketForm(person=request.user, fixed=content, initial=initial_of(content) | typed_in(typed or {}))
    form.read()
    if kept_at is None or (form.content() == content and not form.unread):
        return show_edit(request, form, version, current)
    if revision == version.revision:
        return show_edit(request, form, version, current, kept={"at": kept_at})
    return show_edit(request, form, version, current, kept={"at": kept_at}, stale=_stale(form, version))


def draft_of(request: Request, reference: str, number: int) -> tuple[Version, Version | None]:
    """The version, with the decision that sent its predecessor back, and the one that is in force meanwhile.

    It also has what this person typed and did not save. One statement for everything. 404 for whoever may not see the
    packet, and for what is no reference.
    """
    if not REFERENCE.fullmatch(reference):
        raise Http404
    sent_back = Decision.objects.filter(version=OuterRef("based_on"), verdict=Verdict.REQUEST_CHANGES).order_by("-at")
    found = Version.objects.visible_to(request.user).select_related(
        "packet__agent__team", "packet__parent", "owner", "backup_owner", "rollback_owner", "human_approval_by",
        "based_on",
    )  # fmt: skip
    told = {f"sent_back_{key}": Subquery(sent_back.values(key)[:1]) for key in ("reason", "person_name", "role", "at")}
    copy = WorkingCopy.objects.filter(version=OuterRef("pk"), person=request.user)
    told |= {f"kept_{name}": Subquery(copy.values(column)[:1]) for name, column in KEPT.items()}
    granted = Version.objects.granted_at(validity.now()).filter(packet__reference=reference).values("pk")
    rows = found.annotate(**told).filter(Q(number=number) | Q(pk__in=granted), packet__reference=reference)
    by_number = {version.number: version for version in rows}
    version = by_number.pop(number, None)
    if version is None:
        raise Http404
    return version, max(by_number.values(), key=lambda other: other.number, default=None)


@transaction.atomic
def _go_on(form: PacketForm, version: Version, sent: Any, *, submitting: bool) -> Version:
    """Save what is different, then submit if asked; both or neither."""
    seen, content = Seen(revision_of(sent)), form.content()
    if content != asked(version) or seen.revision != version.revision:
        version = transitions.edit(version.pk, content, seen=seen, actor=form.person)
        seen = Seen.of(version)
    return transitions.submit(version.pk, seen=seen, actor=form.person) if submitting else version


def _saved(request: Request, save: Callable[..., Version], *, submitting: bool) -> Version:
    """Saved and submitted. When only somebody named by e-mail is waited for it is saved, so that they can be asked."""
    try:
        return save(submitting=submitting)
    except Refused as refused:
        if refused.code != "not_accepted":
            raise
        messages.warning(request, str(refused))
        return save(submitting=False)


def revision_of(sent: Any) -> int:
    """The revision the person saw; 0, which no version has, when the page did not say."""
    text = str(sent.get("revision", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _done(request: Request, version: Version, copy_of: Version | None) -> HttpResponse:
    """Say what happened. What was typed is saved now, so the working copy is thrown away."""
    working_copies.throw_away(request.user, copy_of)
    if version.submitted_at is not None:
        messages.success(request, submitted(version))
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
    return show_edit(request, form, now, current, status, stale=_stale(form, now), revision=now.revision)


def _stale(form: PacketForm, now: Version) -> dict[str, Any]:
    """Who changed the draft since, and the fields in which what was typed differs from it as it is now."""
    theirs, yours = initial_of(asked(now)), initial_of(form.content())
    return {
        "event": now.events.order_by("-pk").first(),
        "differ": [field for field in form if theirs.get(field.name) != yours.get(field.name)],
    }


def tell(form: PacketForm, refused: Refused) -> None:
    """Put the words of a refusal at the input they are about, or on top."""
    if isinstance(refused, Flawed):
        for flaw in refused.flaws:
            form.flaw(flaw)
    else:
        form.refusal(refused.code, str(refused))


def show_new(request: Request, form: PacketForm, status: int = 200, **more: Any) -> HttpResponse:
    """The page of a packet that is not there yet."""
    return render(request, "approvals/packet_form.html", page_of_new(form) | more, status=status)


def page_of_new(form: PacketForm, parent: Version | None = None) -> dict[str, Any]:
    """What the page of a packet that is not there yet says. `parent`: what is in force of a run's system packet."""
    form.read()
    agents, parents = of_my_teams(form.person)
    team = next((one.team for one in agents if one.value == form.cleaned_data.get("agent")), None)
    teams = form.person.teams()
    own = [one for one in teams if one.pk == team] or [form.chosen_team() or (teams[0] if len(teams) == 1 else A_TEAM)]
    packet = Packet(level=form.chosen_level, agent=Agent(slug=form.cleaned_data.get("agent", ""), team=own[0]))
    stands = as_it_stands.look(form.content(), packet, None, validity.now(), parent)
    return _page(form, stands) | {"agents": agents, "parents": parents, "is_new": True}


def show_edit(
    request: Request, form: PacketForm, version: Version, current: Version | None, status: int = 200, **more: Any
) -> HttpResponse:
    """The page of a draft, with what it would meet if it were submitted as it is in the form."""
    revision = request.POST.get("revision", version.revision) if form.is_bound else version.revision
    context = page_of_draft(form, version, current) | {"revision": revision} | more
    return render(request, "approvals/packet_form.html", context, status=status)


def page_of_draft(form: PacketForm, version: Version, current: Version | None) -> dict[str, Any]:
    """What the page of a draft says."""
    form.read()
    now, packet = validity.now(), version.packet
    parent = system_version(form.person, packet.parent.reference, now) if packet.parent else None
    return _page(form, as_it_stands.look(form.content(), packet, current, now, parent)) | {"version": version}


def system_version(person: Person, reference: str, now: datetime) -> Version | None:
    """What is in force of the system packet a run is inside, if this person may see it."""
    seen = Version.objects.visible_to(person).granted_at(now).select_related("packet__agent", "packet__parent")
    people = seen.select_related("owner", "backup_owner", "rollback_owner", "human_approval_by")
    found: Version | None = people.filter(packet__reference=reference).order_by("-number").first()
    return found


def _page(form: PacketForm, stands: AsItStands) -> dict[str, Any]:
    """The page, from a form that has been read."""
    return {
        "form": form,
        "is_run": form.chosen_level is Level.RUN,
        "both": form.fixed is None,
        "chips": as_it_stands.chips(validity.now()),
        "stands": stands,
        "gaps": gaps(form, stands),
        "readings": readings(form, stands.findings),
    }


def initial_for(request: Request, content: Content) -> dict[str, Any]:
    """A packet document as the form's values; an owner nobody named is whoever imports it."""
    return initial_of(content) | {"owner": content.owner or request.user.get_username()}


urls: list[URLPattern] = [
    path("packets/new/", new, name="packet-new"),
    path("packets/<str:reference>/v<int:number>/edit/", edit, name="version-edit"),
]
