"""Why was this agent allowed to do that? Three fields and the answer of the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from approvals import access, validity
from approvals.models import Decision, Event, Version
from approvals.pages import Request
from approvals.pages.record_words import told
from approvals.scope.asking import MAX_TYPED
from approvals.scope.matching import PartOutcome, Placed
from approvals.vocabulary import EventKind, Field
from audits.answer import Answer, answer_typed
from audits.bases import Basis
from audits.covering import covered
from audits.holding import Held, of_signers
from audits.keeping import moment_of
from audits.moments import MomentError, read_moment

AROUND = 6
# Not about authority.
QUIET = (
    EventKind.LETTER_SENT, EventKind.WEBHOOK_SENT, EventKind.SHARED, EventKind.UNSHARED, EventKind.ANSWER_KEPT,
    EventKind.RECORD_TAKEN, EventKind.EVIDENCE_TAKEN,
)  # fmt: skip
ALWAYS = (Field.DATA_SOURCES, Field.TOOLS, Field.WRITE_ACTIONS, Field.HUMAN_APPROVAL)
WHICH = "Say which agent, by the name machines use or by its identity; or paste a line of a log below."


class WhyForm(forms.Form):
    """The question. Asking changes nothing."""

    agent = forms.CharField(label="Agent", max_length=300, error_messages={"required": WHICH})
    did = forms.CharField(
        label="did", max_length=MAX_TYPED, error_messages={"required": "Say what it did: a command, a file, a tool."}
    )
    at = forms.CharField(label="at", max_length=64, required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name, hint in (("agent", "name or identity"), ("did", "git diff HEAD"), ("at", "now")):
            self.fields[name].widget.attrs |= {"placeholder": hint, "autocomplete": "off", "spellcheck": "false"}
            self.fields[name].widget.attrs |= {} if name == "did" else {"class": "short"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One answer as its card shows it. `question` asks the same again: agent, did and the moment as it was read."""

    answer: Answer
    question: dict[str, str]
    parts: Sequence[PartOutcome]

    @classmethod
    def of(cls, answer: Answer, did: str) -> Shown:
        parts = answer.outcome.parts if answer.outcome else ()
        question = {"agent": answer.word, "did": did, "at": moment_of(answer)}
        return cls(answer, question, parts if len(parts) > 1 else ())

    @property
    def query(self) -> str:
        return urlencode(self.question)


@dataclass(frozen=True, slots=True)
class Authority:
    """One packet the answer rests on, as its cards show it: its fields, and who signed it, since when in the group."""

    basis: Basis
    fields: list[tuple[Field, list[Placed]]]
    signers: list[tuple[Decision, Held | None]]

    @property
    def version(self) -> Version:
        return self.basis.version

    @property
    def rule(self) -> str:
        return ", ".join(sorted({row["name"] for row in self.version.rules}))


@require_safe
def why_page(request: Request) -> HttpResponse:
    """The form and, when something was asked, the answer or why there is none."""
    is_asked = bool(request.GET.keys() & {"agent", "did", "at"})
    form = WhyForm(request.GET if is_asked else None)
    found = asked(request, form) if is_asked and form.is_valid() else None
    status = 404 if found and not found.is_known else 400 if is_asked and found is None else 200
    return render(request, "audits/why.html", page(request, form, found), status=status)


def page(request: Request, form: WhyForm, found: Answer | None) -> dict[str, Any]:
    """What the page shows of this form and this answer."""
    context: dict[str, Any] = {"form": form, "answer": found}
    if found is not None:
        did = form.cleaned_data["did"]
        context["shown"] = Shown.of(found, did)
        context["others"] = [(one, urlencode(form.cleaned_data | {"agent": one})) for one in found.agents]
        context["is_partial"] = _sees_a_part(request, found)
        context["wanted"] = str(found.placed.line) if found.placed else str(found.action or "")
        context["version"] = found.version
    if found is not None and found.version is not None:
        context["authorities"] = authorities(found)
        context["events"] = around(found)
        context["covered"] = covered([event.pk for event in context["events"]], request.user)
        context["sees_all"] = access.sees_every_packet(request.user)
    return context


def asked(request: Request, form: WhyForm) -> Answer | None:
    """The answer, or None with an error on the field that cannot be read."""
    data = form.cleaned_data
    try:
        moment = read_moment(data["at"], request.user.zone, validity.now())
    except MomentError as error:
        form.add_error("at", str(error))
        return None
    try:
        return answer_typed(data["agent"], data["did"], moment, request.user)
    except ValueError as error:
        form.add_error("did", str(error))
        return None


def authorities(found: Answer) -> list[Authority]:
    """Every packet behind the answer, with since when its signers had held their group: one statement for all."""
    decisions = [decision for basis in found.bases for decision in basis.decisions]
    held = of_signers(decisions)
    return [
        Authority(basis, _fields(basis), [(one, held.get(one.pk)) for one in basis.decisions]) for basis in found.bases
    ]


def _sees_a_part(request: Request, found: Answer) -> bool:
    """Whether packets may count that this person does not see; says nothing of whether there are any."""
    if not found.is_known or access.sees_every_packet(request.user):
        return False
    team = found.version.packet.agent.team if found.version else None
    return team not in request.user.memberships()


def _fields(basis: Basis) -> list[tuple[Field, list[Placed]]]:
    """The lines that stood then by field: the four of the ten always, the others when there are any."""
    rows = [(field, [row for row in basis.lines if row.field is field]) for field in Field]
    return [(field, lines) for field, lines in rows if lines or field in ALWAYS]


def around(found: Answer) -> list[Any]:
    """What was recorded of these packets around the moment, oldest first: one statement, few rows."""
    events = Event.objects.filter(packet__in={basis.version.packet_id for basis in found.bases}).exclude(kind__in=QUIET)
    before = events.filter(recorded_at__lte=found.until).order_by("-pk").values("pk")[:AROUND]
    after = events.filter(recorded_at__gt=found.until).order_by("pk").values("pk")[:AROUND]
    rows = Event.objects.filter(Q(pk__in=before) | Q(pk__in=after))
    return told(rows.order_by("pk"))


urls: list[URLPattern] = [path("why/", why_page, name="why")]
