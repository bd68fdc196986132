"""Rows of several tables in one statement: a page that shows a packet whole must not ask once per table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import DateTimeField, F, JSONField, Model, QuerySet, Value
from django.db.models.functions import JSONObject


@dataclass(frozen=True, slots=True)
class Part:
    """One table of the statement: its rows, the columns wanted (all when empty), and what is read beside them."""

    rows: QuerySet[Any]
    columns: tuple[str, ...] = ()
    beside: tuple[tuple[str, Any], ...] = ()  # name of the attribute, and the expression it is read from

    def names(self) -> list[str]:
        """The attributes of the columns, in the order of the model."""
        fields = [field.attname for field in self.rows.model._meta.concrete_fields]
        return [name for name in fields if not self.columns or name in self.columns]


def together(*parts: Part) -> list[list[Any]]:
    """The rows of each part as instances of its model, oldest first; one statement for all of them."""
    first, *others = (_selected(number, part) for number, part in enumerate(parts))
    found: list[list[Any]] = [[] for _ in parts]
    makers = [_maker(part) for part in parts]
    for number, row in first.union(*others, all=True):
        found[number].append(makers[number](json.loads(row) if isinstance(row, str) else row))
    return [sorted(rows, key=lambda one: one.pk) for rows in found]


def _selected(number: int, part: Part) -> Any:
    beside = {f"and_{name}": expression for name, expression in part.beside}
    row = JSONObject(**{name: F(name) for name in part.names()}, **{key: F(key) for key in beside})
    rows = part.rows.order_by().annotate(**beside)
    return rows.annotate(of_part=Value(number), as_row=row).values_list("of_part", "as_row")


def _maker(part: Part) -> Callable[[dict[str, Any]], Any]:
    """What makes an instance of the part's model from a row of it. Its columns are looked up once for all rows."""
    model, database, names = part.rows.model, part.rows.db, part.names()
    fields = {field.attname: field for field in model._meta.concrete_fields}
    reads = [(name, _reader(fields[name])) for name in names]
    beside = [(name, f"and_{name}") for name, _ in part.beside]

    def made(values: dict[str, Any]) -> Any:
        one = model.from_db(database, names, [read(values[name]) for name, read in reads])
        for name, key in beside:
            setattr(one, name, values[key])
        return one

    return made


def _reader(field: Any) -> Callable[[Any], Any]:
    """What makes of a value as JSON brought it the one the column would have."""
    if isinstance(field, JSONField):
        return lambda value: json.loads(value) if isinstance(value, str) else value
    return _instant if isinstance(field, DateTimeField) else field.to_python


def _instant(value: Any) -> datetime | None:
    """SQLite says instants without their zone."""
    plain = datetime.fromisoformat(value) if value else None
    return plain.replace(tzinfo=UTC) if plain is not None and plain.tzinfo is None else plain


def put(one: Model, name: str, rows: Iterable[Any]) -> None:
    """Keep these rows as what `one.name.all()` answers, as `prefetch_related` would have."""
    manager = getattr(one, name)
    kept = manager.get_queryset()
    kept._result_cache, kept._prefetch_done = list(rows), True
    vars(one).setdefault("_prefetched_objects_cache", {})[name] = kept
