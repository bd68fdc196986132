"""A body over the limit is answered in words, and the browser keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

View = Callable[..., HttpResponse]


def read_whole(view: View) -> View:
    """The view, or a 413 page when more was sent than the portal reads. Forged requests are refused as everywhere."""
    return _read(view, lambda request: render(request, "approvals/too_large.html", status=413))


def read_at_most(most: int, too_large: View) -> Callable[[View], View]:
    """As `read_whole`, but of a body longer than `most` bytes nothing is read, and `too_large` answers."""
    return lambda view: _read(view, too_large, most)


def _read(view: View, too_large: View, most: int | None = None) -> View:
    """The middleware would read the body before any view could answer; so it is told to leave this one alone, and the
    same protection stands around the view itself.
    """
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            if most is not None and _length(request) > most:
                raise RequestDataTooBig
            request.POST  # noqa: B018 - reading it is what may fail
        except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
            request._mark_post_parse_error()  # type: ignore[attr-defined]  # Django's own way to go on without it
            return too_large(request)
        return protected(request, *args, **kwargs)

    return answered


def _length(request: HttpRequest) -> int:
    """Of the body, as it was announced; what comes beyond that is not read by Django either."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isascii() and length.isdigit() else 0
