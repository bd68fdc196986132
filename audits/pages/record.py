"""The record: what happened, newest first. It can be read and filtered, never changed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from approvals.models import Event
from approvals.pages.record_words import told
from approvals.querysets import EventQuerySet
from approvals.vocabulary import EventKind

PAGE = 30
LONGEST = 200
FILTERS = {
    "packet": "packet__reference",
    "agent": "agent__slug",
    "kind": "kind",
    "person": "actor__username",
}
APART = timedelta(seconds=1)
MAX_KEY = 2**63 - 1


class Unreadable(ValueError):
    """A filter or a place in the record that cannot be meant; the text is a sentence."""


@require_safe
def record_page(request: HttpRequest) -> HttpResponse:
    """One page of the events this person may see."""
    asked = {name: request.GET.get(name, "").strip() for name in FILTERS}
    rows: list[Event] = []
    problem = ""
    try:
        found = filtered(Event.objects.visible_to(request.user), asked)
        rows = page_of(found, request.GET.get("before", ""))
    except Unreadable as error:
        problem = str(error)
    older = _older(asked, rows[PAGE - 1].pk) if len(rows) > PAGE else ""
    context = {
        "events": _shown(rows[:PAGE]),
        "asked": asked,
        "is_filtered": any(asked.values()),
        "newest": f"?{urlencode(_given(asked))}" if request.GET.get("before") else "",
        "older": older,
        "kinds": list(EventKind),  # a template would call the class
        "problem": problem,
    }
    return render(request, "audits/record.html", context, status=400 if problem else 200)


def filtered(events: EventQuerySet, asked: dict[str, str]) -> EventQuerySet:
    """The events that match every filter given. Raises Unreadable."""
    for name, value in _given(asked).items():
        if len(value) > LONGEST or "\x00" in value:
            raise Unreadable("A filter is too long, or holds characters that no name has.")
        if name == "kind" and value not in set(EventKind):
            raise Unreadable("There is no such kind of event. Choose one from the list.")
        events = events.filter(**{FILTERS[name]: value.upper() if name == "packet" else value})
    return events


def page_of(events: EventQuerySet, before: str) -> list[Event]:
    """The page before that event, newest first, and one event more when there are any. Raises Unreadable."""
    if before:
        if not (before.isascii() and before.isdigit() and len(before) < 20) or int(before) > MAX_KEY:
            raise Unreadable("This page of the record does not exist. Begin with the newest events.")
        events = events.filter(pk__lt=int(before))
    return list(events.select_related("packet", "version__packet", "agent").order_by("-pk")[: PAGE + 1])


def _given(asked: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in asked.items() if value}


def _older(asked: dict[str, str], last: int) -> str:
    return f"?{urlencode({**_given(asked), 'before': last})}"


def _shown(events: list[Event]) -> list[Any]:
    """The events with what the page says of them beside their columns."""
    rows: list[Any] = told(events)
    for event in rows:
        event.shown_body = json.dumps(json.loads(bytes(event.body)), indent=2, ensure_ascii=False)
        event.was_recorded_later = event.recorded_at - event.effective_at >= APART
    return rows


urls: list[URLPattern] = [path("record/", record_page, name="record")]
