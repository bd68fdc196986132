"""Reminders: each threshold to the microsecond, weekends, what was missed, and what does not count any more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from approvals import tasks, transitions
from approvals.cuts import Cuts
from approvals.letters import flagging, gathering, sending
from approvals.letters.ending import left
from approvals.models import Event, Letter, Reminder, Version
from approvals.transitions import Seen
from approvals.vocabulary import EventKind, LetterState
from tests.cast import Cast, Clock, Walk, kinds, latest

pytestmark = pytest.mark.django_db
END = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)  # a Thursday; 30, 14, 7, 3 and 1 days before are working days but one
DAY = timedelta(days=1)


def told() -> list[int]:
    """The days of the reminders that were written, in order."""
    return list(Reminder.objects.order_by("pk").values_list("days", flat=True))


@pytest.mark.parametrize("days", [30, 14, 7, 3, 1])
def test_each_threshold_is_told_at_its_instant_and_not_before(
    cast: Cast, clock: Clock, in_force: Walk, days: int
) -> None:
    version = in_force(ends=END)
    at = END - days * DAY
    at -= max(0, at.weekday() - 4) * DAY
    clock.to(at - DAY)
    tasks.flag_expiring()  # what was due before is told
    clock.just_before(at)
    tasks.flag_expiring()
    assert days not in told()
    clock.to(at)
    assert tasks.flag_expiring() == 1 and tasks.flag_expiring() == 0
    assert told().count(days) == 1 and kinds(version)[-1] == EventKind.ENDS_SOON


def test_the_owner_gets_exactly_one_letter(cast: Cast, clock: Clock, in_force: Walk) -> None:
    in_force(ends=END)
    clock.to(END - 7 * DAY)
    for _ in range(3):
        tasks.flag_expiring()
        tasks.send_letters()
    letter = Letter.objects.get(reminders__isnull=False)
    assert letter.subject == "AP-0001 v1 sentry-dev ends in 7 days, Thu 31 Dec 12:00 UTC".replace(
        "AP-0001", letter.reminders.get().version.packet.reference
    )
    assert (letter.recipient, letter.state) == (cast.engineer, LetterState.SENT)


def test_rm_5_a_missed_week_is_caught_up_by_the_most_urgent_one(cast: Cast, clock: Clock, in_force: Walk) -> None:
    in_force(ends=END)
    clock.to(END - 2 * DAY)
    tasks.flag_expiring()
    assert told() == [3]
    flagged = Event.objects.get(kind=EventKind.ENDS_SOON)
    assert json.loads(bytes(flagged.body))["detail"] == {"days": 3, "to": ["engineer"], "instead_of": [30, 14, 7]}
    assert "ends in 2 days" in Letter.objects.get(reminders__isnull=False).subject


def test_thresholds_before_it_was_in_force_never_existed(cast: Cast, clock: Clock, in_force: Walk) -> None:
    clock.to(END - 10 * DAY)
    in_force(ends=END)
    tasks.flag_expiring()
    assert told() == []
    clock.to(END - 7 * DAY)
    tasks.flag_expiring()
    assert told() == [7]


def test_a_scheduled_version_is_not_reminded_of(cast: Cast, clock: Clock, in_force: Walk) -> None:
    in_force(starts=END - 20 * DAY, ends=END)
    clock.to(END - 25 * DAY)
    tasks.flag_expiring()
    assert told() == []


@pytest.mark.parametrize(
    ("zone", "end", "due"),
    [
        # 7 days before is a Saturday: Friday, the same time of day
        ("UTC", datetime(2026, 12, 26, 12, 0, tzinfo=UTC), datetime(2026, 12, 18, 12, 0, tzinfo=UTC)),
        # a Sunday
        ("UTC", datetime(2026, 12, 27, 12, 0, tzinfo=UTC), datetime(2026, 12, 18, 12, 0, tzinfo=UTC)),
        # Friday in UTC, and Saturday already in Auckland
        ("Pacific/Auckland", datetime(2026, 12, 25, 12, 0, tzinfo=UTC), datetime(2026, 12, 17, 12, 0, tzinfo=UTC)),
        # Monday in UTC, still Sunday in Los Angeles
        ("America/Los_Angeles", datetime(2026, 12, 28, 3, 0, tzinfo=UTC), datetime(2026, 12, 19, 3, 0, tzinfo=UTC)),
    ],
)
def test_a_weekend_is_told_on_friday_where_the_person_lives(
    cast: Cast, clock: Clock, in_force: Walk, zone: str, end: datetime, due: datetime
) -> None:
    cast.engineer.time_zone = zone
    cast.engineer.save()
    in_force(ends=end)
    clock.to(due - DAY)
    tasks.flag_expiring()
    clock.just_before(due)
    tasks.flag_expiring()
    assert 7 not in told()
    clock.to(due)
    tasks.flag_expiring()
    assert told()[-1] == 7


def test_several_on_one_day_make_one_letter(cast: Cast, clock: Clock, in_force: Walk) -> None:
    first = in_force(ends=END)
    second = in_force(ends=END + timedelta(hours=5), job="Answer refunds. Drafts only.")
    clock.to(END - 7 * DAY)
    for _ in range(2):
        tasks.flag_expiring()
    clock.forward(hours=5)
    tasks.flag_expiring()
    letter = Letter.objects.filter(reminders__isnull=False).distinct().get()
    assert letter.version is None and letter.subject.startswith("2 packets end soon, the first ")
    assert str(first) in letter.text and str(second) in letter.text


def test_a_suspended_packet_is_still_reminded_of_and_the_letter_says_so(
    cast: Cast, clock: Clock, suspended: Walk
) -> None:
    suspended(ends=END)
    clock.to(END - 7 * DAY)
    tasks.flag_expiring()
    assert "suspended since" in Letter.objects.get(reminders__isnull=False).text


def test_an_open_renewal_is_mentioned(cast: Cast, clock: Clock, in_force: Walk, in_review: Walk) -> None:
    version = in_force(ends=END)
    in_review(of=transitions.renew(version.pk, actor=cast.engineer, ends=END + 30 * DAY))
    clock.to(END - 7 * DAY)
    tasks.flag_expiring()
    text = Letter.objects.get(reminders__isnull=False).text
    assert "v2 is in review: 0 of 1 signatures are there" in text


def test_superseded_and_revoked_versions_get_none(
    cast: Cast, clock: Clock, in_force: Walk, renewed: Walk, revoked: Walk
) -> None:
    renewed(in_force(ends=END), ends=END + 60 * DAY, seats={"Security": 1})
    revoked(ends=END)
    clock.to(END - 7 * DAY)
    tasks.flag_expiring()
    assert told() == []


def test_rm_15_a_reminder_that_waited_past_the_renewal_is_not_sent(
    cast: Cast, clock: Clock, in_force: Walk, renewed: Walk
) -> None:
    version = in_force(ends=END)
    clock.to(END - 7 * DAY)
    tasks.flag_expiring()
    renewed(version, ends=END + 30 * DAY, seats={"Security": 1})
    sending.send_due()
    letter = Letter.objects.get(reminders__isnull=False)
    assert letter.state == LetterState.FAILED and "took the place" in letter.server_said


def test_rm_5_nothing_ends_in_7_days_after_its_end(cast: Cast, clock: Clock, in_force: Walk) -> None:
    in_force(ends=END)
    clock.to(END - 7 * DAY)
    tasks.flag_expiring()
    clock.to(END)
    sending.send_due()
    assert "has ended" in Letter.objects.get(reminders__isnull=False).server_said


def test_rm_5_an_older_reminder_that_waits_gives_way_to_a_more_urgent_one(
    cast: Cast, clock: Clock, in_force: Walk
) -> None:
    in_force(ends=END)
    clock.to(END - 7 * DAY)
    tasks.flag_expiring()
    clock.to(END - 3 * DAY)
    tasks.flag_expiring()
    assert sending.send_due() == {"failed": 1, "sent": 1}
    older, newer = Letter.objects.filter(reminders__isnull=False).order_by("pk")
    assert older.state == LetterState.FAILED and "more urgent reminder" in older.server_said
    assert newer.state == LetterState.SENT and "ends in 3 days" in newer.subject


def test_one_version_that_cannot_be_flagged_does_not_keep_the_others(
    cast: Cast, clock: Clock, in_force: Walk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, _ = in_force(ends=END), in_force(ends=END, job="Answer refunds.")
    owed = flagging.owed

    def all_but_one(version: Version, *more: Any) -> Iterator[flagging.Due]:
        if version == broken:
            raise RuntimeError("no such zone")
        return owed(version, *more)

    monkeypatch.setattr(flagging, "owed", all_but_one)
    clock.to(END - 7 * DAY)
    assert tasks.flag_expiring() >= 1
    assert any(record.message == "a version was not flagged" for record in caplog.records)


def test_a_reminder_that_waited_says_what_is_true_when_it_leaves(cast: Cast, clock: Clock, in_force: Walk) -> None:
    in_force(ends=END)
    clock.to(END - 7 * DAY)
    tasks.flag_expiring()
    clock.to(END - 5 * DAY)
    sending.send_due()
    assert "ends in 5 days" in Letter.objects.get(reminders__isnull=False).subject


def test_another_end_gets_its_own_reminders(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force(ends=END)
    clock.to(END - 7 * DAY)
    tasks.flag_expiring()
    seen = Seen.of(latest(version))
    transitions.give_up(version.pk, seen=seen, actor=cast.engineer, cuts=Cuts(ends=END - 3 * DAY))
    tasks.flag_expiring()
    assert told() == [7, 7]
    clock.to(END - 4 * DAY)
    tasks.flag_expiring()
    assert told() == [7, 7, 1]


def test_rm_13_a_reminder_nobody_can_deliver_goes_to_the_next_in_line(cast: Cast, clock: Clock, in_force: Walk) -> None:
    in_force(ends=END)
    clock.to(END - 7 * DAY)
    tasks.flag_expiring()
    cast.engineer.email = ""
    cast.engineer.save()
    tasks.send_letters()
    tasks.send_letters()
    tasks.flag_expiring()
    names = set(Letter.objects.filter(reminders__isnull=False).values_list("recipient__username", flat=True))
    assert "teammate" in names and "security" not in names


@pytest.mark.databases
def test_writing_a_reminder_twice_is_harmless(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force(ends=END)
    clock.to(END - 7 * DAY)
    assert flagging.claim(version, 7, [cast.engineer], clock.moment) == 1
    assert flagging.claim(version, 7, [cast.engineer], clock.moment) == 0
    gathering.write_letters(clock.moment)
    gathering.write_letters(clock.moment)
    assert Letter.objects.filter(reminders__isnull=False).count() == 1


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        (7 * DAY, "in 7 days"),
        (7 * DAY - timedelta(minutes=1), "in 7 days"),
        (9 * DAY, "in 9 days"),
        (DAY, "in 1 day"),
        (timedelta(hours=5), "in 5 hours"),
        (timedelta(minutes=59), "in less than an hour"),
    ],
)
def test_the_time_left_is_said_to_the_nearest_day_or_hour(rest: timedelta, words: str) -> None:
    assert left(END, END - rest) == words
