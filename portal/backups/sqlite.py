"""SQLite: the database file, copied by SQLite's own backup while the portal goes on."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from approvals import append_only
from portal.backups import contents
from portal.backups.archive import CHUNK, Reader, Writer
from portal.backups.manifest import Holdings, NotDone

NAME = "database.sqlite3"


def save(archive: Writer) -> tuple[Holdings, tuple[str, ...]]:
    """Put the database as it is at one instant into the archive; what it held, and its migrations."""
    with _private_folder() as folder:
        with closing(sqlite3.connect(folder / NAME, isolation_level=None)) as copy:
            with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=10)) as live:
                live.backup(copy)
            _forget_sessions(copy)
            described = contents.holdings(copy.cursor()), contents.applied(copy.cursor())
        with (folder / NAME).open("rb") as file, archive.part(NAME) as sink:
            shutil.copyfileobj(file, sink, CHUNK)
    return described


def load(archive: Reader) -> None:
    """Check the copy in the archive, then put it in the place of the empty database, in one transaction."""
    with _private_folder() as folder:
        with archive.part(archive.manifest.parts[0]) as packed, (folder / NAME).open("wb") as file:
            shutil.copyfileobj(packed, file, CHUNK)
        with closing(sqlite3.connect(folder / NAME)) as copy:
            _check(copy, archive.manifest.holdings)
            connection.ensure_connection()
            copy.backup(connection.connection)
    connection.close()


@contextmanager
def _private_folder() -> Iterator[Path]:
    """For the unpacked copy: where the data lies there is room for it, and nobody else looks in."""
    settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=settings.DATA_DIR) as folder:
        yield Path(folder)


def _forget_sessions(copy: sqlite3.Connection) -> None:
    """Their rows, and the pages of the file on which they stood. One file, without a journal beside it."""
    copy.execute("PRAGMA journal_mode=DELETE")
    for table in contents.SESSIONS:
        copy.execute(f"DELETE FROM {table}")  # noqa: S608 - ours
    copy.execute("VACUUM")


def _check(copy: sqlite3.Connection, expected: Holdings) -> None:
    """The file is sound, holds what the manifest says, and its record can only grow."""
    try:
        found = copy.execute("PRAGMA integrity_check").fetchone()[0]
        lost = copy.execute("PRAGMA foreign_key_check").fetchone()
        held = contents.holdings(copy.cursor())
    except sqlite3.DatabaseError as error:
        raise NotDone(f"The database in this backup cannot be read: {error}.") from None
    if found != "ok" or lost:
        raise NotDone(f"The database in this backup is damaged: {found if found != 'ok' else 'rows point nowhere'}.")
    if held != expected:
        raise NotDone(f"The database in this backup holds {held}; its manifest says {expected}.")
    if missing := append_only.missing(copy.cursor(), "sqlite"):
        raise NotDone(f"The record in this backup is not append-only: it lacks {', '.join(missing)}.")
