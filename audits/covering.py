"""Under which signed checkpoint events of the record are, said as far as it is known and no further."""

from __future__ import annotations

import base64
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Subquery, Value

from audits.models import Checkpoint, Leaf


@dataclass(frozen=True, slots=True)
class Covered:
    """The first checkpoint over those of the events that have a leaf. Whether it holds, its reader has to check."""

    events: int
    of: int
    size: int
    root: str
    at: datetime


def covered(events: Collection[int]) -> Covered | None:
    """One statement; None while none of these events is under a checkpoint."""
    leaves = Leaf.objects.filter(event__in=events)
    last = leaves.order_by("-index").values("index")[:1]
    count = leaves.annotate(all=Value(1)).order_by().values("all").annotate(count=Count("pk")).values("count")
    rows = Checkpoint.objects.filter(size__gt=Subquery(last)).annotate(events=Subquery(count)).order_by("size")
    found = rows.first() if events else None
    if found is None:
        return None
    return Covered(found.events, len(events), found.size, base64.b64encode(bytes(found.root)).decode(), found.at)
