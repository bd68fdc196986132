"""Whether this process may be given visitors: it reaches its database, and the tables are those its code knows."""

from __future__ import annotations

import logging

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

logger = logging.getLogger(__name__)
_tables_fit = False  # once they do, they do for as long as this process runs


def why_not_ready() -> str:
    """A sentence with what to do, or nothing when it is ready.

    A worker, a scheduler, Redis or a mail server that is down makes no web process unready: pages and signatures go on.
    """
    global _tables_fit
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _tables_fit:
            missing = _missing_migrations()
            if missing:
                return f"{missing} migrations are not applied. Run manage.py migrate."
            _tables_fit = True
    except DatabaseError:
        logger.exception("the database does not answer")
        return "The database does not answer."
    return ""


def _missing_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
