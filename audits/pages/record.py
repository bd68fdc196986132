"""The record: what happened, newest first. It can be read, filtered and taken away, never changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from approvals import events, validity
from approvals.models import Event
from approvals.pages import Request
from approvals.pages.record_words import told
from approvals.vocabulary import EventKind
from audits.filtering import Asked, Unreadable, page_of, read, typed_in
from audits.taking import FORMATS, Taken, as_lines

PAGE = 30
LONGEST_REASON = 500
APART = timedelta(seconds=1)
NO_REASON = "Say why you take this away, in at most 500 characters. It stands in the record."
NO_FORMAT = "Choose CSV or JSON Lines."


@require_safe
def record_page(request: Request) -> HttpResponse:
    """One page of the events this person may see."""
    try:
        asked = read(request.GET, request.user.zone, validity.now())
        found = asked.of(Event.objects.on_the_way_of(request.user))
        rows = page_of(found, request.GET.get("before", ""), PAGE, by_time=bool(asked.since or asked.until))
    except Unreadable as error:
        return _page(request, typed_in(request.GET), [], problem=str(error), status=400)
    return _page(request, asked, rows)


def _page(request: Request, asked: Asked, rows: list[Event], *, problem: str = "", status: int = 200) -> HttpResponse:
    older = f"?{urlencode({**asked.given, 'before': rows[PAGE - 1].pk})}" if len(rows) > PAGE else ""
    context = {
        "events": _shown(rows[:PAGE]),
        "asked": asked,
        "is_filtered": bool(asked.given),
        "newest": f"?{asked.query}" if request.GET.get("before") else "",
        "older": older,
        "kinds": sorted(EventKind, key=lambda kind: kind.label),
        "problem": problem,
    }
    return render(request, "audits/record.html", context, status=status)


@require_POST
def take(request: Request) -> HttpResponse | StreamingHttpResponse:
    """The filtered record as a file, sent as it is read. Taking it is an event itself, and not in the file."""
    try:
        asked = read(request.POST, request.user.zone, validity.now())
        reason, kind = _reason(request), request.POST.get("format", "")
        if kind not in FORMATS:
            raise Unreadable(NO_FORMAT)
    except Unreadable as error:
        return _page(request, typed_in(request.POST), [], problem=str(error), status=422)
    last = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    taken = Taken.of(asked.of(Event.objects.visible_to(request.user)), last)
    events.record(
        EventKind.RECORD_TAKEN, actor=request.user,
        detail={"filters": asked.given, "format": kind, "rows": taken.count, "up_to": last, "reason": reason},
    )  # fmt: skip
    return _streamed(as_lines(taken, kind), kind)


def _reason(request: Request) -> str:
    reason = request.POST.get("reason", "").replace("\x00", "").strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Unreadable(NO_REASON)
    return reason


def _streamed(lines: Iterator[str], kind: str) -> StreamingHttpResponse:
    """The first line is asked for before the answer begins, so that a failure is an error page and no broken file."""
    first = next(lines)
    response = StreamingHttpResponse(chain([first], lines), content_type=FORMATS[kind])
    response["Content-Disposition"] = f'attachment; filename="record.{kind}"'
    return response


def _shown(rows: list[Event]) -> list[Any]:
    """The events with what the page says of them beside their columns."""
    shown: list[Any] = told(rows)
    for event in shown:
        event.shown_body = json.dumps(json.loads(bytes(event.body)), indent=2, ensure_ascii=False)
        event.was_recorded_later = event.recorded_at - event.effective_at >= APART
    return shown


urls: list[URLPattern] = [path("record/", record_page, name="record"), path("record/take/", take, name="record-take")]
