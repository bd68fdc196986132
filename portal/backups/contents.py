"""What is in a database, asked the same way of the running one and of a copy."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection

from approvals.models import Agent, Event, Packet, Version
from portal.backups.manifest import Holdings, NotDone

# Whoever holds the key of a session is that person, so no backup holds one: after a restore everybody signs in again.
SESSIONS = ("django_session", "usersessions_usersession")
MIGRATIONS = "django_migrations"


def holdings(cursor: Any) -> Holdings:
    """Counted over any cursor of Python's database API."""
    packets, versions, events = (_one(cursor, f"SELECT count(*) FROM {table}") for table in _tables())  # noqa: S608 - ours
    return Holdings(packets, versions, events, _one(cursor, f"SELECT coalesce(max(id), 0) FROM {_tables()[2]}"))  # noqa: S608 - ours


def applied(cursor: Any) -> tuple[str, ...]:
    """The migrations that have run, each as “app.name”."""
    cursor.execute(f"SELECT app, name FROM {MIGRATIONS} ORDER BY app, name")  # noqa: S608 - ours
    return tuple(f"{app}.{name}" for app, name in cursor.fetchall())


def refuse_used_place() -> None:
    """Raise NotDone unless the database is empty: without tables, or with tables in which nothing ever happened."""
    tables = set(connection.introspection.table_names())
    if tables and MIGRATIONS not in tables:
        raise NotDone("The database holds tables of something else. Restore into an empty one.")
    for model in (get_user_model(), Agent, Packet, Event):
        if model._meta.db_table in tables and model._default_manager.exists():
            raise NotDone(
                f"The database is in use: it holds {model._meta.verbose_name_plural}. A backup is restored into an "
                "empty place only. Name another DATA_DIR or DATABASE_URL, or put the old database aside first."
            )


def wrong_digests() -> tuple[int, list[str]]:
    """How many submitted versions were looked at, and those whose content is not what was signed."""
    looked, wrong = 0, []
    found = Version.objects.exclude(content=None).select_related("packet")
    for version in found.only("content", "digest", "number", "packet__id").order_by("pk").iterator(chunk_size=500):
        looked += 1
        if hashlib.sha256(bytes(version.content)).hexdigest() != version.digest:
            wrong.append(str(version))
    return looked, wrong


def _tables() -> tuple[str, ...]:
    return tuple(model._meta.db_table for model in (Packet, Version, Event))


def _one(cursor: Any, question: str) -> int:
    cursor.execute(question)
    return int(cursor.fetchone()[0])
