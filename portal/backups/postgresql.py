"""PostgreSQL: every table by COPY, all of one snapshot; back into tables that this portal's own migrations make.

Needs no pg_dump and no pg_restore, so no program has to fit the server's version, a backup of one version of PostgreSQL
goes into any other, and no statement that stands in a file is ever run.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from approvals import append_only
from portal.backups import contents
from portal.backups.archive import CHUNK, Reader, Writer
from portal.backups.manifest import Holdings, Manifest, NotDone

LEFT_OUT = {*contents.SESSIONS, contents.MIGRATIONS}  # the manifest names the migrations


def save(archive: Writer) -> tuple[Holdings, tuple[str, ...]]:
    """Put every table into the archive, as all of them were at one instant; what they held, and the migrations."""
    with closing(connection.copy()) as apart, apart.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        described = contents.holdings(cursor), contents.applied(cursor)
        for table in sorted(set(connection.introspection.table_names(cursor)) - LEFT_OUT):
            columns = _columns(cursor, table)
            copying = f"COPY {_quoted(table, columns)} TO STDOUT"
            with archive.part(f"tables/{table}", table=table, columns=columns) as sink, cursor.copy(copying) as rows:
                for block in rows:
                    sink.write(block)
    return described


def load(archive: Reader) -> None:
    """Make the tables as they were then, and fill them in one transaction: all of it, or nothing."""
    described = archive.manifest
    _make_tables(described)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        _check_columns(cursor, described)
        for table in sorted(set(connection.introspection.table_names(cursor)) - LEFT_OUT):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608 - what migrations put there
        for part in described.parts:
            copying = f"COPY {_quoted(part.table, part.columns)} FROM STDIN"
            with archive.part(part) as file, cursor.copy(copying) as rows:
                while block := file.read(CHUNK):
                    rows.write(block)
            _go_on_counting(cursor, part.table)
        if (held := contents.holdings(cursor)) != described.holdings:
            raise NotDone(f"The tables of this backup hold {held}; its manifest says {described.holdings}.")
        if missing := append_only.missing(cursor, "postgresql"):
            raise NotDone(f"The record is not append-only: the database lacks {', '.join(missing)}.")


def _make_tables(described: Manifest) -> None:
    """By migrations, up to those that had run when the backup was taken."""
    if contents.MIGRATIONS in connection.introspection.table_names():
        with connection.cursor() as cursor:
            if contents.applied(cursor) != described.migrations:
                raise NotDone("The database has tables of another version. Restore into a database without tables.")
    executor = MigrationExecutor(connection)
    nodes = executor.loader.graph.node_map
    had_run = {(app, name) for app, _, name in (one.partition(".") for one in described.migrations)} & nodes.keys()
    last = [key for key in sorted(had_run) if not any(child.key in had_run for child in nodes[key].children)]
    executor.migrate(last)


def _check_columns(cursor: Any, described: Manifest) -> None:
    """Every table and column of the backup is one of ours: nothing in the file can name anything else."""
    tables = set(connection.introspection.table_names(cursor)) - LEFT_OUT
    for part in described.parts:
        if part.table not in tables or set(part.columns) != set(_columns(cursor, part.table)):
            raise NotDone(f"This backup holds a table {part.table} that is not one of this portal.")


def _columns(cursor: Any, table: str) -> tuple[str, ...]:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() "
        "AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [table],
    )
    return tuple(name for (name,) in cursor.fetchall())


def _quoted(table: str, columns: tuple[str, ...]) -> str:
    quote = connection.ops.quote_name
    return f"{quote(table)} ({', '.join(quote(name) for name in columns)})"


def _go_on_counting(cursor: Any, table: str) -> None:
    """The next row gets a number after the last one."""
    for row in connection.introspection.get_sequences(cursor, table):
        column = connection.ops.quote_name(row["column"])
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence(%s, %s), max({column})) "  # noqa: S608 - names of our own tables
            f"FROM {connection.ops.quote_name(table)} HAVING max({column}) IS NOT NULL",
            [table, row["column"]],
        )
