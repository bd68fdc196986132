"""The auditor's first page: ask, sample, and look at what is out of the ordinary."""

from __future__ import annotations

from datetime import datetime, timedelta
from secrets import randbelow
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from approvals import access, validity
from approvals.pages import Request
from audits.exceptions import SPAN, exceptions
from audits.filtering import Unreadable, read
from audits.pages.why import WhyForm
from audits.sampling import MOST, sample

QUARTER = timedelta(days=90)
USUAL = 25
LONGEST_SEED = 64


@require_safe
def audit_page(request: Request) -> HttpResponse:
    """What an auditor does, in the order in which it is done."""
    now = validity.now()
    return render(request, "audits/first.html", _context(request, now) | {"proposed": _proposed(now)})


def _proposed(now: datetime) -> dict[str, str]:
    """The last ninety days, and a seed nobody chose; it stands in the address, so that anybody can draw again."""
    period = {"since": f"{now - QUARTER:%Y-%m-%d}", "until": f"{now:%Y-%m-%d}"}
    return period | {"n": str(USUAL), "seed": str(randbelow(10**6))}


def _context(request: Request, now: datetime) -> dict[str, Any]:
    return {
        "form": WhyForm(auto_id="id_ask_%s"), "exceptions": exceptions(request.user, now), "most": MOST,
        "since": now - SPAN, "sees_all": access.sees_every_packet(request.user),
    }  # fmt: skip


@require_safe
def sample_page(request: Request) -> HttpResponse:
    """What was in force in a period: a sample, with everything that is needed to draw it again."""
    now = validity.now()
    if not request.GET:
        return render(request, "audits/sample.html", {"typed": _proposed(now), "most": MOST})
    typed = {name: request.GET.get(name, "").strip() for name in ("since", "until", "n", "seed")}
    try:
        asked = read(request.GET, request.user.zone, now)
        size, seed = _size(typed["n"]), _seed(typed["seed"])
    except Unreadable as error:
        return render(request, "audits/sample.html", {"typed": typed, "problem": str(error), "most": MOST}, status=400)
    until = min(asked.until or now, now)
    since = asked.since or until - QUARTER
    if since >= until:
        problem = "The period has not begun yet. Choose one that has."
        return render(request, "audits/sample.html", {"typed": typed, "problem": problem, "most": MOST}, status=400)
    drawn = sample(request.user, since, until, size, seed)
    moments = {"since": since, "until": until}
    again = {name: f"{at.strftime('%Y-%m-%dT%H:%M:%S.%f')}Z" for name, at in moments.items()}
    context = {
        "typed": typed, "drawn": drawn, **moments, "most": MOST, "sees_all": access.sees_every_packet(request.user),
        "again": f"{reverse('audit-sample')}?{urlencode(again | {'n': size, 'seed': seed})}",
    }  # fmt: skip
    return render(request, "audits/sample.html", context)


def _size(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and len(typed) < 4) or not 1 <= int(typed) <= MOST:
        raise Unreadable(f"Say how many to draw: a number from 1 to {MOST}.")
    return int(typed)


def _seed(typed: str) -> str:
    if not typed or len(typed) > LONGEST_SEED or not typed.isprintable():
        raise Unreadable("Give the sample a seed: any word or number. The same seed draws the same sample again.")
    return typed


urls: list[URLPattern] = [
    path("audit/", audit_page, name="audit"),
    path("audit/sample/", sample_page, name="audit-sample"),
]
