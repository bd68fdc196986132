"""An empty place beside the tests' database, of its kind, and what a portal in processes of its own does there."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.db import connection

from tests.environment import OURS
from tests.house.reading import HERE

SECRET = "only-for-this-place-" * 3
Rows = list[dict[str, Any]]


@dataclass
class Place:
    """A data folder and a database of its own."""

    folder: Path
    url: str

    def manage(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command there; DATABASE_URL is always named, so that it can never be the tests' own."""
        kept = {name: value for name, value in os.environ.items() if name not in OURS | {"DEMO"}}
        here = {"DATA_DIR": str(self.folder), "DATABASE_URL": self.url, "SECRET_KEY": SECRET}
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=HERE, env=kept | here | environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def rows(self, table: str) -> Rows:
        """Every row of the table, in the order of its first column."""
        with closing(self.connect()) as there:
            found = there.cursor().execute(f"SELECT * FROM {table} ORDER BY 1")
            names = [column[0] for column in found.description]
            return [dict(zip(names, map(plain, row), strict=True)) for row in found.fetchall()]

    def tables(self) -> set[str]:
        """The names of the tables there."""
        question = (
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            if self.url.startswith("sqlite")
            else "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )
        with closing(self.connect()) as there:
            return {name for (name,) in there.cursor().execute(question).fetchall()}

    def connect(self) -> Any:
        if self.url.startswith("sqlite"):
            return sqlite3.connect(urlsplit(self.url).path)
        return psycopg.connect(self.url, autocommit=True)


@contextmanager
def empty_place(folder: Path, template: str = "template1") -> Iterator[Place]:
    """A place of the same kind as the tests' database; what is in it goes with it.

    PostgreSQL makes it as a copy of `template`: without tables, or as the migrations left it.
    """
    folder.mkdir()
    if connection.vendor == "sqlite":
        yield Place(folder, f"sqlite:///{folder / 'portal.sqlite3'}")
        return
    server = connection.settings_dict
    address, name = f"postgres://{server['USER']}@{server['HOST'].replace('/', '%2F')}", f"restored_{os.getpid()}"
    with closing(psycopg.connect(f"{address}/postgres", autocommit=True)) as control:
        control.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield Place(folder, f"{address}/{name}")
        finally:
            control.execute(f"DROP DATABASE {name} WITH (FORCE)")


def here() -> Place:
    """The tests' own database, to be read over plain connections."""
    server = connection.settings_dict
    if connection.vendor == "sqlite":
        return Place(Path(), f"sqlite:///{server['NAME']}")
    return Place(Path(), f"postgres://{server['USER']}@{server['HOST'].replace('/', '%2F')}/{server['NAME']}")


def plain(value: Any) -> Any:
    """Bytes are bytes on both databases."""
    return bytes(value) if isinstance(value, memoryview) else value
