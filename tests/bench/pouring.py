"""Rows into a table as fast as the database takes them: COPY on PostgreSQL, executemany on SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, models

PLAIN = (int, str, bytes, type(None))  # what every driver takes as it is; asking each field costs more than writing it


def pour(model: type[models.Model], rows: Iterable[Mapping[str, Any]], **alike: Any) -> int:
    """Write these rows, `alike` in every one of them; returns how many. Each names the same columns by attribute."""
    blank, rows = model(), iter(rows)
    first = next(rows, None)
    if first is None:
        return 0
    fields = [field for field in model._meta.concrete_fields if not (field.primary_key and field.attname not in first)]
    fixed = {field.attname: alike.get(field.attname, getattr(blank, field.attname)) for field in fields}
    prepare = [(field.attname, field.get_db_prep_save) for field in fields]
    ready = {name: save(fixed[name], connection) for name, save in prepare}
    saved = dict(prepare)

    def lines() -> Iterable[list[Any]]:
        for row in _after(first, rows):
            known = ready | {
                name: value if type(value) in PLAIN else saved[name](value, connection) for name, value in row.items()
            }
            yield list(known.values())

    return _write(model._meta.db_table, [str(field.column) for field in fields], lines())


def _after(first: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    yield first
    yield from rows


def _write(table: str, columns: list[str], lines: Iterable[list[Any]]) -> int:
    names = ", ".join(f'"{column}"' for column in columns)
    count = 0
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                for line in lines:
                    copy.write_row([_plain(value) for value in line])
                    count += 1
            return count
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(lines))
        return int(cursor.rowcount)


def _plain(value: Any) -> Any:
    """psycopg wraps JSON and bytes for statements; COPY takes them plain."""
    inner = getattr(value, "obj", value)
    return bytes(inner) if isinstance(inner, memoryview) else value


def catch_up() -> None:
    """After rows with keys of our own: sequences go on behind them, and the planner knows the tables."""
    from django.apps import apps
    from django.core.management.color import no_style

    with connection.cursor() as cursor:
        tables = list(apps.get_app_config("approvals").get_models(include_auto_created=True))
        for sql in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(sql)
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
