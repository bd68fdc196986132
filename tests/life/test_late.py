"""Nobody goes on in time: an end without a renewal, and a review about to be closed, are told once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from approvals import tasks, transitions
from approvals.lateness import working_days_after
from approvals.models import Letter
from approvals.vocabulary import EventKind, LetterState
from tests.cast import Cast, Clock, Walk, kinds, latest, no_trace, refused, sign
from tests.letters.conftest import letters

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
END = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)  # a Thursday


@pytest.mark.parametrize(
    ("end", "due"),
    [
        (END, END - 2 * DAY),  # Thursday: since Tuesday
        (END - 3 * DAY, END - 7 * DAY),  # Monday: since Thursday
        (END - 2 * DAY, END - 6 * DAY),  # Tuesday: since Friday
    ],
)
def test_an_end_without_a_renewal_is_told_two_working_days_before_to_team_and_security(
    cast: Cast, clock: Clock, in_force: Walk, end: datetime, due: datetime
) -> None:
    version = in_force(ends=end)
    clock.just_before(due)
    assert tasks.flag_unrenewed() == 0
    clock.to(due)
    assert (tasks.flag_unrenewed(), tasks.flag_unrenewed()) == (1, 0)
    told = letters(version, EventKind.RENEWAL_LATE)
    assert set(told) == {"engineer", "teammate", "security", "security2"}
    assert "and no renewal is signed" in told["security"].subject and "No renewal was begun." in told["teammate"].text


def test_a_renewal_in_review_is_told_with_what_is_missing(
    cast: Cast, clock: Clock, in_force: Walk, in_review: Walk
) -> None:
    version = in_force(ends=END)
    draft = transitions.renew(version.pk, actor=cast.engineer, ends=END + 30 * DAY)
    in_review(of=draft, seats={"Security": 2})
    clock.to(END - 2 * DAY)
    assert tasks.flag_unrenewed() == 1
    assert "v2 is in review: 0 of 2 signatures are there" in letters(version, EventKind.RENEWAL_LATE)["security"].text


def test_what_is_renewed_revoked_or_short_is_not_told(
    cast: Cast, clock: Clock, in_force: Walk, renewed: Walk, revoked: Walk
) -> None:
    renewed(in_force(ends=END), ends=END + 60 * DAY, seats={"Security": 1})
    revoked(ends=END)
    clock.to(END - 4 * DAY)
    in_force(ends=END)
    clock.to(END - DAY)
    assert tasks.flag_unrenewed() == 0


def test_a_letter_of_a_late_renewal_that_waited_past_the_signature_is_not_sent(
    cast: Cast, clock: Clock, in_force: Walk, in_review: Walk
) -> None:
    version = in_force(ends=END)
    draft = in_review(of=transitions.renew(version.pk, actor=cast.engineer, ends=END + 30 * DAY))
    clock.to(END - 2 * DAY)
    tasks.flag_unrenewed()
    letters(version, EventKind.RENEWAL_LATE)
    sign(draft, cast.security)
    tasks.send_letters()
    late = Letter.objects.filter(event__kind=EventKind.RENEWAL_LATE)
    assert {row.state for row in late} == {LetterState.FAILED} and "is renewed" in late[0].server_said


def test_late_verbs_refuse_what_is_not_late(cast: Cast, clock: Clock, in_force: Walk, in_review: Walk) -> None:
    version, review = in_force(ends=END), in_review()
    with no_trace(), refused("not_late"):
        transitions.flag_unrenewed(version.pk)
    with no_trace(), refused("not_going_idle"):
        transitions.warn_idle(review.pk)


def test_an_idle_review_is_warned_of_four_days_before_it_is_closed_and_once(
    cast: Cast, clock: Clock, in_review: Walk
) -> None:
    version = in_review()
    submitted = clock.moment
    clock.just_before(submitted + 17 * DAY)
    assert tasks.warn_idle() == 0
    clock.to(submitted + 17 * DAY)
    assert (tasks.warn_idle(), tasks.warn_idle()) == (1, 0)
    told = letters(version, EventKind.REVIEW_GOES_IDLE)
    assert set(told) == {"engineer", "security", "security2"}
    clock.to(submitted + 21 * DAY)
    assert tasks.close_idle() == 1 and kinds(version)[-1] == EventKind.CLOSED_IDLE


def test_whoever_goes_on_puts_the_close_off_and_is_warned_again_later(
    cast: Cast, clock: Clock, in_review: Walk
) -> None:
    version = in_review()
    clock.forward(days=17)
    tasks.warn_idle()
    letters(version, EventKind.REVIEW_GOES_IDLE)
    clock.forward(hours=1)
    transitions.ask(version.pk, "Why all of it?", actor=cast.security)
    tasks.send_letters()
    warned = Letter.objects.filter(event__kind=EventKind.REVIEW_GOES_IDLE)
    assert all("has gone on" in letter.server_said for letter in warned)
    clock.forward(days=17)
    assert tasks.warn_idle() == 1 and kinds(latest(version)).count(EventKind.REVIEW_GOES_IDLE) == 2


def test_working_days_leave_the_weekend_out() -> None:
    friday = datetime(2026, 12, 25, 12, 0, tzinfo=UTC)
    assert working_days_after(friday, 2) == friday + 4 * DAY
    assert working_days_after(friday + DAY, 2) == friday + 4 * DAY
