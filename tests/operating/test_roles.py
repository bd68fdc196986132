"""The rights of the portal's role: what only grows is only added to."""

from __future__ import annotations

from approvals.models import Event, Version
from audits.models import Checkpoint, Leaf, Subtree
from portal.database_roles import only_added_to


def test_events_their_seal_and_histories_are_only_added_to() -> None:
    growing = set(only_added_to())
    assert {model._meta.db_table for model in (Event, Leaf, Subtree, Checkpoint)} <= growing
    assert "approvals_historicalversion" in growing and Version._meta.db_table not in growing
