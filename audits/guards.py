"""The tables of the record that only grow: its events, and the tree over them."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from approvals.append_only import EVENTS, Guarded, missing

SEALING = ("audits", "0001_sealing")
LEAVES = Guarded("audits_leaf", "leaves", (("log_index",), ("event_id",)), SEALING)
SUBTREES = Guarded("audits_subtree", "subtrees", (("id",), ("level", "log_index")), SEALING)
CHECKPOINTS = Guarded("audits_checkpoint", "checkpoints", (("size",),), SEALING)
GUARDED = (EVENTS, LEAVES, SUBTREES, CHECKPOINTS)


def gone(*tables: Guarded) -> list[str]:
    """The triggers of these tables, or of all, that do not do their work. Tables that are not made yet miss none."""
    applied = MigrationRecorder(connection).applied_migrations()
    made = [one for one in tables or GUARDED if one.migration in applied]
    with connection.cursor() as cursor:
        return missing(cursor, connection.vendor, *made) if made else []
