"""Two figures at a glance, each counted from the record, and missing where there is too little to count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

SPAN = timedelta(days=30)
ENOUGH = 5  # reviews; a median of fewer says nothing
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """`to_decide` is empty without enough reviews; `is_capped` says that there are more packets than were counted."""

    to_decide: str
    reviews: int
    packets: int
    agents: int
    is_capped: bool


def figures(
    waits: Iterable[tuple[datetime, datetime]], ends: Iterable[Any], now: datetime, *, is_capped: bool
) -> Figures:
    """From when reviews were submitted and decided, and from what is granted, with `holds` for what is in force."""
    waited = [decided - submitted for submitted, decided in waits if decided > now - SPAN]
    held = [row for row in ends if row.holds]
    packets, agents = ({getattr(row, name) for row in held} for name in ("packet_id", "agent"))
    words = told(timedelta(seconds=median(one.total_seconds() for one in waited))) if len(waited) >= ENOUGH else ""
    return Figures(words, len(waited), len(packets), len(agents), is_capped)


def told(span: timedelta) -> str:
    """5 h 20 min, 12 min, 3 days 4 h: the two largest units."""
    minutes = round(span / MINUTE)
    days, hours, left = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [(days, "day" if days == 1 else "days"), (hours, "h"), (left, "min")]
    first = next((place for place, (count, _) in enumerate(parts) if count), 2)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count) or "less than a minute"
