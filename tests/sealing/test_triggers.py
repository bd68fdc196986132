"""The record only grows, statement by statement, through Django and through the driver itself; and who notices."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from approvals.append_only import EVENTS, TABLE
from approvals.models import Event
from approvals.vocabulary import EventKind
from audits import checks, sealing
from audits.guards import CHECKPOINTS, GUARDED, LEAVES, SUBTREES, gone
from audits.models import Checkpoint, Leaf, Subtree
from tests.cast import refused, rows_of
from tests.sealing.recording import record, run

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
TABLES = [one.table for one in GUARDED]
KEY = {EVENTS.table: "id", LEAVES.table: "log_index", SUBTREES.table: "id", CHECKPOINTS.table: "size"}
CHANGES = (  # the table of what was measured, for whichever table
    "UPDATE {table} SET {key} = {key} + 1000",
    "DELETE FROM {table}",
    "INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT ({key}) DO UPDATE SET {key} = excluded.{key} + 9",
    "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    "REPLACE INTO {table} SELECT * FROM {table}",
    "UPDATE OR REPLACE {table} SET {key} = 1",
    "TRUNCATE {table} CASCADE",
)
ROLE = "record_writer"
ERRORS = (sqlite3.Error, psycopg.Error)


@pytest.fixture
def sealed(db: None) -> None:
    """A record that reaches into every table; for a subtree that is stored it would need 256 events."""
    record(4)
    sealing.seal()
    Subtree.objects.create(level=8, index=0, hash=bytes(32))


def everything() -> list[Any]:
    return [rows_of(table) for table in TABLES]


@contextlib.contextmanager
def driver() -> Iterator[Any]:
    """Executes through the database's own driver, with nothing of Django between."""
    connection.ensure_connection()
    yield connection.connection.execute if connection.vendor == "sqlite" else connection.connection.cursor().execute


def test_tl_1_no_statement_changes_or_removes_a_row_of_the_record(sealed: None) -> None:
    before = everything()
    for table in TABLES:
        for statement in (change.format(table=table, key=KEY[table]) for change in CHANGES):
            with pytest.raises(DatabaseError), transaction.atomic():
                run(statement)
            with driver() as execute, pytest.raises(ERRORS), transaction.atomic():
                execute(statement)
            assert everything() == before, statement
    record(1)
    assert Event.objects.count() == 5, "adding goes on"


