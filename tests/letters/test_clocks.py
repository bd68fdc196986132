"""Clocks that jump, and zones that change theirs: an end is one instant, told in UTC and in the reader's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from approvals import tasks
from approvals.letters import claiming, sending, thresholds
from approvals.letters.message import told
from approvals.models import Event, Letter, Reminder, Version
from approvals.vocabulary import EventKind, LetterState
from tests.cast import Cast, Clock, Walk
from tests.pages.asking import signed_in

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
END = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("jump", [HOUR, -HOUR, DAY])
def test_rm_11_a_clock_that_jumps_loses_no_reminder_and_doubles_none(
    cast: Cast, clock: Clock, in_force: Walk, jump: timedelta
) -> None:
    in_force(ends=END)
    clock.to(END - 7 * DAY)
    tasks.flag_expiring()
    clock.to(clock.moment + jump)
    for _ in range(3):
        tasks.flag_expiring()
        tasks.send_letters()
        clock.forward(minutes=1)
    clock.to(END - 7 * DAY + 2 * HOUR)  # the clock is right again
    tasks.flag_expiring()
    tasks.send_letters()
    assert list(Reminder.objects.values_list("days", flat=True)) == [7]
    assert Letter.objects.get(reminders__isnull=False).state == LetterState.SENT
    assert not Event.objects.filter(kind=EventKind.ENDED).exists()


def test_rm_11_a_lease_taken_before_the_clock_went_back_runs_out_all_the_same(
    cast: Cast, clock: Clock, in_force: Walk
) -> None:
    in_force(ends=END)
    clock.to(END - 7 * DAY)
    tasks.flag_expiring()
    letter = Letter.objects.get(reminders__isnull=False)
    assert claiming.claim(letter.pk, clock.moment)  # and the process dies
    clock.to(clock.moment - HOUR)
    sending.send_due()
    letter.refresh_from_db()
    assert letter.state == LetterState.SENDING
    clock.to(clock.moment + HOUR + claiming.LEASE)
    sending.send_due()
    letter.refresh_from_db()
    assert letter.state == LetterState.SENT


@pytest.mark.parametrize(
    ("zone", "end", "local"),
    [
        # 02:30 that exists twice, and the two instants that both are called so
        ("Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "02:30"),
        ("Europe/Berlin", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "02:30"),
        # the hour that does not exist: one minute before it is 01:59, then 03:00
        ("Europe/Berlin", datetime(2027, 3, 28, 0, 59, tzinfo=UTC), "01:59"),
        ("Europe/Berlin", datetime(2027, 3, 28, 1, 0, tzinfo=UTC), "03:00"),
        ("America/New_York", datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "01:30"),
        ("America/New_York", datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "01:30"),
        ("America/New_York", datetime(2027, 3, 14, 7, 0, tzinfo=UTC), "03:00"),
        # half an hour is the whole step there
        ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC), "02:30"),
        ("Australia/Lord_Howe", datetime(2027, 4, 3, 14, 45, tzinfo=UTC), "01:45"),
        ("Australia/Lord_Howe", datetime(2027, 4, 3, 15, 15, tzinfo=UTC), "01:45"),
        # never changes
        ("Asia/Kolkata", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "06:00"),
    ],
)
def test_rm_12_an_end_is_one_instant_told_in_utc_and_as_the_clock_there_has_it(
    cast: Cast, zone: str, end: datetime, local: str
) -> None:
    cast.engineer.time_zone = zone
    said = told(end, cast.engineer)
    assert f"{end:%H:%M} UTC" in said and f"{local} in {zone}" in said


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])
def test_rm_12_every_hour_of_a_year_has_a_threshold_on_a_working_day_at_the_same_time_of_day(zone: str) -> None:
    there = ZoneInfo(zone)
    for hour in range(365 * 24):
        threshold = datetime(2026, 9, 1, tzinfo=UTC) + hour * HOUR
        due, was = thresholds.on_a_working_day(threshold, there), threshold.astimezone(there)
        shown = due.astimezone(there)
        assert shown.weekday() < 5 and timedelta() <= threshold - due <= 2 * DAY + HOUR
        if was.weekday() < 5:
            assert due == threshold
        else:
            moved = abs(shown.replace(tzinfo=None) - was.replace(tzinfo=None)) % DAY
            assert min(moved, DAY - moved) <= HOUR  # a time of day that does not exist that Friday is an hour off


def test_rm_16_an_end_takes_effect_at_its_instant_without_any_worker(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force()
    assert version.ends_at
    clock.just_before(version.ends_at)
    assert Version.objects.in_force_at(clock.moment).contains(version)
    clock.to(version.ends_at)
    assert not Version.objects.in_force_at(clock.moment).contains(version)
    page = signed_in(cast.engineer).get(version.get_absolute_url()).content.decode()
    assert "Ended" in page and not Event.objects.filter(kind=EventKind.ENDED).exists()
