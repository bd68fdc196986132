"""The strip of ends and the figures beside it: counted from rows, drawn to scale, and silent when there is little."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest

from portal.pages.ends import COUNTED, FEWEST, FLOOR, SPAN, TALLEST, strip, weeks
from portal.pages.figures import ENOUGH, figures, told

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def ending(days: float, *, renewal: bool = False) -> SimpleNamespace:
    return SimpleNamespace(ends_at=NOW + timedelta(days=days), renewal=renewal)


def test_weeks_follow_each_other_from_now_to_the_ninetieth_day() -> None:
    spans = weeks(NOW)
    assert spans[0][0] == NOW
    assert spans[-1][1] == NOW + SPAN
    assert len(spans) == 13
    assert all(one[1] == other[0] for one, other in pairwise(spans))


def test_nine_ends_draw_nothing_and_ten_do() -> None:
    rows = [ending(number + 1) for number in range(FEWEST)]
    assert strip(rows[1:], NOW) is None
    drawn = strip(rows, NOW)
    assert drawn is not None
    assert drawn.count == FEWEST


def test_each_end_is_in_one_week_and_what_is_over_or_far_in_none() -> None:
    rows = [ending(days) for days in (0, -1, 90, 90.0001, 89.9, *range(1, 11))]
    drawn = strip(rows, NOW)
    assert drawn is not None
    assert drawn.count == 12  # not now, not yesterday, not after the ninetieth day
    assert sum(bar.count for bar in drawn.bars) == drawn.count


def test_only_near_ends_without_a_renewal_are_bare() -> None:
    rows = [ending(29), ending(29, renewal=True), ending(31), *(ending(60) for _ in range(7))]
    drawn = strip(rows, NOW)
    assert drawn is not None
    assert drawn.bare == 1
    assert sum(bar.bare for bar in drawn.bars) == 1


def test_bars_are_drawn_to_scale_and_stay_inside() -> None:
    drawn = strip([ending(1) for _ in range(20)] + [ending(40) for _ in range(10)], NOW)
    assert drawn is not None
    tall, half = drawn.bars[0], next(bar for bar in drawn.bars if bar.count == 10)
    assert (tall.height, half.height) == (TALLEST, TALLEST // 2)
    assert all(0 < bar.top <= FLOOR for bar in drawn.bars)
    assert all(bar.height == 0 for bar in drawn.bars if not bar.count)
    assert drawn.highest is tall


def test_a_week_with_more_than_are_counted_says_so() -> None:
    drawn = strip([ending(1) for _ in range(COUNTED + 1)], NOW)
    assert drawn is not None
    assert drawn.is_capped
    assert drawn.bars[0].said == f"more than {COUNTED}"


def waits(count: int, minutes: float = 60, ago: float = 1) -> list[tuple[datetime, datetime]]:
    decided = NOW - timedelta(days=ago)
    return [(decided - timedelta(minutes=minutes), decided)] * count


def test_the_median_needs_enough_reviews_of_the_last_thirty_days() -> None:
    assert figures(waits(ENOUGH - 1), [], NOW, is_capped=False).to_decide == ""
    assert figures(waits(ENOUGH - 1) + waits(9, ago=31), [], NOW, is_capped=False).to_decide == ""
    found = figures(waits(ENOUGH) + waits(2, minutes=5000), [], NOW, is_capped=False)
    assert (found.to_decide, found.reviews) == ("1 h", ENOUGH + 2)


def test_packets_in_force_are_counted_once_and_only_while_they_hold() -> None:
    rows = [
        SimpleNamespace(packet_id=p, agent=a, holds=h)
        for p, a, h in ((1, 1, True), (1, 1, True), (2, 1, True), (3, 2, False))
    ]
    found = figures([], rows, NOW, is_capped=False)
    assert (found.packets, found.agents) == (2, 1)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=20), "less than a minute"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(hours=5, minutes=20), "5 h 20 min"),
        (timedelta(days=1, minutes=3), "1 day"),
        (timedelta(days=3, hours=4, minutes=9), "3 days 4 h"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(span: timedelta, words: str) -> None:
    assert told(span) == words
