"""What keeps the record append-only: triggers, for both databases, put on, taken off and looked for; and query sets.

Triggers stop this application and its bugs, not the database's owner. SQLite needs the guard before INSERT because
`INSERT OR REPLACE` deletes without firing a DELETE trigger (unless recursive_triggers is on).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

from django.db import models

from approvals.errors import Refused

TABLE = "approvals_event"
ROW_BEFORE_CHANGE, STATEMENT_BEFORE_TRUNCATE = 27, 34  # pg_trigger.tgtype: what it fires on
FIRES = ("O", "A")  # pg_trigger.tgenabled: not switched off, and not for replicas only


@dataclass(frozen=True, slots=True)
class Guarded:
    """A table whose rows are added and never changed. Each key is a set of columns no two rows share."""

    table: str
    what: str
    keys: tuple[tuple[str, ...], ...] = (("id",),)
    migration: tuple[str, str] = ("approvals", "0002_append_only_events")  # the one that puts the triggers on

    @property
    def words(self) -> str:
        return f"{self.what} are append-only"

    def sqlite(self) -> dict[str, str]:
        """Each trigger by its name."""
        taken = " OR ".join(" AND ".join(f"{name} = NEW.{name}" for name in key) for key in self.keys)
        stop = f"BEGIN SELECT RAISE(ABORT, '{self.words}'); END"
        there = f"EXISTS (SELECT 1 FROM {self.table} WHERE {taken})"  # noqa: S608 - no value from outside
        return {
            f"{self.table}_{name}": f"CREATE TRIGGER {self.table}_{name} BEFORE {on} ON {self.table} {when}{stop}"
            for name, on, when in (
                ("no_update", "UPDATE", ""), ("no_delete", "DELETE", ""), ("no_replace", "INSERT", f"WHEN {there} "),
            )
        }  # fmt: skip

    @property
    def function(self) -> str:
        """What PostgreSQL's triggers do."""
        return f"BEGIN RAISE EXCEPTION '{self.words}'; END"

    def postgresql(self) -> dict[str, tuple[int, str]]:
        """Each trigger by its name: its type, and how it is made."""
        call = f"EXECUTE FUNCTION {self.table}_append_only()"
        change = f"BEFORE UPDATE OR DELETE ON {self.table} FOR EACH ROW {call}"
        truncate = f"BEFORE TRUNCATE ON {self.table} FOR EACH STATEMENT {call}"
        return {
            f"{self.table}_no_change": (ROW_BEFORE_CHANGE, change),
            f"{self.table}_no_truncate": (STATEMENT_BEFORE_TRUNCATE, truncate),
        }


EVENTS = Guarded(TABLE, "events")


def put_on(connection: Any, guarded: Guarded = EVENTS) -> None:
    """Create the triggers, in place of any that have their names."""
    take_off(connection, guarded)
    if connection.vendor == "sqlite":
        return _run(connection, *guarded.sqlite().values())
    make = f"CREATE FUNCTION {guarded.table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ {guarded.function} $$"
    made = (f"CREATE TRIGGER {name} {rest}" for name, (_, rest) in guarded.postgresql().items())
    return _run(connection, make, *made)


def take_off(connection: Any, guarded: Guarded = EVENTS) -> None:
    """Drop the triggers, for going back to before them."""
    if connection.vendor == "sqlite":
        return _run(connection, *(f"DROP TRIGGER IF EXISTS {name}" for name in guarded.sqlite()))
    drops = (f"DROP TRIGGER IF EXISTS {name} ON {guarded.table}" for name in guarded.postgresql())
    return _run(connection, *drops, f"DROP FUNCTION IF EXISTS {guarded.table}_append_only()")


def missing(cursor: Any, vendor: str, *tables: Guarded) -> list[str]:
    """Names of the triggers that are gone, switched off, or do something else; of events unless others are named.

    Asked over any cursor of this database.
    """
    there = _in_postgresql if vendor == "postgresql" else _in_sqlite
    return [name for one in tables or (EVENTS,) for name in there(cursor, one)]


def _in_sqlite(cursor: Any, guarded: Guarded) -> list[str]:
    where = f"type = 'trigger' AND tbl_name = '{guarded.table}'"
    cursor.execute(f"SELECT name, sql FROM sqlite_master WHERE {where}")  # noqa: S608 - ours
    found = {name: " ".join(sql.split()) for name, sql in cursor.fetchall()}
    return [name for name, sql in guarded.sqlite().items() if found.get(name) != " ".join(sql.split())]


def _in_postgresql(cursor: Any, guarded: Guarded) -> list[str]:
    where = f"t.tgrelid = '{guarded.table}'::regclass AND t.tgqual IS NULL AND t.tgattr = ''"
    joined = "pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
    cursor.execute(f"SELECT t.tgname, t.tgtype, t.tgenabled, p.prosrc FROM {joined} WHERE {where}")  # noqa: S608 - ours
    found = {row[0]: row[1:] for row in cursor.fetchall()}
    return [
        name
        for name, (kind, _) in guarded.postgresql().items()
        if not (row := found.get(name)) or row[0] != kind or row[1] not in FIRES or row[2].strip() != guarded.function
    ]


def _run(connection: Any, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Rows that are added and never changed: bulk changes are refused here and by triggers in the database."""

    def update(self, **values: Any) -> NoReturn:
        raise append_only(self.model, "changed")

    def delete(self) -> NoReturn:
        raise append_only(self.model, "deleted")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise append_only(self.model, "changed")


def append_only(model: Any, what: str) -> Refused:
    """Why a row of the record cannot be changed or deleted."""
    return Refused("append_only", f"{str(model._meta.verbose_name_plural).capitalize()} cannot be {what}.")
