"""How long answers usually take, from the record of decisions: said only when it holds enough of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from math import ceil
from statistics import median

from approvals.models import Decision

SINCE = timedelta(days=90)
FEWEST = 3  # fewer say nothing about what is usual
MOST = 200  # the newest are enough, however many there are


def usual_answer(groups: Collection[str], now: datetime) -> timedelta | None:
    """The median from submission to decision in the last 90 days, of the slowest of these groups.

    None when one of them has decided fewer than three times. One statement.
    """
    rows = (
        Decision.objects.filter(role__in=groups, at__gt=now - SINCE, at__lte=now)
        .order_by("-at")
        .values_list("role", "version__submitted_at", "at")[:MOST]
    )
    taken: dict[str, list[float]] = {group: [] for group in groups}
    for role, submitted_at, at in rows:
        if submitted_at is not None:
            taken[role].append((at - submitted_at).total_seconds())
    if not taken or any(len(seconds) < FEWEST for seconds in taken.values()):
        return None
    return timedelta(seconds=max(median(seconds) for seconds in taken.values()))


def in_words(usual: timedelta) -> str:
    """“within an hour”, “within 5 hours”, “within 3 days”: never less than it was."""
    hours = max(1, ceil(usual.total_seconds() / 3600))
    if hours == 1:
        return "within an hour"
    return f"within {hours} hours" if hours <= 48 else f"within {ceil(hours / 24)} days"
