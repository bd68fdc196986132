"""SQLite's backup is a whole database file, so what is wrong with that file has to be noticed before it is in place."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from portal.backups import archive, sqlite
from portal.backups.manifest import Manifest, NotDone
from portal.backups.taking import take
from tests.backups.places import here

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_record_that_could_be_changed_is_not_restored(tmp_path: Path) -> None:
    backup = take(tmp_path).path

    def take_off(parts: dict[str, bytes]) -> None:
        copy = sqlite3.connect(":memory:")
        copy.deserialize(parts["database.sqlite3"])
        copy.execute("DROP TRIGGER approvals_event_no_update")
        copy.commit()
        parts["database.sqlite3"] = copy.serialize()

    rebuilt(backup, take_off)
    before = here().rows("approvals_event")
    connection.close()
    with archive.opened(backup) as reader, pytest.raises(NotDone, match="lacks approvals_event_no_update"):
        sqlite.load(reader)
    assert here().rows("approvals_event") == before


def rebuilt(path: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    """Parts changed and every sum made right again."""
    with archive.opened(path) as reader:
        old = reader.manifest
        parts = {part.name: reader.part(part).read() for part in old.parts}
    change(parts)
    path.unlink()
    with archive.written(path) as writer:
        for name, body in parts.items():
            with writer.part(name) as sink:
                sink.write(body)
        writer.close(Manifest(old.taken_at, old.database, old.migrations, old.holdings, tuple(writer.parts)))
