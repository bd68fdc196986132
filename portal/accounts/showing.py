"""The page on which somebody shows once more who they are, on the way to a decision."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from allauth.account.utils import get_next_redirect_url
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from approvals.errors import Refused
from portal.accounts import limits, reauthentication
from portal.accounts.doors import provider_name
from portal.accounts.factors import as_text
from portal.accounts.guarding import by_address, refused
from portal.accounts.limits import CODE, Counted

LONGEST_PURPOSE = 200


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """GET offers the ways this person has; POST takes one of them and goes back."""
    asked = request.POST if request.method == "POST" else request.GET
    purpose, back = asked.get("purpose", "")[:LONGEST_PURPOSE], get_next_redirect_url(request) or "/"
    if not purpose:
        return redirect("/")
    if request.method == "GET":
        return page(request, purpose, back)
    counted = [Counted(f"again {request.user.pk}", CODE), by_address(request)]
    if refusal := refused(request, counted):
        return refusal
    try:
        answer = shown(request, purpose, back)
    except Refused as wrong:
        return page(request, purpose, back, wrong)
    limits.give_back(counted)
    return answer


def shown(request: HttpRequest, purpose: str, back: str) -> HttpResponse:
    """By whichever way was chosen. Raises Refused when it was not them."""
    if request.POST.get("credential"):
        reauthentication.by_passkey(request, purpose, read(request.POST["credential"]))
    else:
        reauthentication.by_password(request, purpose, request.POST.get("password", ""), request.POST.get("code", ""))
    return redirect(back)


@require_safe
def show_at_provider(request: HttpRequest) -> HttpResponse:
    """A link, because a form would be stopped on its way there by the page's own policy."""
    person: Any = request.user
    if not reauthentication.ways(person).provider:
        raise Http404("Nobody at the provider is linked to this account.")
    back, purpose = get_next_redirect_url(request) or "/", request.GET.get("purpose", "")[:LONGEST_PURPOSE]
    return reauthentication.to_provider(request, purpose, back) if purpose else redirect("/")


def read(text: str) -> Any:
    """What the browser sent; nothing when it is no JSON, which fits no passkey."""
    try:
        return json.loads(text)
    except ValueError:
        return {}


def page(request: HttpRequest, purpose: str, back: str, wrong: Refused | None = None) -> HttpResponse:
    person: Any = request.user
    ways, challenge = reauthentication.ways(person), reauthentication.passkey_challenge(request)
    said = {"purpose": purpose, "next": back, "ways": ways, "wrong": wrong, "provider": provider_name()}
    said["query"] = urlencode({"purpose": purpose, "next": back})
    said["options"] = as_text(challenge) if challenge else ""
    return render(request, "accounts/show.html", said, status=422 if wrong else 200)
