"""The database as the migrations left it, put back after each test that commits.

Django would empty every table instead: that loses the rows that migrations made (groups, rules), and the triggers that
keep events append-only refuse it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Protocol

from django.db import connection, connections


class Pristine(Protocol):
    """A copy of the database that can be put back."""

    def restore(self) -> None:
        """Put the copy in the database's place."""

    def discard(self) -> None:
        """Forget the copy."""


def keep() -> Pristine:
    """Copy the test database as it is now."""
    return PristineSQLite() if connection.vendor == "sqlite" else PristinePostgreSQL()


class PristineSQLite:
    """The copy is in memory; SQLite's own backup writes it back as one transaction."""

    def __init__(self) -> None:
        self._copy = sqlite3.connect(":memory:", check_same_thread=False)
        connection.ensure_connection()
        connection.connection.backup(self._copy)

    def restore(self) -> None:
        connections.close_all()
        with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=10)) as live:
            self._copy.backup(live)

    def discard(self) -> None:
        self._copy.close()


class PristinePostgreSQL:
    """The copy is a template database."""

    def __init__(self) -> None:
        self._live = connection.ops.quote_name(connection.settings_dict["NAME"])
        self._copy = connection.ops.quote_name(f"{connection.settings_dict['NAME']}_pristine")
        self._run(f"DROP DATABASE IF EXISTS {self._copy}", f"CREATE DATABASE {self._copy} TEMPLATE {self._live}")

    def restore(self) -> None:
        self._run(f"DROP DATABASE {self._live} WITH (FORCE)", f"CREATE DATABASE {self._live} TEMPLATE {self._copy}")

    def discard(self) -> None:
        self._run(f"DROP DATABASE {self._copy}")

    def _run(self, *statements: str) -> None:
        connections.close_all()
        with connection._nodb_cursor() as cursor:  # Django's own way to reach the server and no database
            for statement in statements:
                cursor.execute(statement)
