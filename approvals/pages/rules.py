"""Sign-off rules as sentences everybody can read, what a packet would need under them, and their changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import Group
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from approvals import rules as why
from approvals import shipped, transitions
from approvals.errors import Refused
from approvals.forms.ruling import NeedForm, RuleForm
from approvals.loosening import asked_of, loosened
from approvals.models import RuleChange, SignOffRule
from approvals.needs import applies
from approvals.pages import Request
from approvals.pages.seen import status_of
from approvals.rule_words import TEAM, counted, listed, sentence, told_count, told_situation, values
from approvals.vocabulary import RuleOutcome

LATEST = 20  # changes on the page; the record has everything


@dataclass(frozen=True, slots=True)
class Told:
    """One rule as the page shows it. `shipped`: as it came, changed since, or empty for one that was added."""

    rule: SignOffRule
    sentence: str
    shipped: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a rule in words, and what this reader may do with it."""

    row: RuleChange
    before: str
    after: str
    may_settle: bool
    may_withdraw: bool
    why_not: str


@require_GET
def rules_page(request: Request) -> HttpResponse:
    """Every rule, what waits for a second administrator, what a packet would need, and the latest changes."""
    groups = dict(Group.objects.values_list("pk", "name"))
    found = list(SignOffRule.objects.select_related("group", "team").order_by("pk"))
    active = [rule for rule in found if rule.is_active]
    changes = [_change(row, request.user, groups) for row in RuleChange.objects.order_by("-pk")[:LATEST]]
    form = NeedForm(request.GET if "tier" in request.GET else None)
    context = {
        "rules": [_told(rule) for rule in active],
        "retired": [_told(rule) for rule in found if not rule.is_active],
        "waiting": [one for one in changes if one.row.outcome == RuleOutcome.WAITING],
        "changes": [one for one in changes if one.row.outcome != RuleOutcome.WAITING],
        "missing": _missing(active),
        "may_change": why.why_not_change_rules(request.user) is None,
        "form": form,
        "need": _needed(form, active, groups) if form.is_bound and form.is_valid() else None,
    }
    return render(request, "approvals/rules.html", context)


def _told(rule: SignOffRule) -> Told:
    return Told(rule, sentence(rule), _as_shipped(rule))


def _as_shipped(rule: SignOffRule) -> str:
    """How the rule stands to the ones the portal came with, by its name."""
    came = _shipped().get(rule.name)
    if came is None:
        return "added here"
    return "as shipped" if came == sentence(rule) else f"shipped as “{came}”"


def _shipped() -> dict[str, str]:
    """The sentences of the shipped rules by name."""
    return {
        name: sentence(SignOffRule(
            name=name, group=Group(name=who) if who else None, count=count, longest_life=life, answer_within=days,
            **conditions,
        ))
        for name, conditions, who, count, life, days in shipped.RULES
    }  # fmt: skip


def _missing(active: list[SignOffRule]) -> list[str]:
    """Sentences of the shipped rules that are not among the active ones."""
    there = {rule.name for rule in active}
    return [words for name, words in _shipped().items() if name not in there]


def _change(row: RuleChange, person: Any, groups: dict[int, str]) -> Change:
    refusal = why.why_not_settle(row, person)
    return Change(
        row, _words(row.before, groups), _words(row.after, groups), refusal is None,
        why.why_not_withdraw_change(row, person) is None, str(refusal) if refusal else "",
    )  # fmt: skip


def _words(kept: dict[str, Any], groups: dict[int, str]) -> str:
    """A kept rule as its sentence; empty for no rule."""
    if not kept or not kept["is_active"]:
        return ""
    columns = kept | {key: _group(kept[key], groups) for key in ("team", "group")}
    return sentence(SignOffRule(**columns))


def _group(key: int | None, groups: dict[int, str]) -> Group | None:
    return Group(pk=key, name=groups.get(key, "a group that is gone")) if key else None


def _needed(form: NeedForm, active: list[SignOffRule], groups: dict[int, str]) -> dict[str, Any]:
    """What the rules ask in the situation that was typed, and which of them ask it."""
    there = form.situation()
    asked = asked_of(active, there)
    if asked is None:
        return {"situation": told_situation(there, groups), "rules": []}
    who = listed(f"{told_count(n)} of {groups[group] if group else TEAM}" for group, n in asked.seats.items())
    return {
        "situation": told_situation(there, groups),
        "who": who,
        "life": counted(asked.longest_life, "day"),
        "too_long": there.life.days > asked.longest_life,
        "answer": counted(asked.answer_within, "day"),
        "reminders": listed(str(day) for day in sorted(asked.reminder_days, reverse=True))
        if asked.reminder_days
        else "",
        "rules": [rule.name for rule in active if applies(rule, there)],
    }


