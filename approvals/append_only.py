"""The triggers that keep the record append-only, for both databases; the migration and the tests put them in place.

They stop this application and its bugs, not the database's owner. SQLite needs the guard before INSERT because
`INSERT OR REPLACE` deletes without firing a DELETE trigger (unless recursive_triggers is on).
"""

from __future__ import annotations

from typing import Any

TABLE = "approvals_event"

SQLITE = (
    f"""CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE}
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    f"""CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE}
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    f"""CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE}
        WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",  # noqa: S608 - no value from outside
)
SQLITE_OFF = tuple(f"DROP TRIGGER IF EXISTS {TABLE}_{name}" for name in ("no_update", "no_delete", "no_replace"))

POSTGRESQL = (
    f"""CREATE FUNCTION {TABLE}_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$""",
    f"""CREATE TRIGGER {TABLE}_no_change BEFORE UPDATE OR DELETE ON {TABLE}
        FOR EACH ROW EXECUTE FUNCTION {TABLE}_append_only()""",
    f"""CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE}
        FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_append_only()""",
)
POSTGRESQL_OFF = (
    f"DROP TRIGGER IF EXISTS {TABLE}_no_change ON {TABLE}",
    f"DROP TRIGGER IF EXISTS {TABLE}_no_truncate ON {TABLE}",
    f"DROP FUNCTION IF EXISTS {TABLE}_append_only()",
)


def put_on(schema_editor: Any) -> None:
    """Create the triggers."""
    _run(schema_editor, SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL)


def take_off(schema_editor: Any) -> None:
    """Drop the triggers, for going back to before them."""
    _run(schema_editor, SQLITE_OFF if schema_editor.connection.vendor == "sqlite" else POSTGRESQL_OFF)


def missing(cursor: Any, vendor: str) -> list[str]:
    """The triggers that should be there and are not, or are switched off; asked over any cursor of this database."""
    expected: tuple[str, ...] = SQLITE
    question = f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{TABLE}'"  # noqa: S608 - ours
    if vendor == "postgresql":
        expected = POSTGRESQL[1:]
        question = f"SELECT tgname FROM pg_trigger WHERE tgrelid = '{TABLE}'::regclass AND tgenabled IN ('O', 'A')"  # noqa: S608 - ours
    cursor.execute(question)
    found = {name for (name,) in cursor.fetchall()}
    return [name for name in (statement.split()[2] for statement in expected) if name not in found]


def _run(schema_editor: Any, statements: tuple[str, ...]) -> None:
    with schema_editor.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
