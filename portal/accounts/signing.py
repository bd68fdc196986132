"""What a decision asks of the accounts (`approvals.pages.proving`): who can show it how, and whether it was them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from approvals.errors import Refused
from approvals.pages.proving import Ways
from portal.accounts import limits, reauthentication
from portal.accounts.doors import provider_name
from portal.accounts.guarding import by_address, refused
from portal.accounts.limits import CODE, Counted
from portal.accounts.places import passkeys_impossible

address = reauthentication.address


def ways(request: HttpRequest) -> Ways:
    """What this person has, and of it what works at this address."""
    person: Any = request.user
    has = reauthentication.ways(person)
    impossible = passkeys_impossible(request) if has.passkey else ""
    return Ways(
        has.password, has.code, has.passkey and not impossible, provider_name() if has.provider else "", impossible
    )


def by_password(request: HttpRequest, purpose: str) -> HttpResponse | None:
    """Password, and code where there is an app, right from the page. Counted like the page of its own."""
    password, code = request.POST.get("password", ""), request.POST.get("code", "").strip()
    if not password:
        raise Refused("no_password", "Your password is missing. Nothing was signed.", "Type it, then press Sign.")
    counted = [Counted(f"again {request.user.pk}", CODE), by_address(request)]
    if answer := refused(request, counted):
        return answer
    reauthentication.by_password(request, purpose, password, code)
    limits.give_back(counted)
    return None