@require_http_methods(["GET", "POST"])
def rule_edit(request: Request, rule: int | None = None) -> HttpResponse:
    """A rule changed or added. It is saved only after it was looked over as the sentence it is."""
    row = get_object_or_404(SignOffRule, pk=rule) if rule else None
    if refusal := why.why_not_change_rules(request.user):
        return _show(request, RuleForm(rule=row), row, refusal)
    if request.method == "GET":
        starting = values(row) if row else {"count": 1, "reminder_days": [30, 14, 7, 3, 1], "answer_within": 3}
        return _show(request, RuleForm(rule=row, initial=starting), row)
    form = RuleForm(request.POST, rule=row)
    if not form.is_valid():
        return _show(request, form, row, status=422)
    if request.POST.get("looked") != form.looked_at():
        return _show(request, form, row, **_look(form, row))
    try:
        change = transitions.change_rule(
            form.wanted(), actor=request.user, reason=form.cleaned_data["reason"], rule=row, seen=_seen(request)
        )
    except Refused as refused:
        return _show(request, form, row, refused, **_look(form, row))
    return _done(request, change)


def _seen(request: Request) -> int:
    """The newest row of the rule's history as the page showed it; 0 for a new rule, and for what is no number."""
    typed = request.POST.get("seen", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 18 else 0


def _look(form: RuleForm, row: SignOffRule | None) -> dict[str, Any]:
    """The rule as it would be, in words, and where it would ask for less."""
    groups = dict(Group.objects.values_list("pk", "name"))
    kept = form.wanted()
    columns = kept | {key: _group(kept[key], groups) for key in ("team", "group")}
    wanted = SignOffRule(pk=row.pk if row else None, **columns)
    active = list(SignOffRule.objects.active())
    after = [*(rule for rule in active if rule.pk != wanted.pk), wanted]
    return {"preview": sentence(wanted), "loosens": loosened(active, after, groups), "looked": form.looked_at()}


def _show(
    request: Request, form: RuleForm, row: SignOffRule | None, refusal: Refused | None = None, status: int = 200,
    **look: Any,
) -> HttpResponse:  # fmt: skip
    context = {
        "form": form, "rule": row, "refusal": refusal, "may": why.why_not_change_rules(request.user) is None,
        "now": sentence(row) if row else "", "seen": request.POST.get("seen") or transitions.rule_seen(row),
    }  # fmt: skip
    return render(request, "approvals/rule.html", context | look, status=status_of(refusal) if refusal else status)


def _done(request: Request, change: RuleChange) -> HttpResponse:
    if change.outcome == RuleOutcome.APPLIED:
        messages.success(request, f"The rule “{change}” holds from now on.")
    else:
        messages.warning(
            request, f"The change of “{change}” asks for less than before, so it waits for a second administrator. "
            "Until then the rules hold as they are.",
        )  # fmt: skip
    return redirect("rules")


@require_http_methods(["GET", "POST"])
def rule_retire(request: Request, rule: int) -> HttpResponse:
    """A rule that shall not count any more: a second look at what is asked without it, and a reason."""
    row = get_object_or_404(SignOffRule.objects.active(), pk=rule)
    refusal = why.why_not_change_rules(request.user)
    if request.method == "POST" and refusal is None:
        try:
            without = values(row) | {"is_active": False}
            seen, reason = _seen(request), request.POST.get("reason", "")
            return _done(
                request, transitions.change_rule(without, actor=request.user, reason=reason, rule=row, seen=seen)
            )
        except Refused as refused:
            refusal = refused
    active = list(SignOffRule.objects.active())
    groups = dict(Group.objects.values_list("pk", "name"))
    context = {
        "rule": row, "now": sentence(row), "refusal": refusal, "typed": request.POST,
        "seen": transitions.rule_seen(row), "may": why.why_not_change_rules(request.user) is None,
        "loosens": loosened(active, [one for one in active if one.pk != row.pk], groups),
    }  # fmt: skip
    return render(request, "approvals/rule_retire.html", context, status=status_of(refusal) if refusal else 200)


@require_POST
def rule_settle(request: Request, change: int, verdict: str) -> HttpResponse:
    """What becomes of a change that waits: confirm, decline or withdraw."""
    row = get_object_or_404(RuleChange, pk=change)
    reason = request.POST.get("reason", "")
    try:
        match verdict:
            case "confirm":
                transitions.confirm_rule_change(row.pk, actor=request.user, reason=reason)
                messages.success(request, f"The rule “{row}” holds from now on.")
            case "decline":
                transitions.decline_rule_change(row.pk, actor=request.user, reason=reason)
                messages.success(request, f"The change of “{row}” is declined. The rules stay as they are.")
            case "withdraw":
                transitions.withdraw_rule_change(row.pk, actor=request.user)
                messages.success(request, f"The change of “{row}” is taken back. The rules stay as they are.")
            case _:
                raise Http404
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("rules")


urls = [
    path("rules/", rules_page, name="rules"),
    path("rules/new/", rule_edit, name="rule-new"),
    path("rules/<int:rule>/", rule_edit, name="rule-edit"),
    path("rules/<int:rule>/retire/", rule_retire, name="rule-retire"),
    path("rules/changes/<int:change>/<str:verdict>/", rule_settle, name="rule-settle"),
]
