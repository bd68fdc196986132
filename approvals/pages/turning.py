"""The pages of a list that one query answers: each begins where the address says, and nothing is skipped or counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from approvals.walks import Order, Place, along


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of rows, and whether there are pages before and after it."""

    rows: list[Any]
    newer: bool
    older: bool


def leaf(found: QuerySet[Any], order: Order, size: int, *, before: Place | None, after: Place | None) -> Leaf:
    """The page that follows the row at `before`, or that goes ahead of the one at `after`; else the first."""
    if after is not None:
        rows = list(along(found, order, beyond=after, backwards=True)[: size + 1])
        return Leaf(rows[:size][::-1], len(rows) > size, bool(rows))
    rows = list(along(found, order, beyond=before)[: size + 1])
    return Leaf(rows[:size], before is not None and bool(rows), len(rows) > size)
