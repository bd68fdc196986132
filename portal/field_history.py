"""Field history on stock screens, as the record shows it, with the groups people were in. It only reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from audits.pages.history import Change, Entry, entries

ROWS = 50


def field_history(request: HttpRequest, row: Any, context: Mapping[str, Any]) -> HttpResponse:
    """The page. POST is refused: history is read, never written back."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    page = Paginator(_rows(row), ROWS).get_page(request.GET.get("page"))
    rows = list(_rows(row)[max(page.start_index() - 1, 0) : page.end_index() + 1])  # one more, to compare the last with
    found = list(_with_memberships(rows, entries(rows)))[: len(page.object_list)]
    page_context = {"row": row, "entries": found, "page": page, "title": f"History of {row}"}
    return render(request, "admin/field_history.html", {**context, **page_context})


def _rows(row: Any) -> QuerySet[Any]:
    """Newest first, with everything a diff reads: a fixed number of statements, whatever the number of rows."""
    related = [field.name for field in row.history.model.tracked_fields if field.is_relation]
    rows: QuerySet[Any] = row.history.select_related("history_user", *related).order_by("-history_id")
    return rows


def _with_memberships(rows: list[Any], found: list[Entry]) -> Iterator[Entry]:
    """Each entry with what its many-to-many fields changed too; those of the first row are how it began."""
    names = _names(rows)
    for entry, (newer, older) in zip(found, pairwise([*rows, None]), strict=True):
        yield replace(entry, changes=(*entry.changes, *_memberships(newer, older, names)))


def _memberships(newer: Any, older: Any | None, names: Mapping[tuple[int, str], str]) -> Iterator[Change]:
    for field in newer._history_m2m_fields:
        new = names.get((newer.history_id, field.name), "")
        old = names.get((older.history_id, field.name), "") if older else ""
        if new != old:
            yield Change(field.name.capitalize(), old, new)


def _names(rows: list[Any]) -> dict[tuple[int, str], str]:
    """What many-to-many fields held: (row of history, field) → names on the other side. One statement a field."""
    found: dict[tuple[int, str], list[str]] = {}
    for field in rows[0]._history_m2m_fields if rows else ():
        through, other = getattr(rows[0], field.name).model, field.m2m_reverse_field_name()
        links = through._base_manager.filter(history__in=[row.history_id for row in rows]).select_related(other)
        for link in links:
            found.setdefault((link.history_id, field.name), []).append(str(getattr(link, other)))
    return {key: ", ".join(sorted(names)) for key, names in found.items()}
