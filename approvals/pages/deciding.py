"""Deciding, asking and answering: the doors of a review."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from approvals import rules, transitions
from approvals.cuts import Cuts
from approvals.errors import Refused
from approvals.models import Version
from approvals.pages import Request, proving
from approvals.pages.cutting_form import cuts_in
from approvals.pages.decision_form import DecisionForm
from approvals.pages.dossier import Dossier, opened
from approvals.pages.packet import show
from approvals.pages.seen import refuse_who, seen_in
from approvals.pages.waiting import Waiting, in_line, next_after, place_of
from approvals.transitions import Seen
from approvals.vocabulary import State, Verdict


@sensitive_post_parameters("password", "code")
@require_POST
def decide(request: Request, reference: str, number: int) -> HttpResponse:
    """Record the verdict, then go on to the next version that waits for this person, or Home."""
    dossier, before = opened(request.user, reference, number), in_line(request.user)
    try:
        refuse_who(rules.why_not_decide(dossier.shown, request.user))
        given = _chosen(request, dossier)
        page = dossier.shown.get_absolute_url()
        if given.is_open and (answer := proving.prove(request, given.purpose, page)) is not None:
            return answer
        decided = _decide(request, dossier, given)
    except Refused as refusal:
        transitions.note_refused(refusal, dossier.shown, request.user)
        return show(request, opened(request.user, reference, number), refusal=refusal, typed=_kept(request))
    return _next(request, decided, before, _done(decided, given.verdict))


@dataclass(frozen=True, slots=True)
class Given:
    """What was chosen and written, and what it was chosen on."""

    seen: Seen
    verdict: Verdict
    reason: str
    cuts: Cuts
    is_open: bool  # whether it is worth asking who they are: the verb refuses anything else, and says why

    @property
    def purpose(self) -> str:
        return self.seen.purpose(self.verdict, self.cuts)


def _chosen(request: Request, dossier: Dossier) -> Given:
    """Raises Refused when none of the four was chosen, one without the reason it needs, or cuts that are none.

    What was ticked beside a plain approval is refused, never dropped.
    """
    form, seen = DecisionForm(dossier.shown, request.POST), seen_in(request.POST)
    if not form.is_valid():
        code = "not_chosen" if "verdict" in form.errors else "no_reason"
        raise Refused(code, " ".join(str(error) for errors in form.errors.values() for error in errors))
    verdict = Verdict(form.cleaned_data["verdict"])
    reason = transitions.refuse_words(form.cleaned_data["reason"], needed=verdict is not Verdict.APPROVE)
    cuts = cuts_in(request.POST, dossier.shown) if verdict.approves else Cuts()
    if verdict.approves:
        transitions.refuse_unclear(verdict, cuts)
    as_seen = seen.as_decision() == Seen.of(dossier.shown).as_decision()
    is_open = as_seen and rules.why_not_decide(dossier.shown, request.user) is None
    return Given(seen, verdict, reason, cuts, is_open)


def _kept(request: Request) -> QueryDict:
    """What was typed, marked as this form's, so that the page puts it back where it was. Never the password."""
    typed = request.POST.copy()
    for name in ("password", "code"):
        typed.pop(name, None)
    typed["verdict_form"] = "yes"
    return typed


def _decide(request: Request, dossier: Dossier, given: Given) -> Version:
    """One verb for each verdict; each spends what was shown in this session."""
    key, session = dossier.shown.pk, request.session.session_key or ""
    if given.verdict is Verdict.REQUEST_CHANGES:
        transitions.request_changes(key, seen=given.seen, actor=request.user, session=session, reason=given.reason)
    elif given.verdict is Verdict.REJECT:
        transitions.reject(key, seen=given.seen, actor=request.user, session=session, reason=given.reason)
    else:
        transitions.sign(
            key, seen=given.seen, actor=request.user, session=session, verdict=given.verdict, reason=given.reason,
            cuts=given.cuts,
        )  # fmt: skip
    proving.forget(request, dossier.shown.get_absolute_url())
    decided: Version = Version.objects.for_page().get(pk=key)
    return decided


def _done(version: Version, verdict: Verdict) -> str:
    """What is true now, in a sentence or two."""
    if verdict is Verdict.REQUEST_CHANGES:
        return f"You requested changes on {version}. Its content is open again as v{version.number + 1}."
    if verdict is Verdict.REJECT:
        return f"You rejected {version}. It will not come into force."
    if version.state == State.APPROVED:
        return f"You signed {version}. That was the last signature: it is approved."
    left = version.seats.filter(decision__isnull=True).count()
    return f"You signed {version}. {left} more {'signature is' if left == 1 else 'signatures are'} needed."


def _next(request: Request, decided: Version, before: list[Waiting], done: str) -> HttpResponse:
    """The version behind this one in the line, or Home at its end; with what was done, in words."""
    line = in_line(request.user)
    following = next_after(decided, before, line)
    if following is None:
        messages.success(request, done)
        return redirect("home")
    place = place_of(following, line)
    left = f"{place.number} of {place.count} that wait for you" if place and len(line) > 1 else "the last that waits"
    messages.success(request, f"{done} Next is {following}, {left}.")
    return redirect(following.get_absolute_url())


@require_POST
def ask(request: Request, reference: str, number: int) -> HttpResponse:
    """Ask a question, perhaps on one line."""
    dossier = opened(request.user, reference, number)
    try:
        refuse_who(rules.why_not_ask(dossier.shown, request.user))
        text, line = request.POST.get("text", ""), request.POST.get("line", "")
        transitions.ask(dossier.shown.pk, text, actor=request.user, line=line)
    except Refused as refusal:
        return show(request, dossier, refusal=refusal, typed=request.POST)
    messages.success(request, "Your question is on the page and on its way to the owner. The review goes on.")
    return redirect(f"{dossier.shown.get_absolute_url()}#questions")


@require_POST
def answer(request: Request, reference: str, number: int, question: int) -> HttpResponse:
    """Answer a question of this version."""
    dossier = opened(request.user, reference, number)
    if not any(one.pk == question for one in dossier.shown.questions.all()):
        raise Http404
    try:
        transitions.answer(question, request.POST.get("text", ""), actor=request.user)
    except Refused as refusal:
        return show(
            request, opened(request.user, reference, number), refusal=refusal, typed=request.POST, answering=question
        )
    messages.success(request, "Your answer is on the page and on its way to who asked.")
    return redirect(f"{dossier.shown.get_absolute_url()}#questions")


AT = "packets/<str:reference>/v<int:number>/"
urls = [
    path(f"{AT}decide/", decide, name="version-decide"),
    path(f"{AT}ask/", ask, name="version-ask"),
    path(f"{AT}questions/<int:question>/answer/", answer, name="question-answer"),
]
