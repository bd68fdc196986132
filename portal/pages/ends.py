"""What ends in the next 90 days, week by week: counted for the bars, and for the table that says the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SPAN = timedelta(days=90)
WEEK = timedelta(days=7)
NEAR = timedelta(days=30)  # from here on an end without a renewal is worth a warning: the first reminder goes out
FEWEST = 10  # fewer ends need no drawing
COUNTED = 99  # of one week; nobody counts further, and neither does the database
LEFT, STEP, WIDTH, FLOOR, TALLEST = 28, 58, 34, 96, 76  # of the drawing


@dataclass(frozen=True, slots=True)
class Bar:
    """One week, drawn: `bare` of the `count` ends are near and have no renewal."""

    first: datetime
    count: int
    bare: int
    x: int
    height: int
    bare_height: int

    @property
    def said(self) -> str:
        return f"more than {COUNTED}" if self.count > COUNTED else str(self.count)

    @property
    def middle(self) -> int:
        return self.x + WIDTH // 2

    @property
    def top(self) -> int:
        return FLOOR - self.height

    @property
    def bare_top(self) -> int:
        return FLOOR - self.bare_height

    @property
    def label(self) -> str:
        return f"{self.first.day} {self.first:%b}"


@dataclass(frozen=True, slots=True)
class Strip:
    """The bars of all weeks, and what they say together."""

    bars: list[Bar]
    count: int
    bare: int

    @property
    def is_capped(self) -> bool:
        """Whether a week has more ends than are counted."""
        return any(bar.count > COUNTED for bar in self.bars)

    @property
    def highest(self) -> Bar:
        return max(self.bars, key=lambda bar: bar.count)


def weeks(now: datetime) -> list[tuple[datetime, datetime]]:
    """After when and until when: seven days each by the calendar in UTC, the first from now on, 90 days in all."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    turns = [midnight + WEEK * number for number in range(1, SPAN // WEEK + 1)]
    return list(zip([now, *turns], [*turns, now + SPAN], strict=True))


def within(row: Any, after: datetime, until: datetime | None) -> bool:
    """Whether it ends then; without `until`, at any time after."""
    return bool(after < row.ends_at and (until is None or row.ends_at <= until))


def strip(rows: Iterable[Any], now: datetime) -> Strip | None:
    """The bars of these versions, by `ends_at`; `renewal` says that a next one is open. None below ten ends."""
    ending = [row for row in rows if now < row.ends_at <= now + SPAN]
    if len(ending) < FEWEST:
        return None
    counted = [_counted(ending, after, until, now) for after, until in weeks(now)]
    most = max(count for count, _ in counted)
    bars = [
        Bar(after, count, bare, LEFT + STEP * place, _height(count, most), _height(bare, most))
        for place, ((after, _), (count, bare)) in enumerate(zip(weeks(now), counted, strict=True))
    ]
    return Strip(bars, sum(bar.count for bar in bars), sum(bar.bare for bar in bars))


def _counted(rows: list[Any], after: datetime, until: datetime, now: datetime) -> tuple[int, int]:
    inside = [row for row in rows if within(row, after, until)]
    return len(inside), sum(row.ends_at <= now + NEAR and not row.renewal for row in inside)


def _height(count: int, most: int) -> int:
    """In the drawing's units; what is there at all can be seen."""
    return max(4, round(TALLEST * count / most)) if count else 0
