"""Break-glass: in force on one signature of Security, for a day at most, loudly, and never by the author."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group

from approvals import tasks, transitions, validity
from approvals.break_glass import LONGEST, why_not_break_glass
from approvals.cuts import Cut, Cuts
from approvals.errors import Refused
from approvals.letters import outbox
from approvals.models import Event, Letter, Suspension, Version
from approvals.standing import granted_of, holds_until, standing_of
from approvals.transitions import Seen
from approvals.vocabulary import EventKind, Field, Role, Standing, State
from audits.authority import load
from portal.models import User
from tests import present
from tests.cast import MICROSECOND, Cast, Clock, Walk, kinds, latest, refused, sign

pytestmark = [pytest.mark.databases, pytest.mark.usefixtures("watched")]
TWO = {"Security": 2}


WHY = "The site is down, and only this agent can mend it."


def broken(version: Version, person: User, reason: str = WHY) -> Version:
    present.break_glass(version.pk, seen=Seen.of(latest(version)), actor=person, reason=reason)
    return latest(version)


def holds(version: Version, moment: datetime | None = None) -> bool:
    """Whether it is in force, asked of the database, of rows in memory, and of what Why? reads: all say the same."""
    moment, version = moment or validity.now(), latest(version)
    found = Version.objects.in_force_at(moment).filter(pk=version.pk).exists()
    packet = version.packet
    standing = standing_of(version, moment, beside=packet.versions.all())
    assert (standing in (Standing.IN_FORCE, Standing.ENDS_SOON, Standing.BREAK_GLASS)) is found, standing
    held = load(packet.agent.slug, None, moment, moment).in_force_at(moment)
    assert (version in [one.version for one in held]) is found
    granted = granted_of(packet.versions.all(), moment)
    assert (granted == version) is Version.objects.granted_at(moment).filter(pk=version.pk).exists()
    return found


def test_so_24_one_of_security_puts_it_in_force_for_a_day(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review(seats=TWO)
    start = clock.moment
    version = broken(version, cast.security)
    assert version.state == State.IN_REVIEW and version.seats.filter(decision__isnull=True).count() == 1
    assert holds(version) and not holds(version, start - MICROSECOND)
    assert holds_until(version) == version.glass_until == start + LONGEST == start + timedelta(hours=24)
    assert standing_of(version, start) is Standing.BREAK_GLASS
    assert kinds(version)[-2:] == [EventKind.SIGNED, EventKind.GLASS_BROKEN]
    assert version.decisions.get().person == cast.security and version.glass_broken_by_name == "Sam Sato"


def test_it_ends_by_the_clock_even_if_no_worker_runs(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = broken(in_review(seats=TWO), cast.security)
    clock.just_before(version.glass_until)  # type: ignore[arg-type]
    assert holds(version)
    clock.to(version.glass_until)  # type: ignore[arg-type]
    assert not holds(version) and not Suspension.objects.exists()


def test_its_own_earlier_end_comes_first(cast: Cast, clock: Clock, in_review: Walk) -> None:
    ends = clock.moment + timedelta(hours=3)
    version = broken(in_review(seats=TWO, ends=ends), cast.security)
    assert version.glass_until == ends
    assert holds(version, ends - MICROSECOND) and not holds(version, ends)


def test_so_24_unfilled_at_the_deadline_it_is_suspended_loudly(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = broken(in_review(seats=TWO), cast.security)
    deadline = version.glass_until
    clock.just_before(deadline)  # type: ignore[arg-type]
    with refused("not_unfilled"):
        transitions.suspend_unfilled(version.pk)
    clock.forward(seconds=60)
    assert tasks.suspend_unfilled() == 1 and tasks.suspend_unfilled() == 0
    stop = Suspension.objects.get(packet=version.packet)
    assert stop.until is None and stop.by is None and stop.by_name == "system: break-glass"
    event = Event.objects.get(version=version, kind=EventKind.SUSPENDED)
    assert event.effective_at == deadline and event.actor is None
    outbox.announce(event)
    told = set(Letter.objects.filter(event=event).values_list("recipient__username", flat=True))
    assert {"engineer", "teammate", "security", "security2", "responder"} <= told and "outsider" not in told


def test_the_last_signature_makes_it_hold_to_its_granted_end(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = broken(in_review(seats=TWO), cast.security)
    begun, deadline = clock.moment, version.glass_until
    signed_at = clock.forward(hours=5)
    version = sign(version, cast.security2)
    assert version.state == State.APPROVED and version.in_force_from == signed_at
    assert holds(version, begun) and holds(version, signed_at) and holds(version, signed_at - MICROSECOND)
    assert holds(version, deadline) and holds_until(version) == version.ends_at == version.ends
    clock.to(deadline)  # type: ignore[arg-type]
    assert tasks.suspend_unfilled() == 0 and not Suspension.objects.exists()


def test_signed_after_the_deadline_it_is_approved_and_stays_suspended(
    cast: Cast, clock: Clock, in_review: Walk
) -> None:
    """No worker had written the deadline down: the signature does, before it approves."""
    version = broken(in_review(seats=TWO), cast.security)
    clock.to(version.glass_until)  # type: ignore[arg-type]
    version = sign(version, cast.security2)
    assert version.state == State.APPROVED and not holds(version)
    transitions.resume(version.packet_id, actor=cast.security2, reason="All have signed now.")
    assert holds(version)


@pytest.mark.parametrize("verb", [present.reject, present.request_changes])
def test_a_verdict_of_another_signer_ends_it_at_once(cast: Cast, clock: Clock, in_review: Walk, verb: Any) -> None:
    version = broken(in_review(seats=TWO), cast.security)
    ended_at = clock.forward(hours=1)
    verb(version.pk, seen=Seen.of(version), actor=cast.security2, reason="Not even for a day.")
    assert not holds(version) and holds(version, ended_at - MICROSECOND), "the record still says what held then"
    clock.forward(days=2)
    assert tasks.suspend_unfilled() == 0 and not Suspension.objects.exists()


def test_withdrawn_or_revoked_it_is_over_at_once(cast: Cast, clock: Clock, in_review: Walk) -> None:
    withdrawn, revoked = (broken(in_review(seats=TWO), cast.security) for _ in range(2))
    clock.forward(minutes=1)
    transitions.withdraw(withdrawn.pk, seen=Seen.of(withdrawn), actor=cast.engineer)
    transitions.revoke(revoked.packet_id, actor=cast.security2, reason="Stop.")
    assert not holds(withdrawn) and not holds(revoked)


def test_the_version_in_force_before_stands_aside_and_comes_back(
    cast: Cast, clock: Clock, in_force: Walk, in_review: Walk
) -> None:
    first = in_force()
    clock.forward(days=1)
    second = in_review(of=transitions.amend(first.pk, actor=cast.engineer), seats=TWO)
    assert holds(first)
    broken(second, cast.security)
    begun = clock.moment
    assert holds(second) and not holds(first) and holds(first, begun - MICROSECOND)
    clock.forward(hours=1)
    present.reject(second.pk, seen=Seen.of(latest(second)), actor=cast.security2, reason="No.")
    assert holds(first) and not holds(second) and not holds(first, begun)


def test_past_the_deadline_the_version_before_does_not_come_back_by_itself(
    cast: Cast, clock: Clock, in_force: Walk, in_review: Walk
) -> None:
    first = in_force()
    clock.forward(days=1)
    second = broken(in_review(of=transitions.amend(first.pk, actor=cast.engineer), seats=TWO), cast.security)
    clock.to(second.glass_until)  # type: ignore[arg-type]
    assert not holds(first) and not holds(second)
    clock.forward(seconds=1)
    tasks.suspend_unfilled()
    assert not holds(first)
    transitions.resume(first.packet_id, actor=cast.security2, reason="The old scope is enough.")
    assert holds(first) and not holds(second)


def test_a_suspension_of_somebody_stands_in_the_way_of_no_second_one(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = broken(in_review(seats=TWO), cast.security)
    transitions.suspend(version.packet_id, actor=cast.responder, reason="It went too far.")
    assert not holds(version)
    clock.to(version.glass_until)  # type: ignore[arg-type]
    assert tasks.suspend_unfilled() == 1 and Suspension.objects.count() == 1


def test_whoever_has_signed_already_may_break_the_glass_without_signing_twice(cast: Cast, in_review: Walk) -> None:
    version = sign(in_review(seats=TWO), cast.security)
    version = broken(version, cast.security)
    assert holds(version) and version.decisions.count() == 1


def test_so_24_the_author_alone_can_never_break_the_glass(cast: Cast, in_review: Walk) -> None:
    cast.engineer.groups.add(Group.objects.get(name=Role.SECURITY))
    cast.signers(2)
    version = in_review(seats={"Security": 3})
    with refused("own_version"):
        broken(version, cast.engineer)
    assert not holds(version)


def test_so_24_who_may_not(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats=TWO)
    for person in (cast.engineer, cast.teammate, cast.outsider, cast.auditor, cast.responder, cast.admin):
        with refused("not_you"):
            broken(version, person)
    with refused("no_reason"):
        broken(version, cast.security, reason=" ")
    one_more = in_review(seats={"Security": 1, "team": 1})
    sign(one_more, cast.security)
    with refused("seat_taken"):
        broken(one_more, cast.security2)


def test_it_is_once_a_version_and_only_while_more_are_missing(cast: Cast, in_review: Walk) -> None:
    alone = in_review(seats={"Security": 1})
    with refused("nothing_missing"):
        broken(alone, cast.security)
    version = broken(in_review(seats={"Security": 3}), cast.security)
    for person in (cast.security, cast.security2):
        with refused("broken_already"):
            broken(version, person)
    assert version.glass_broken_by == cast.security


def test_what_is_stopped_over_or_not_begun_is_refused(
    cast: Cast, clock: Clock, in_review: Walk, in_force: Walk
) -> None:
    later = in_review(seats=TWO, starts=clock.moment + timedelta(hours=1))
    with refused("not_begun"):
        broken(later, cast.security)
    stopped = in_review(seats=TWO)
    transitions.suspend(stopped.packet_id, actor=cast.responder, reason="Stop.")
    with refused("suspended"):
        broken(stopped, cast.security)
    with refused("too_late"):
        broken(in_force(), cast.security2)
    passed = in_review(seats=TWO, ends=clock.moment + timedelta(hours=1))
    clock.forward(hours=1)
    with refused("end_passed"):
        broken(passed, cast.security)


def test_a_cut_of_the_next_signer_narrows_it_at_once(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = broken(in_review(seats={"Security": 3}), cast.security)
    ends = clock.moment + timedelta(hours=2)
    line = Cut(Field.TOOLS, "Bash(git log *)")
    version = sign(version, cast.security2, cuts=Cuts((line,), ends=ends))
    assert version.glass_until == ends and not holds(version, ends) and holds(version)
    assert not version.grants.standing_at(clock.moment).filter(method="git log *").exists()


def test_a_repeat_says_that_it_is_done(cast: Cast, in_review: Walk) -> None:
    version = broken(in_review(seats=TWO), cast.security)
    refusal = why_not_break_glass(latest(version), cast.security)
    assert isinstance(refusal, Refused) and refusal.code == "broken_already"


def test_the_letter_goes_to_everybody_it_concerns(cast: Cast, in_review: Walk) -> None:
    version = broken(in_review(seats=TWO), cast.security)
    event = Event.objects.get(version=version, kind=EventKind.GLASS_BROKEN)
    outbox.announce(event)
    letters = Letter.objects.filter(event=event)
    told = set(letters.values_list("recipient__username", flat=True))
    assert told == {"engineer", "teammate", "security2", "responder"}
    letter = letters.get(recipient=cast.security2)
    assert "only this agent can mend it" in letter.text and "Still missing" in letter.text
