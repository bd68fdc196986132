"""Field history: who changed which field of a packet or version, and when. It shows and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import ndiff
from itertools import pairwise
from typing import Any

from django.db.models import ForeignKey, Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from approvals import telling
from approvals.models import Packet, Version
from approvals.pages.dossier import REFERENCE

PAGE = 50
MAX_KEY = 2**63 - 1
MOST_VERSIONS = 100
# Counters that only keep two people from saving at once, and the key itself.
LEFT_OUT = {"id", "claims", "revision", "last_event_at"}
SIGNS = {"-": "−", "+": "+"}
TYPES = {"+": "Added", "~": "Changed", "-": "Deleted"}


@dataclass(frozen=True, slots=True)
class Change:
    """One field: what it was and what it is since."""

    label: str
    old: str
    new: str

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Of a text of several lines what is gone (−) and what came (+), line by line; empty for a short value."""
        old, new = self.old.split("\n"), self.new.split("\n")
        if not self.old or len(old) == len(new) == 1:
            return []
        told = (row for row in ndiff(old, new) if row[0] in SIGNS)
        return [(SIGNS[row[0]], row[2:]) for row in told]


@dataclass(frozen=True, slots=True)
class Entry:
    """One saved state beside the one before it."""

    at: datetime
    who: str
    what: str
    is_first: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    """One subject of the page."""

    label: str
    url: str
    current: bool


@require_safe
def history_page(request: HttpRequest, reference: str) -> HttpResponse:
    """One page of saved states of the packet, or of its version named in the address."""
    if not REFERENCE.fullmatch(reference):
        raise Http404("There is no such packet.")
    packet = get_object_or_404(Packet.objects.visible_to(request.user).select_related("agent"), reference=reference)
    numbers = list(packet.versions.order_by("-number").values_list("number", "pk")[:MOST_VERSIONS])
    wanted = request.GET.get("version", "")
    subject = _subject(packet, dict(numbers), wanted)
    rows = _rows(subject, request.GET.get("before", ""))
    here = reverse("record-history", args=[reference])
    query = f"?version={wanted}&" if wanted else "?"
    context = {
        "packet": packet,
        "tabs": list(_tabs(here, [number for number, _ in numbers], wanted)),
        "entries": [entry for entry in entries(rows)[:PAGE] if entry.changes],
        "newest": f"{here}{query.rstrip('&')}" if request.GET.get("before") else "",
        "older": f"{here}{query}before={rows[PAGE - 1].history_id}" if len(rows) > PAGE else "",
    }
    return render(request, "audits/history.html", context)


def _tabs(here: str, numbers: list[int], wanted: str) -> Iterator[Tab]:
    yield Tab("Packet", here, not wanted)
    for number in numbers:
        yield Tab(f"v{number}", f"{here}?version={number}", wanted == str(number))


def _subject(packet: Packet, versions: dict[int, int], wanted: str) -> tuple[type[Model], int]:
    """The model and key whose history is asked for. Raises Http404 for a version that is not there."""
    if not wanted:
        return Packet, packet.pk
    number = _whole(wanted)
    if number not in versions:
        raise Http404("This packet has no such version.")
    return Version, versions[number]


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20) or int(text) > MAX_KEY:
        raise Http404("This page does not exist.")
    return int(text)


def _rows(subject: tuple[type[Model], int], before: str) -> list[Any]:
    """One page of saved states, newest first, and one more: the state the last of the page is held against."""
    model, key = subject
    history: Any = model.history  # type: ignore[attr-defined]  # added by simple-history
    keys = [field.name for field in history.model._meta.get_fields() if isinstance(field, ForeignKey)]
    rows = history.filter(id=key).select_related(*(name for name in keys if name in PEOPLE))
    if before:
        rows = rows.filter(history_id__lt=_whole(before))
    return list(rows.order_by("-history_id")[: PAGE + 1])


PEOPLE = {
    "history_user", "owner", "backup_owner", "rollback_owner", "human_approval_by", "submitted_by", "created_by",
    "revoked_by", "agent", "parent", "team", "group", "added_by",
}  # fmt: skip


def entries(rows: Sequence[Any]) -> list[Entry]:
    """Each state with what it changed against the one before it; the first of all against nothing."""
    return [_entry(row, before) for row, before in pairwise([*rows, None])]


def _entry(row: Any, before: Any) -> Entry:
    who = row.history_user.printed_name if row.history_user else "the system"
    changes = tuple(_changes(row, before))
    return Entry(row.history_date, who, TYPES[row.history_type], row.history_type == "+", changes)


def _changes(row: Any, before: Any) -> Iterator[Change]:
    for field in row.tracked_fields:
        if field.name in LEFT_OUT:
            continue
        new, old = getattr(row, field.attname), getattr(before, field.attname, None)
        if new != old and not (before is None and new in (None, "", [], {})):
            label = str(field.verbose_name).capitalize()
            yield Change(label, _shown(before, field) if before else "", _shown(row, field))


def _shown(row: Any, field: Any) -> str:
    """One value as a person reads it: people by name, instants in UTC, lists a line each."""
    value = getattr(row, field.attname)
    if field.name == "reference" and value.startswith("~"):
        return "not numbered yet"  # a packet's number is its key, so for a moment it has none
    if isinstance(field, ForeignKey) and value is not None:
        related = getattr(row, field.name) if field.name in PEOPLE else None
        return getattr(related, "printed_name", "") or (str(related) if related else f"row {value}")
    if isinstance(value, datetime):
        return telling.moment_text(value)
    if isinstance(value, dict):
        return "\n".join(f"{key}: {one}" for key, many in value.items() for one in (many if many else [""]))
    if isinstance(value, list) and all(isinstance(one, int) for one in value):
        return ", ".join(map(str, value))
    if isinstance(value, list):
        return "\n".join(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in value)
    if field.choices and value:
        return str(getattr(row, f"get_{field.name}_display")())
    return "" if value is None else str(value)


urls: list[URLPattern] = [path("record/<str:reference>/history/", history_page, name="record-history")]
