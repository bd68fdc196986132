"""A door that counts: each POST is counted before it is looked at, and taken back when it was the right person."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from allauth.core.internal.ratelimit import truncate_ip
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.accounts import limits
from portal.accounts.limits import ADDRESS, Counted

if TYPE_CHECKING:
    from django.views.generic import View as Door
else:
    Door = object

logger = logging.getLogger(__name__)


class Guarded(Door):
    """Mixed into a view whose POST somebody could guess at. Says 429 when there were too many."""

    def counted(self, request: HttpRequest) -> list[Counted]:
        """What this attempt counts for; the address always does."""
        return [by_address(request)]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        counted = self.counted(request)
        if refusal := refused(request, counted):
            return refusal
        response: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]  # mixed into a view
        if let_through(response):
            limits.give_back(counted)
        return response


def refused(request: HttpRequest, counted: list[Counted]) -> HttpResponse | None:
    """The answer to an attempt too many, or to one that could not be counted; None when it may go on."""
    try:
        wait = limits.take(counted)
    except DatabaseError:
        logger.exception("an attempt could not be counted, so it is refused")
        return render(request, "accounts/no_counting.html", status=503)
    if not wait:
        return None
    logger.warning("too many attempts", extra={"path": request.path, "address": request.META["REMOTE_ADDR"]})
    response = render(request, "accounts/too_many.html", {"wait": wait}, status=429)
    response["Retry-After"] = str(wait)
    return response


def let_through(response: HttpResponse) -> bool:
    """A door that opens sends somewhere else; one that stays shut shows itself again, or the sign-in page."""
    return response.status_code == 302 and not response["Location"].startswith("/sign-in/?") and (
        response["Location"] != "/sign-in/"
    )  # fmt: skip


def by_address(request: HttpRequest) -> Counted:
    """All attempts from one address, or from one /64 of the newer kind."""
    return Counted(f"address {address(request)}", ADDRESS)


def address(request: HttpRequest) -> str:
    """Where the visitor is; `TrustedProxyMiddleware` has put it right."""
    return str(truncate_ip(request.META.get("REMOTE_ADDR", "")))
