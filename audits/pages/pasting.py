"""A pasted line of a log, read into the question. It comes by POST: what stands in a log belongs into no address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from approvals.pages import Request
from audits.naming import Named, named_by
from audits.pages.why import WhyForm
from audits.pasted import LONGEST, Pasted, PastedError, read_pasted

NOBODY = "The line names no agent you may see. Write into “Agent” which it was."
BY_WORD = "The line names the agent only in passing, as “{}”. Check that it is the one that acted."
SEVERAL = "The line names several agents. Choose the one that acted."


@dataclass(frozen=True, slots=True)
class Candidate:
    """One question the line may mean."""

    words: str
    url: str


@require_POST
def read_page(request: Request) -> HttpResponse:
    """Ask at once when the line leaves no doubt; else fill in what it says, and say what is missing or doubtful."""
    text = request.POST.get("pasted", "")
    try:
        pasted = read_pasted(text.replace("\x00", ""))
    except PastedError as error:
        context = {"form": WhyForm(), "pasted": text[:LONGEST], "pasted_problem": str(error)}
        return render(request, "audits/why.html", context, status=422)
    agents, remarks = _agents(request, pasted)
    remarks = [*remarks, *pasted.remarks]
    if not remarks:
        return redirect(_url(agents[0].word, pasted.calls[0], pasted.at))
    return render(request, "audits/why.html", _context(pasted, agents, remarks))


def _agents(request: Request, pasted: Pasted) -> tuple[list[Named], list[str]]:
    """The agents the line names, in places for names or else anywhere, and what is to be said about that."""
    named = named_by(pasted.names, request.user) if pasted.names else []
    if len(named) == 1:
        return named, []
    if named:
        return named, [SEVERAL]
    said = named_by(pasted.words, request.user) if pasted.words else []
    if len(said) == 1:
        return said, [BY_WORD.format(said[0].word)]
    return said, [SEVERAL if said else NOBODY]


def _context(pasted: Pasted, agents: list[Named], remarks: list[str]) -> dict[str, Any]:
    calls = list(pasted.calls)
    chosen = {"at": pasted.at}
    chosen |= {"agent": agents[0].word} if len(agents) == 1 else {}
    chosen |= {"did": calls[0]} if len(calls) == 1 else {}
    candidates = [
        Candidate(f"{agent.word}: {call}", _url(agent.word, call, pasted.at)) for agent in agents for call in calls
    ]
    return {
        "form": WhyForm(initial=chosen),
        "remarks": remarks,
        "candidates": candidates if len(candidates) > 1 else [],
    }


def _url(agent: str, did: str, at: str) -> str:
    return f"{reverse('why')}?{urlencode({'agent': agent, 'did': did, 'at': at})}"


urls: list[URLPattern] = [path("why/read/", read_page, name="why-read")]
