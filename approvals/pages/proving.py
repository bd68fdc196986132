"""Before a decision: that its person is here now. Whoever keeps the accounts says how; this page asks, and keeps words.

What somebody wrote waits in their session, on the server, while they are away at a passkey's page or at the provider.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from approvals import presence
from approvals.errors import Refused
from approvals.models import Version
from approvals.pages import Request

ELSEWHERE = "elsewhere"  # the value of the button that leads to a passkey or to the provider
KEPT = "decisions"  # in the session
MOST_KEPT = 10
NOT_KEPT = ("csrfmiddlewaretoken", "password", "code", "by", "as_of", "revision", "state")


@dataclass(frozen=True, slots=True)
class Ways:
    """How the reader of a page can show who they are, here. None of them: they cannot decide, and read why."""

    password: bool = False
    code: bool = False
    passkey: bool = False
    provider: str = ""
    why_no_passkey: str = ""

    def __bool__(self) -> bool:
        return bool(self.password or self.passkey or self.provider)

    @property
    def elsewhere(self) -> str:
        """What the button says that leads away from the page and back; empty when there is none."""
        if self.passkey:
            return "Sign with a passkey"
        return f"Sign in again at {self.provider} to sign" if self.provider else ""


class Accounts(Protocol):
    """What the pages ask of whoever keeps the accounts; a module with these three is one."""

    def ways(self, request: HttpRequest) -> Ways:
        """How this reader can show who they are."""

    def by_password(self, request: HttpRequest, purpose: str) -> HttpResponse | None:
        """Note the presence. Raises Refused when it is not them; an answer when there were too many attempts."""

    def address(self, purpose: str, back: str) -> str:
        """The page for the other ways."""


_registered: list[Accounts] = []


def register(kept_by: Accounts) -> None:
    """Say who keeps the accounts. Before that nobody can decide anything."""
    _registered[:] = [kept_by]


def ways(request: HttpRequest) -> Ways:
    """How this reader can show who they are."""
    return _registered[0].ways(request) if _registered else Ways()


def prove(request: Request, purpose: str, page: str) -> HttpResponse | None:
    """None when they have shown who they are; else where that happens, with what they wrote kept.

    They come back to `page`. Raises Refused when it was not them, or when they have no way to show it.
    """
    if holds_until(request, purpose):
        return None
    can = ways(request)
    if not can:
        raise Refused("no_way", "Your account has no way to show that it is you.", "Set one up under “Your account”.")
    if can.password and request.POST.get("by") != ELSEWHERE:
        answer = _registered[0].by_password(request, purpose)
    else:
        answer = redirect(_registered[0].address(purpose, f"{page}#decide"))
    if answer is not None:
        _keep(request, page)
    return answer


def holds_until(request: Request, purpose: str) -> datetime | None:
    """Until when what they have shown for this purpose can be used; None when it cannot."""
    return presence.holds_until(request.user, session_key=request.session.session_key or "", purpose=purpose)


def _keep(request: Request, page: str) -> None:
    typed = request.POST.copy()
    for name in NOT_KEPT:
        typed.pop(name, None)
    rest = {key: words for key, words in request.session.get(KEPT, {}).items() if key != _key(request, page)}
    rows = [*rest.items(), (_key(request, page), typed.urlencode())]
    request.session[KEPT] = dict(rows[-MOST_KEPT:])


def kept(request: Request, version: Version, page: str) -> QueryDict | None:
    """What they had chosen and written here before they went away; only the words when the content is another now."""
    words = request.session.get(KEPT, {}).get(_key(request, page))
    if words is None:
        return None
    typed = QueryDict(words, mutable=True)
    if (typed.get("digest"), typed.get("cuts")) != (version.digest, version.cuts_digest):
        typed = QueryDict(mutable=True)
        typed["reason"] = QueryDict(words).get("reason", "")
    typed["verdict_form"] = "yes"
    return typed


def forget(request: Request, page: str) -> None:
    """It is decided: nothing waits any more."""
    rest = request.session.get(KEPT, {})
    if rest.pop(_key(request, page), None) is not None:
        request.session[KEPT] = rest


def _key(request: Request, page: str) -> str:
    return f"{request.user.pk} {page}"
