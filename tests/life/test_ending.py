"""The instants: start counts, end does not, and nothing waits for a worker. Supersede, expire, close idle, runs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from approvals import rules, transitions
from approvals.cuts import Cuts
from approvals.models import Event, Packet, Version
from approvals.transitions import Seen
from approvals.vocabulary import EventKind, State
from tests.cast import MICROSECOND, Cast, Clock, Walk, content, kinds, latest, refused, run_content, sign

pytestmark = pytest.mark.usefixtures("watched")
DAY = timedelta(days=1)


def in_force_numbers(packet: Packet, moment: datetime | None) -> list[int]:
    """Numbers of the packet's versions in force at this instant."""
    assert moment is not None
    return sorted(Version.objects.in_force_at(moment).filter(packet=packet).values_list("number", flat=True))


def scheduled(cast: Cast, in_force: Walk, version: Version, starts: datetime) -> Version:
    """The next version of the packet, approved now, to start later."""
    draft = transitions.amend(version.pk, actor=cast.engineer)
    body = content(starts=starts, ends=version.ends_at)
    return in_force(of=transitions.edit(draft.pk, body, seen=Seen.of(draft), actor=cast.engineer))


def test_start_counts_and_end_does_not(clock: Clock, in_force: Walk) -> None:
    version = in_force(starts=clock.moment + 2 * DAY)
    start, end = version.in_force_from or clock.moment, version.ends_at or clock.moment
    assert start == version.starts and end == version.ends
    asked = {start - MICROSECOND: [], start: [1], end - MICROSECOND: [1], end: []}
    assert {at: in_force_numbers(version.packet, at) for at in asked} == asked


