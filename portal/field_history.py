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
    rows = list(_rows(row)[page.start_index() - 1 : page.end_index() + 1])  # one more, to compare the last with
    names = _names(rows)
    steps = [_step(newer, older, names) for newer, older in pairwise([*rows, None])][: len(page.object_list)]
    page_context = {"row": row, "steps": steps, "page": page, "title": f"History of {row}"}
    return render(request, "admin/field_history.html", {**context, **page_context})


def _rows(row: Any) -> QuerySet[Any]:
    """Newest first, with everything a diff reads: a fixed number of statements, whatever the number of rows."""
    related = [field.name for field in row.history.model.tracked_fields if field.is_relation]
    rows: QuerySet[Any] = row.history.select_related("history_user", *related).order_by("-history_id")
    return rows


def _names(rows: list[Any]) -> dict[tuple[int, str], str]:
    """What many-to-many fields held: (row of history, field) → names on the other side. One statement a field."""
    found: dict[tuple[int, str], list[str]] = {}
    for field in rows[0]._history_m2m_fields if rows else ():
        through, other = getattr(rows[0], field.name).model, field.m2m_reverse_field_name()
        links = through._base_manager.filter(history__in=[row.history_id for row in rows]).select_related(other)
        for link in links:
            found.setdefault((link.history_id, field.name), []).append(str(getattr(link, other)))
    return {key: ", ".join(sorted(names)) for key, names in found.items()}


def _step(newer: Any, older: Any | None, names: Mapping[tuple[int, str], str]) -> Step:
    who = newer.history_user.printed_name if newer.history_user else "system"
    return Step(newer.history_date, who, _changed(newer, older, names) if older else ())


def _changed(newer: Any, older: Any, names: Mapping[tuple[int, str], str]) -> tuple[tuple[str, str, str], ...]:
    plain = [(field.name, getattr(older, field.name), getattr(newer, field.name)) for field in newer.tracked_fields]
    many = [
        (field.name, names.get((older.history_id, field.name)), names.get((newer.history_id, field.name)))
        for field in newer._history_m2m_fields
    ]
    return tuple((name.replace("_", " "), _words(old), _words(new)) for name, old, new in plain + many if old != new)


def _words(value: Any) -> str:
    return "empty" if value in (None, "") else str(value)
