"""Import: a real configuration becomes rows to sort and then a draft; a packet document goes straight into the form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from approvals import rules, transitions, working_copies
from approvals.asking import asked
from approvals.completeness import malformed
from approvals.content import Content
from approvals.documents import DocumentError, from_json, from_yaml
from approvals.errors import Refused, refuse_if
from approvals.forms.importing import ForAgentForm, ImportForm, SortingForm, with_lines
from approvals.forms.names import of_my_teams
from approvals.forms.packet import PacketForm, initial_of
from approvals.models import Version
from approvals.pages import Request
from approvals.pages.dossier import REFERENCE
from approvals.pages.form import STATUS, draft_of, show_edit, show_filled
from approvals.pages.limits import read_whole
from approvals.pages.packet_document import is_packet
from approvals.scope.claude_code import Imported, ImportRefused, import_file
from approvals.transitions import Seen
from approvals.transitions.drafting import Flawed
from approvals.vocabulary import State

FILLED = "Filled in from the document."
KINDS = {"settings": "Claude Code settings", "mcp_servers": "MCP servers", "tools_list": "tools of an MCP server"}


@read_whole
@require_http_methods(["GET", "POST"])
def import_page(request: Request) -> HttpResponse:
    """Hand in a file, then sort its rows. The text goes along, so nothing is kept on the server between the two."""
    draft = _draft(request)
    if request.method == "GET":
        named = {"agent": request.GET.get("agent", "")[:63]}
        return _ask(request, ImportForm(person=request.user, into_draft=draft is not None, initial=named), draft)
    if "source" in request.POST:
        return _sort(request, draft)
    return _read(request, draft)


def _draft(request: Request) -> Version | None:
    """The draft the lines go into, when one is named; 404 when there is none this person may see and edit."""
    reference = request.POST.get("into") or request.GET.get("into")
    if not reference:
        return None
    if not REFERENCE.fullmatch(reference):
        raise Http404
    seen = Version.objects.visible_to(request.user).for_page()
    version: Version = get_object_or_404(seen, packet__reference=reference, state=State.DRAFT)
    if rules.why_not_edit(version, request.user) is not None:
        raise Http404
    return version


def _ask(request: Request, form: ForAgentForm, draft: Version | None, status: int = 200) -> HttpResponse:
    agents = [] if draft else of_my_teams(request.user)[0]
    context = {"form": form, "agents": agents, "draft": draft}
    return render(request, "approvals/import.html", context, status=status)


def _read(request: Request, draft: Version | None) -> HttpResponse:
    form = ImportForm(request.POST, request.FILES, person=request.user, into_draft=draft is not None)
    if not form.is_valid() or (handed := form.handed_in()) is None:
        return _ask(request, form, draft, 422)
    name, raw = handed
    try:
        if is_packet(name, raw):
            return _fill(request, from_json(raw) if raw.lstrip()[:1] == b"{" else from_yaml(raw), draft)
        imported = import_file(name, raw)
    except (ImportRefused, DocumentError) as refused:
        form.add_error("file" if form.cleaned_data.get("file") else "pasted", str(refused))
        return _ask(request, _keeping(form, raw), draft, 422)
    if not _from_form(request):
        form.need_agent()  # else it may still be named beside the sorted rows
    if form.errors:
        return _ask(request, _keeping(form, raw), draft, 422)
    return _show_table(request, form, SortingForm(rows=imported.rows), imported, name, raw.decode("utf-8-sig"), draft)


def _from_form(request: Request) -> bool:
    """Whether the file was handed in on the packet form: then what is typed there goes along."""
    return "from_form" in request.POST


def _keeping(form: ImportForm, raw: bytes) -> ImportForm:
    """A browser forgets a chosen file; its text, when it is text, stays in the form instead."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return form
    if "\x00" not in text:
        form.data = {**form.data.dict(), "pasted": text}  # type: ignore[attr-defined]  # a QueryDict
    return form


def _fill(request: Request, content: Content, draft: Version | None) -> HttpResponse:
    """A packet document: the form, filled in and not saved."""
    if draft is None:
        return show_filled(request, content, FILLED)
    version, current = draft_of(request, draft.packet.reference, draft.number)
    form = PacketForm(person=request.user, fixed=asked(version), initial=initial_of(content))
    return show_edit(request, form, version, current, filled=FILLED)


def _sort(request: Request, draft: Version | None) -> HttpResponse:
    name, source = request.POST.get("name", ""), request.POST["source"]
    form = ForAgentForm(request.POST, person=request.user, into_draft=draft is not None)
    try:
        imported = import_file(name, source.encode())
    except ImportRefused:
        return redirect("packet-import")  # only a forged table can say so: it was read once
    table = SortingForm(request.POST, rows=imported.rows)
    if form.is_valid() and table.is_valid():
        form.need_agent()
    status = 422
    if form.is_valid() and table.is_valid():
        try:
            version = _put(form, table, draft, request.POST)
            if _from_form(request):
                working_copies.carry_over(request.user, draft, version, table.sorted_lines())
        except Refused as refused:
            _tell(form, refused)
            status = STATUS.get(refused.code, 422)
        else:
            count = sum(len(lines) for lines in asked(version).lines.values())
            messages.success(request, f"{version} has {count} lines now. Complete the rest, then submit it for review.")
            return redirect("version-edit", reference=version.packet.reference, number=version.number)
    return _show_table(request, form, table, imported, name, source, draft, status)


@transaction.atomic
def _put(form: ForAgentForm, table: SortingForm, draft: Version | None, sent: Any) -> Version:
    """Write the sorted lines down: into a new draft, or after the lines of the one that is there."""
    lines = table.sorted_lines()
    if draft is None:
        content = with_lines(Content(agent=form.cleaned_data["agent"], owner=form.person.get_username()), lines)
        return transitions.draft(content, actor=form.person, team=form.chosen_team())
    content = with_lines(asked(draft), lines)
    refuse_if(Flawed("malformed", flaws) if (flaws := malformed(content)) else None)
    return transitions.edit(draft.pk, content, seen=Seen.of(draft), actor=form.person)


def _tell(form: ForAgentForm, refused: Refused) -> None:
    about = [flaw.key for flaw in refused.flaws] if isinstance(refused, Flawed) else []
    key = "agent" if refused.code in ("not_your_agent", "agent_inactive") or "agent" in about else None
    key = "team" if refused.code == "no_team" else key
    form.add_error(key if key in form.fields else None, str(refused))


def _show_table(
    request: Request, form: ForAgentForm, table: SortingForm, imported: Imported, name: str, source: str,
    draft: Version | None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "form": form, "table": table, "imported": imported, "name": name, "source": source, "draft": draft,
        "kind": KINDS.get(imported.kind, imported.kind), "unsure": sum(not row.sure for row in imported.rows),
        "agents": [] if draft else of_my_teams(request.user)[0], "from_form": _from_form(request),
    }  # fmt: skip
    return render(request, "approvals/import_sort.html", context, status=status)


urls: list[URLPattern] = [path("packets/import/", import_page, name="packet-import")]
