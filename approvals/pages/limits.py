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
    """The view, or a 413 page when more was sent than the portal reads. Forged requests are refused as everywhere.

    The middleware would read the body before any view could answer; so it is told to leave this one alone, and the
    same protection stands around the view itself.
    """
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            request.POST  # noqa: B018 - reading it is what may fail
        except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
            request._mark_post_parse_error()  # type: ignore[attr-defined]  # Django's own way to go on without it
            return render(request, "approvals/too_large.html", status=413)
        return protected(request, *args, **kwargs)

    return answered