def test_tl_1_no_second_leaf_takes_the_place_of_an_events_first(sealed: None) -> None:
    """SQLite's REPLACE deletes the row of whichever key is taken, and fires no trigger for it."""
    before = everything()
    for statement in (
        f"INSERT OR REPLACE INTO {LEAVES.table} (log_index, event_id, hash) "
        f"SELECT 5000, event_id, hash FROM {LEAVES.table} WHERE log_index = 3",
        f"INSERT OR REPLACE INTO {SUBTREES.table} (id, level, log_index, hash) "
        f"SELECT 5000, level, log_index, hash FROM {SUBTREES.table}",
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            run(statement)
    assert everything() == before


def test_tl_1_the_role_of_the_application_gets_no_further_than_the_triggers(sealed: None) -> None:
    """On PostgreSQL a role that may read and add; SQLite has no roles, and who opens the file owns it."""
    if connection.vendor != "postgresql":
        assert connection.vendor == "sqlite"
        return
    before = everything()
    run(f"CREATE ROLE {ROLE}")
    run(f"GRANT USAGE ON SCHEMA public TO {ROLE}")
    run(f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO {ROLE}")
    run(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
    run(f"SET ROLE {ROLE}")
    try:
        record(1)
        for table in TABLES:
            for statement in (
                *(change.format(table=table, key=KEY[table]) for change in CHANGES),
                f"DROP TABLE {table} CASCADE",
                f"DROP TRIGGER {table}_no_change ON {table}",
                f"ALTER TABLE {table} DISABLE TRIGGER ALL",
                f"ALTER TABLE {table} RENAME TO elsewhere",
                f"DROP FUNCTION {table}_append_only() CASCADE",
                f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE sql AS ''",
                "SET session_replication_role = replica",
            ):
                with pytest.raises(DatabaseError), transaction.atomic():
                    run(statement)
    finally:
        run("RESET ROLE")
        run(f"DROP OWNED BY {ROLE}")
        run(f"DROP ROLE {ROLE}")
    assert [rows[: len(was)] for rows, was in zip(everything(), before, strict=True)] == before


@pytest.mark.parametrize(
    "change",
    [
        lambda: Event.objects.update(actor_name="Nobody"),
        lambda: Event.objects.all().delete(),
        lambda: Event.objects.bulk_update([Event.objects.all()[0]], ["actor_name"]),
        lambda: Event.objects.all()[0].delete(),
        lambda: Event.objects.all()[0].save(),
        lambda: Leaf.objects.all().delete(),
        lambda: Leaf.objects.update(hash=b""),
        lambda: Leaf.objects.all()[0].save(),
        lambda: Checkpoint.objects.all().delete(),
        lambda: Checkpoint.objects.bulk_update([Checkpoint.objects.all()[0]], ["root"]),
        lambda: Checkpoint.objects.all()[0].delete(),
    ],
)
def test_tl_2_djangos_own_ways_change_nothing(sealed: None, change: Callable[[], object]) -> None:
    before = everything()
    with refused("append_only"):
        change()
    assert everything() == before


def test_tl_2_commands_change_nothing(sealed: None, tmp_path: Any) -> None:
    """A fixture that holds an event with other words, emptying the database, and cleaning history."""
    before, first = everything(), Event.objects.order_by("pk")[0]
    fixture = tmp_path / "forged.json"
    call_command("dumpdata", "approvals.event", "--pks", str(first.pk), output=str(fixture))
    fixture.write_text(fixture.read_text().replace("system: tests", "somebody else"))
    for command in (["loaddata", str(fixture)], ["flush", "--no-input"]):
        with pytest.raises((DatabaseError, CommandError)), transaction.atomic():
            call_command(*command, verbosity=0)
        assert everything() == before, command
    call_command("clean_old_history", "--auto", "--days", "0", verbosity=0)
    call_command("clean_duplicate_history", "--auto", verbosity=0)
    assert everything() == before


@pytest.mark.parametrize("table", GUARDED, ids=TABLES)
def test_a_trigger_that_is_gone_is_found_at_start(table: Any) -> None:
    assert gone() == [] and checks.problems() == []
    for name in table.sqlite() if connection.vendor == "sqlite" else table.postgresql():
        with transaction.atomic():
            run(f"DROP TRIGGER {name}" + ("" if connection.vendor == "sqlite" else f" ON {table.table}"))
            (problem,) = checks.problems()
            assert name in problem.msg and problem.id == "audits.E001"
            with pytest.raises(ImproperlyConfigured, match=name), pytest.MonkeyPatch.context() as patch:
                patch.setattr(connection, "close", lambda: None)
                checks.refuse_to_start()
            transaction.set_rollback(True)


def test_a_trigger_that_does_something_else_is_found_at_start() -> None:
    """Switched off, with a condition, or with an empty function on PostgreSQL; with another body on SQLite."""
    name = f"{TABLE}_no_delete"
    ways = {
        "sqlite": [[f"DROP TRIGGER {name}", f"CREATE TRIGGER {name} BEFORE DELETE ON {TABLE} BEGIN SELECT 1; END"]],
        "postgresql": [
            [f"ALTER TABLE {TABLE} DISABLE TRIGGER {TABLE}_no_change"],
            [f"ALTER TABLE {TABLE} ENABLE REPLICA TRIGGER {TABLE}_no_truncate"],
            [
                f"CREATE OR REPLACE FUNCTION {TABLE}_append_only() RETURNS trigger LANGUAGE plpgsql "
                "AS $$ BEGIN RETURN NEW; END $$"
            ],
            [
                f"DROP TRIGGER {TABLE}_no_change ON {TABLE}",
                f"CREATE TRIGGER {TABLE}_no_change BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW "
                f"WHEN (OLD.id < 0) EXECUTE FUNCTION {TABLE}_append_only()",
            ],
        ],
    }  # fmt: skip
    for statements in ways[connection.vendor]:
        with transaction.atomic():
            for statement in statements:
                run(statement)
            assert gone(), statements
            transaction.set_rollback(True)
    assert gone() == []


def test_triggers_are_put_back_with_a_reason_and_an_event(sealed: None) -> None:
    run(
        f"DROP TRIGGER {TABLE}_no_delete"
        if connection.vendor == "sqlite"
        else f"DROP TRIGGER {TABLE}_no_change ON {TABLE}"
    )
    with pytest.raises(CommandError, match="reason"), transaction.atomic():
        call_command("seal", put_triggers_back=True)
    assert gone()
    call_command("seal", put_triggers_back=True, reason="Dropped for a migration by hand.")
    assert gone() == [] and checks.problems() == []
    told = Event.objects.get(kind=EventKind.TRIGGERS_PUT_BACK)
    assert b"Dropped for a migration by hand." in bytes(told.body) and TABLE.encode() in bytes(told.body)
    assert told.leaf.index == 4, "sealed with it"
