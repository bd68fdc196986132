"""What may this agent do? Every line in force at a moment, over all its packets that the reader may see."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from approvals import access
from approvals.models import Agent
from approvals.pages import Request
from approvals.scope.matching import Placed
from approvals.vocabulary import Field
from audits.authority import Authority, Stop, TooMuch, load
from audits.effect import effects, held_with, lines_of
from audits.pages.asked import FIELDS, PAGE, Asked, read
from audits.pages.who import kind_of, signers

LONGEST = 200
AGENTS = 25
ORDER = tuple(FIELDS)[1:]  # allowed, a person, never
TOO_MUCH = "This agent has more lines in force than one page can read. Ask about one call with Why?."


@require_safe
def may_page(request: Request) -> HttpResponse:
    """Choose an agent, then its lines by field, filtered and paged."""
    asked = read(request, "agent", "q", "identity", longest=LONGEST)
    agents = Agent.objects.visible_to(request.user)
    agent = agents.filter(slug=asked.typed["agent"]).select_related("team").first() if asked.typed["agent"] else None
    context: dict[str, Any] = {"asked": asked, "agent": agent, "problem": asked.problem}
    status = 400 if asked.problem else 200
    if agent is None:
        alike = agents.filter(slug__icontains=asked.typed["agent"]).select_related("team").order_by("slug")
        context["agents"] = list(alike[: AGENTS + 1])
        status = 404 if asked.typed["agent"] and status == 200 else status
    elif not asked.problem:
        context |= _answer(request, agent, asked)
        status = 400 if context["problem"] else status
    return render(request, "audits/may.html", context, status=status)


def _answer(request: Request, agent: Agent, asked: Asked) -> dict[str, Any]:
    """Three statements: the packets with their stops, their lines, and who signed what is shown."""
    try:
        authority = load(agent.slug, request.user, asked.at, asked.at)
    except TooMuch:
        return {"problem": TOO_MUCH}
    held = held_with(authority, asked.at, asked.typed["identity"])
    matching = [row for row in lines_of(held, asked.at) if _speaks_of(row, asked.typed["q"])]
    counts = Counter(kind_of(row.field) or "allowed" for row in matching)
    rows = sorted((row for row in matching if row.field in asked.fields), key=_place)
    shown = effects(rows[asked.first : asked.first + PAGE], held, asked.at)
    signed = signers({one.version.pk for one in shown}, asked.at)
    newer, older = asked.pages(len(rows) > asked.first + PAGE)
    return {
        "rows": [(one, kind_of(one.placed.field), signed.get(one.version.pk, ())) for one in shown],
        "tabs": asked.tabs({"": len(matching), **counts}), "newer": newer, "older": older, "problem": "",
        "identities": sorted({one.version.identity for one in authority.in_force_at(asked.at)}),
        "in_force": len(held), "stopped": _stopped(authority, asked),
        "is_partial": not access.sees_every_packet(request.user) and agent.team not in request.user.memberships(),
        "is_filtered": bool(asked.kind or asked.typed["q"] or asked.typed["identity"]),
        "unfiltered": asked.link(kind="", q="", identity=""), "at_now": asked.link(at=""),
    }  # fmt: skip


def _speaks_of(row: Placed, words: str) -> bool:
    return words.casefold() in str(row.line).casefold()


def _place(row: Placed) -> tuple[int, int, str]:
    """Allowed before what a person is asked before Never; then by field and line."""
    field: Field = row.field
    return ORDER.index(kind_of(field) or "allowed"), list(Field).index(field), str(row.line)


def _stopped(authority: Authority, asked: Asked) -> list[tuple[Any, Stop]]:
    """What would hold if it were not suspended."""
    granted = (one for one in authority.held if one.granted_at(asked.at))
    return [(one.version, stop) for one in granted if (stop := one.stop_at(asked.at))]


urls: list[URLPattern] = [path("may/", may_page, name="may")]