def test_the_start_is_never_before_the_last_signature(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review(starts=clock.moment + DAY, seats={"Security": 2})
    sign(version, cast.security)
    signed = clock.forward(days=3)
    assert sign(version, cast.security2).in_force_from == signed
    assert in_force_numbers(version.packet, signed - MICROSECOND) == []


def test_a_scheduled_version_takes_over_at_its_start(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force()
    start = clock.moment + 5 * DAY
    scheduled(cast, in_force, version, start)
    asked = {clock.moment: [1], start - MICROSECOND: [1], start: [2]}
    assert {at: in_force_numbers(version.packet, at) for at in asked} == asked


def test_a_version_approved_before_a_scheduled_one_begins_supersedes_both(
    cast: Cast, clock: Clock, in_force: Walk
) -> None:
    version = in_force()
    start = clock.moment + 5 * DAY
    second = scheduled(cast, in_force, version, start)
    clock.forward(days=1)
    third = in_force(of=transitions.amend(second.pk, actor=cast.engineer))
    assert [latest(one).superseded_at for one in (version, second, third)] == [clock.moment, clock.moment, None]
    for at in (clock.moment, start - MICROSECOND, start, start + DAY):
        assert in_force_numbers(version.packet, at) == [3]
    assert kinds(version)[-2:] == [EventKind.SUPERSEDED, EventKind.SUPERSEDED]


def test_a_version_scheduled_after_another_takes_over_from_that_one(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force()
    now = clock.moment
    second = scheduled(cast, in_force, version, now + 5 * DAY)
    scheduled(cast, in_force, second, now + 9 * DAY)
    asked = {now: [1], now + 5 * DAY: [2], now + 9 * DAY - MICROSECOND: [2], now + 9 * DAY: [3]}
    assert {at: in_force_numbers(version.packet, at) for at in asked} == asked


def test_one_that_ends_before_the_next_begins_is_not_superseded(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force(ends=clock.moment + 5 * DAY)
    draft = transitions.amend(version.pk, actor=cast.engineer)
    body = content(starts=clock.moment + 6 * DAY)
    in_force(of=transitions.edit(draft.pk, body, seen=Seen.of(draft), actor=cast.engineer))
    assert latest(version).superseded_at is None
    assert in_force_numbers(version.packet, clock.moment + 5 * DAY) == []
    assert in_force_numbers(version.packet, clock.moment + 6 * DAY) == [2]


def test_what_was_superseded_does_not_come_back_when_the_next_is_given_up(
    cast: Cast, clock: Clock, in_force: Walk, renewed: Walk
) -> None:
    version = in_force()
    second = renewed(version)
    end = clock.moment + DAY
    transitions.give_up(second.pk, seen=Seen.of(second), actor=cast.engineer, cuts=Cuts(ends=end))
    assert in_force_numbers(version.packet, end) == []


def test_the_end_is_written_down_once_with_the_instant_it_took_effect(cast: Cast, clock: Clock, ended: Walk) -> None:
    version = ended()
    end = clock.moment
    clock.just_before(end)
    assert not Version.objects.lapsed_by(clock.moment).exists()
    with refused("not_ended"):
        transitions.expire(version.pk, seen=Seen.of(version))
    clock.to(end + DAY)
    assert list(Version.objects.lapsed_by(clock.moment)) == [version]
    transitions.expire(version.pk, seen=Seen.of(version))
    event = Event.objects.get(kind=EventKind.ENDED)
    assert (event.effective_at, event.recorded_at, event.actor) == (end, clock.moment, None)
    assert event.actor_name == "system: expire" and not Version.objects.lapsed_by(clock.moment).exists()
    with refused("recorded"):
        transitions.expire(version.pk, seen=Seen.of(latest(version)))


def test_an_answer_is_overdue_from_the_due_instant_on_and_flagged_once(clock: Clock, in_review: Walk) -> None:
    version = in_review()
    due = version.answer_by
    assert due is not None
    clock.just_before(due)
    with refused("not_overdue"):
        transitions.flag_overdue(version.pk)
    clock.to(due)
    transitions.flag_overdue(version.pk)
    with refused("not_overdue"):
        transitions.flag_overdue(version.pk)
    assert kinds(version).count(EventKind.ANSWER_OVERDUE) == 1


def test_the_end_comes_with_every_worker_stopped(ended: Walk, clock: Clock) -> None:
    version = ended()
    assert not Version.objects.in_force_at(clock.moment).exists()
    assert latest(version).end_recorded_at is None


def test_what_was_superseded_or_revoked_before_its_end_never_ends(
    cast: Cast, clock: Clock, in_force: Walk, renewed: Walk, revoked: Walk
) -> None:
    version, gone = in_force(), revoked()
    renewed(version, ends=clock.moment + 300 * DAY)
    clock.forward(days=100)
    for one in (version, gone):
        with refused("over_before"):
            transitions.expire(one.pk, seen=Seen.of(latest(one)))
    assert not Version.objects.lapsed_by(clock.moment).exists()


def test_a_suspended_version_ends_all_the_same(clock: Clock, suspended: Walk) -> None:
    version = suspended()
    clock.to(version.ends_at or clock.moment)
    transitions.expire(version.pk, seen=Seen.of(version))
    assert kinds(version)[-1] == EventKind.ENDED


def test_a_review_without_an_event_for_21_days_is_closed(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    begun = clock.forward(days=20)
    sign(version, cast.security)
    clock.just_before(begun + 21 * DAY)
    assert not Version.objects.idle_since(clock.moment - 21 * DAY, clock.moment).exists()
    with refused("not_idle"):
        transitions.close_idle(version.pk, seen=Seen.of(latest(version)))
    clock.to(begun + 21 * DAY)
    assert Version.objects.idle_since(clock.moment - 21 * DAY, clock.moment).contains(version)
    transitions.close_idle(version.pk, seen=Seen.of(latest(version)))
    assert latest(version).state == State.CLOSED and kinds(version)[-1] == EventKind.CLOSED_IDLE
    with refused("wrong_state"):
        sign(version, cast.security2)


def test_a_review_whose_end_has_passed_is_closed_at_once(clock: Clock, in_review: Walk) -> None:
    version = in_review(ends=clock.moment + 2 * DAY)
    clock.just_before(version.ends or clock.moment)
    with refused("not_idle"):
        transitions.close_idle(version.pk, seen=Seen.of(version))
    clock.to(version.ends or clock.moment)
    transitions.close_idle(version.pk, seen=Seen.of(version))
    assert latest(version).closed_reason == "The end asked for has passed."


def test_a_draft_is_never_idle(clock: Clock, drafted: Walk) -> None:
    version = drafted()
    clock.forward(days=400)
    with refused("not_idle"):
        transitions.close_idle(version.pk, seen=Seen.of(version))


def test_a_run_holds_only_while_its_parent_does(cast: Cast, clock: Clock, in_force: Walk) -> None:
    parent = in_force()
    run = in_force(body=run_content(parent.packet))
    at = clock.moment
    assert in_force_numbers(run.packet, at) == [1]
    clock.forward(hours=1)
    transitions.suspend(parent.packet_id, actor=cast.responder, reason="Look.")
    assert in_force_numbers(run.packet, clock.moment) == [] and in_force_numbers(run.packet, at) == [1]
    transitions.resume(parent.packet_id, actor=cast.security, reason="Well.")
    assert in_force_numbers(run.packet, clock.moment) == [1]
    clock.forward(hours=1)
    transitions.revoke(parent.packet_id, actor=cast.security, reason="Retired.")
    assert in_force_numbers(run.packet, clock.moment) == []
    assert in_force_numbers(run.packet, clock.moment - MICROSECOND) == [1]


def test_a_run_goes_on_under_the_next_version_of_its_parent(clock: Clock, in_force: Walk, renewed: Walk) -> None:
    parent = in_force()
    run = in_force(body=run_content(parent.packet))
    clock.forward(hours=1)
    renewed(parent)
    assert in_force_numbers(run.packet, clock.moment) == [1]


@pytest.mark.parametrize(
    "lines",
    [
        {"commands": "Bash(git push *)"},
        {"commands": "Bash"},
        {"files_change": "Edit(src/**)"},
        {"files_change": "Bash(git diff HEAD)", "commands": ""},
        {"data_sources": "crm.orders"},
        {"human_approval": "Bash(rm *)"},
    ],
)
def test_a_run_line_that_is_not_provably_inside_the_parent_is_refused_by_name(
    in_force: Walk, in_review: Walk, lines: dict[str, str]
) -> None:
    parent = in_force()
    with refused("outside_parent") as said:
        in_review(body=run_content(parent.packet, **lines))
    assert next(line for line in lines.values() if line) in said.value.message


def test_a_run_ends_no_later_than_its_parent(clock: Clock, in_force: Walk, in_review: Walk) -> None:
    parent = in_force(ends=clock.moment + 2 * DAY)
    with refused("outside_parent"):
        in_review(body=run_content(parent.packet, ends=clock.moment + 2 * DAY + timedelta(seconds=1)))
    in_review(body=run_content(parent.packet, ends=clock.moment + 2 * DAY))


def test_a_run_needs_its_parent_in_force_at_submit_and_at_the_last_signature(
    cast: Cast, clock: Clock, in_force: Walk, in_review: Walk, drafted: Walk
) -> None:
    parent = in_force()
    run = in_review(body=run_content(parent.packet))
    waiting = drafted(body=run_content(parent.packet))
    transitions.revoke(parent.packet_id, actor=cast.security, reason="Retired.")
    with refused("parent_not_in_force"):
        sign(run, cast.security)
    with refused("parent_not_in_force"):
        in_review(of=waiting)
    assert latest(run).state == State.IN_REVIEW


def test_a_run_names_a_system_packet_of_its_own_agent_that_its_author_sees(
    cast: Cast, in_force: Walk, drafted: Walk
) -> None:
    parent = in_force()
    run = in_force(body=run_content(parent.packet))
    for wrong in (
        run_content(run.packet),
        run_content(parent.packet, agent="another"),
        run_content(Packet(reference="AP-9999")),
    ):
        with refused("no_parent"):
            drafted(body=wrong)
    with refused("no_parent"):
        drafted(body=run_content(parent.packet, agent="theirs"), actor=cast.outsider)


def test_the_version_in_force_or_the_last_one(cast: Cast, clock: Clock, in_force: Walk, drafted: Walk) -> None:
    assert rules.in_force_or_last(drafted().packet) is None
    version = in_force()
    second = scheduled(cast, in_force, version, clock.moment + DAY)
    packet = Packet.objects.get(pk=version.packet_id)
    assert rules.in_force_or_last(packet) == version
    clock.forward(days=1)
    assert rules.in_force_or_last(packet) == second
    clock.forward(days=400)
    assert rules.in_force_or_last(packet) == second
