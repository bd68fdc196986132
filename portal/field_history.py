"""Who changed which field of one row, and when: django-simple-history's rows, read-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
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
    page = Paginator(_rows(row), ROWS).get_page(request.GET.get("page"))
    following = list(_rows(row)[page.end_index() : page.end_index() + 1])
    steps = [_step(newer, older) for newer, older in pairwise([*page.object_list, *(following or [None])])]
    page_context = {"row": row, "steps": steps, "page": page, "title": f"History of {row}"}
    return render(request, "admin/field_history.html", {**context, **page_context})


def _rows(row: Any) -> QuerySet[Any]:
    """Newest first, with everything a diff reads: a fixed number of statements, whatever the number of rows."""
    model = row.history.model
    related = [field.name for field in model.tracked_fields if field.is_relation]
    many = [field.name for field in model._history_m2m_fields]
    rows = row.history.select_related("history_user", *related).order_by("-history_id")
    return rows.prefetch_related(*(f"{name}__{name.removesuffix('s')}" for name in many))  # type: ignore[no-any-return]


def _step(newer: Any, older: Any | None) -> Step:
    who = newer.history_user.printed_name if newer.history_user else "system"
    return Step(newer.history_date, who, _changed(newer, older) if older else ())


def _changed(newer: Any, older: Any) -> tuple[tuple[str, str, str], ...]:
    plain = [(field.name, getattr(older, field.name), getattr(newer, field.name)) for field in newer.tracked_fields]
    many = [(f.name, _names(older, f.name), _names(newer, f.name)) for f in newer._history_m2m_fields]
    return tuple((name.replace("_", " "), _words(old), _words(new)) for name, old, new in plain + many if old != new)


def _names(row: Any, field: str) -> str:
    """The names on the other side of a many-to-many field, as that row of history holds them."""
    return ", ".join(sorted(str(getattr(through, field.removesuffix("s"))) for through in getattr(row, field).all()))


def _words(value: Any) -> str:
    return "empty" if value in (None, "") else str(value)
