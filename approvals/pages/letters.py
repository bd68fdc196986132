"""The Letters page: every e-mail one may see, where it stands, and its text. No mail server is needed to read it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from approvals import access
from approvals.errors import Refused
from approvals.letters.trial import send_trial
from approvals.letters.writing import message_id
from approvals.models import Letter
from approvals.pages import Request
from approvals.querysets import LetterQuerySet
from approvals.vocabulary import LetterState

PAGE = 25
LARGEST = 2**63 - 1
VIEWS = {"": "All", "mine": "To me", "undelivered": "Not delivered"}


@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """One's own letters and those about packets one may see, newest first."""
    view = request.GET.get("show", "")
    view = view if view in VIEWS else ""
    before, after = _key(request, "before"), _key(request, "after")
    rows, newer, older = _page(_shown(request, view), before, after)
    context = {
        "rows": rows, "view": view, "tabs": _tabs(view),
        "newer": _address(view, after=rows[0].pk) if newer else "",
        "older": _address(view, before=rows[-1].pk) if older else "",
    }  # fmt: skip
    return render(request, "approvals/letters.html", context)


def _key(request: HttpRequest, name: str) -> int | None:
    """A key from the address; None when there is none, 404 when it is no key."""
    text = request.GET.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) > LARGEST:
        raise Http404
    return int(text)


def _shown(request: HttpRequest, view: str) -> LetterQuerySet:
    found: LetterQuerySet = Letter.objects.visible_to(request.user)
    if view == "mine":
        found = found.filter(recipient=request.user)
    if view == "undelivered":
        found = found.filter(state__in=[LetterState.FAILED, LetterState.UNKNOWN])
    return found.select_related("recipient", "version__packet").defer("text", "html")


def _page(found: LetterQuerySet, before: int | None, after: int | None) -> tuple[list[Letter], bool, bool]:
    """One page, and whether there is a newer and an older one: one row more than the page is asked for."""
    if after is not None:
        rows = list(found.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
        return rows[:PAGE][::-1], len(rows) > PAGE, bool(rows)
    rows = list((found if before is None else found.filter(pk__lt=before)).order_by("-pk")[: PAGE + 1])
    return rows[:PAGE], before is not None and bool(rows), len(rows) > PAGE


def _address(view: str, **key: str | int) -> str:
    shown: dict[str, str | int] = {"show": view} if view else {}
    return "?" + urlencode(shown | key)


def _tabs(view: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": f"?show={key}" if key else "?", "current": key == view, "count": None}
        for key, label in VIEWS.items()
    ]


@require_safe
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """One letter: where it stands, its headers, and its text as it was written."""
    if pk > LARGEST:
        raise Http404
    found = Letter.objects.visible_to(request.user).select_related("recipient", "version__packet")
    row = get_object_or_404(found, pk=pk)
    headers = {
        "From": settings.DEFAULT_FROM_EMAIL, "To": row.address, "Reply-To": row.reply_to, "Subject": row.subject,
        "Message-ID": message_id(row),
    }  # fmt: skip
    # A stop may name other packets, those its recipient may see: only they and who sees every packet read the words.
    readable = row.recipient_id == request.user.pk or access.sees_every_packet(request.user)
    context = {"letter": row, "headers": {k: v for k, v in headers.items() if v}, "readable": readable}
    return render(request, "approvals/letter.html", context)


@require_POST
def trial(request: Request) -> HttpResponse:
    """A test e-mail to oneself; its page says what becomes of it."""
    try:
        written = send_trial(request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("letters")
    messages.success(
        request,
        "The test e-mail is written. The worker sends it; open this page again to see what the mail server said.",
    )
    return redirect("letter", written.pk)


urls: list[URLPattern] = [
    path("letters/", letters, name="letters"),
    path("letters/try/", trial, name="letter-trial"),
    path("letters/<int:pk>/", letter, name="letter"),
]
