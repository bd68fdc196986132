"""Who changed which field of one row, and when: django-simple-history's rows, read-only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

ROWS = 50


@dataclass(frozen=True, slots=True)
class Step:
    """One saved state: when, by whom, and each field that changed with its old and new value."""

    at: Any
    who: str
    fields: tuple[tuple[str, str, str], ...]


def field_history(request: HttpRequest, row: Any, context: Mapping[str, Any]) -> HttpResponse:
    """The page. POST is refused: history is read, never written back."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    page = Paginator(row.history.select_related("history_user").order_by("-history_id"), ROWS).get_page(
        request.GET.get("page")
    )
    steps = list(_steps(list(page.object_list)))
    return render(request, "admin/field_history.html", {**context, "row": row, "steps": steps, "page": page,
                                                        "title": f"History of {row}"})  # fmt: skip


def _steps(rows: list[Any]) -> Iterator[Step]:
    for newer, older in pairwise([*rows, None]):
        changed = _changed(newer, older or newer.prev_record)
        yield Step(newer.history_date, _who(newer), changed)


def _who(row: Any) -> str:
    return row.history_user.printed_name if row.history_user else "system"


def _changed(newer: Any, older: Any) -> tuple[tuple[str, str, str], ...]:
    if older is None:
        return ()
    changes = newer.diff_against(older, foreign_keys_are_objs=True).changes
    return tuple((change.field.replace("_", " "), _words(change.old), _words(change.new)) for change in changes)


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item.get("group", item)) if isinstance(item, dict) else str(item) for item in value) or "none"
    return "empty" if value in (None, "") else str(value)
