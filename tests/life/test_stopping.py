"""Suspend, resume, revoke: authority is taken back at once, by more people than may give it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from approvals import transitions
from approvals.models import Event, Packet, Suspension, Version
from approvals.transitions import Seen
from approvals.vocabulary import EventKind, Role, State
from tests import present
from tests.cast import Cast, Clock, Walk, content, kinds, latest, refused, sign

pytestmark = pytest.mark.usefixtures("watched")


@pytest.mark.parametrize("who", ["engineer", "teammate", "auditor", "outsider", "security", "responder"])
def test_who_stops_a_packet(cast: Cast, clock: Clock, in_force: Walk, who: str) -> None:
    version = in_force(backup_owner="auditor", rollback_owner="outsider")
    transitions.suspend(version.packet_id, actor=getattr(cast, who), reason="It deleted a branch.")
    assert not Version.objects.in_force_at(clock.moment).exists()
    stop = Suspension.objects.get()
    assert stop.by == getattr(cast, who)
    assert (stop.since, stop.until, stop.reason) == (clock.moment, None, "It deleted a branch.")
    assert kinds(version)[-1] == EventKind.SUSPENDED and latest(version).state == State.APPROVED


def test_who_does_not_stop_a_packet(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force()
    for person in (cast.outsider, cast.auditor, cast.admin):
        with refused("not_you"):
            transitions.suspend(version.packet_id, actor=person, reason="I think so.")
    with refused("no_reason"):
        transitions.suspend(version.packet_id, actor=cast.security, reason="")
    assert Version.objects.in_force_at(clock.moment).contains(version)


def test_a_suspension_holds_from_its_instant_until_its_end(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force()
    since = clock.forward(days=1)
    transitions.suspend(version.packet_id, actor=cast.responder, reason="Look.")
    until = clock.forward(days=1)
    transitions.resume(version.packet_id, actor=cast.security2, reason="All well.")
    microsecond = timedelta(microseconds=1)
    asked = {since - microsecond: True, since: False, until - microsecond: False, until: True}
    assert {at: Version.objects.in_force_at(at).contains(version) for at in asked} == asked
    assert kinds(version)[-2:] == [EventKind.SUSPENDED, EventKind.RESUMED]
    assert Suspension.objects.get().resumed_by == cast.security2


def test_a_packet_is_suspended_once(cast: Cast, suspended: Walk) -> None:
    version = suspended()
    with refused("already_suspended"):
        transitions.suspend(version.packet_id, actor=cast.security, reason="Me too.")
    assert Suspension.objects.count() == 1


def test_only_security_resumes(cast: Cast, suspended: Walk) -> None:
    version = suspended()
    for person in (cast.responder, cast.engineer, cast.teammate, cast.admin, cast.auditor):
        with refused("not_you"):
            transitions.resume(version.packet_id, actor=person, reason="Please.")
    transitions.resume(version.packet_id, actor=cast.security, reason="Checked.")
    with refused("not_suspended"):
        transitions.resume(version.packet_id, actor=cast.security, reason="Again.")


def test_an_author_does_not_resume_what_they_wrote(cast: Cast, suspended: Walk) -> None:
    version = suspended()
    cast.engineer.groups.add(Group.objects.get(name=Role.SECURITY))
    with refused("own_version"):
        transitions.resume(version.packet_id, actor=cast.engineer, reason="Mine.")


def test_resuming_ends_with_the_end(cast: Cast, clock: Clock, suspended: Walk) -> None:
    version = suspended()
    clock.to(version.ends_at or clock.moment)
    with refused("ended"):
        transitions.resume(version.packet_id, actor=cast.security, reason="Late.")
    clock.just_before(version.ends_at or clock.moment)
    transitions.resume(version.packet_id, actor=cast.security, reason="In time.")
    assert Version.objects.in_force_at(clock.moment).contains(version)


def test_a_packet_stopped_before_its_first_approval_stays_stopped_until_resumed(
    cast: Cast, clock: Clock, in_review: Walk
) -> None:
    version = in_review()
    transitions.suspend(version.packet_id, actor=cast.responder, reason="Not while the incident lasts.")
    sign(version, cast.security)
    assert not Version.objects.in_force_at(clock.moment).exists()
    transitions.resume(version.packet_id, actor=cast.security, reason="It is over.")
    assert Version.objects.in_force_at(clock.moment).contains(version)
    early = in_review()
    transitions.suspend(early.packet_id, actor=cast.responder, reason="Wrong packet.")
    transitions.resume(early.packet_id, actor=cast.security, reason="Wrong packet.")
    assert not early.packet.suspensions.filter(until__isnull=True).exists()


def test_stopping_an_agent_stops_each_of_its_packets_and_says_which(
    cast: Cast, clock: Clock, in_force: Walk, suspended: Walk, revoked: Walk
) -> None:
    first, second, other = in_force(), in_force(), in_force(agent="other-agent")
    stopped_before, gone = suspended(), revoked()
    stopped = transitions.suspend_agent(first.packet.agent, actor=cast.responder, reason="Incident 12.")
    assert stopped == [first.packet, second.packet]
    assert list(Version.objects.in_force_at(clock.moment)) == [other]
    assert Suspension.objects.count() == 3 and not gone.packet.suspensions.exists()
    assert stopped_before.packet.suspensions.count() == 1
    with refused("already_suspended"):
        transitions.suspend_agent(first.packet.agent, actor=cast.responder, reason="Again.")


def test_stopping_an_agent_leaves_alone_what_has_ended(cast: Cast, clock: Clock, ended: Walk, in_force: Walk) -> None:
    over = ended()
    running = in_force(ends=clock.moment + timedelta(days=20))
    scheduled = in_force(starts=clock.moment + timedelta(days=1), ends=clock.moment + timedelta(days=20))
    stopped = transitions.suspend_agent(over.packet.agent, actor=cast.responder, reason="Incident 12.")
    assert stopped == [running.packet, scheduled.packet]
    assert not over.packet.suspensions.exists() and EventKind.SUSPENDED not in kinds(over.packet)


def test_an_agent_without_packets_has_nothing_to_stop(cast: Cast, drafted: Walk) -> None:
    with refused("nothing_to_stop"):
        transitions.suspend_agent(drafted().packet.agent, actor=cast.responder, reason="To be sure.")
    with refused("nothing_to_stop"):
        transitions.suspend_identity("svc-unknown", actor=cast.responder, reason="To be sure.")


def test_a_stop_of_the_agent_reaches_what_is_in_review_too(
    cast: Cast, clock: Clock, in_force: Walk, in_review: Walk
) -> None:
    """Else the last signature would start a stopped agent again."""
    granted, waiting = in_force(), in_review()
    stopped = transitions.suspend_agent(granted.packet.agent, actor=cast.responder, reason="Incident 12.")
    assert stopped == [granted.packet, waiting.packet]
    signed = sign(waiting, cast.security)
    assert signed.state == State.APPROVED
    assert not Version.objects.in_force_at(clock.moment).exists()


def test_stopping_an_identity_stops_what_acts_as_it_now(
    cast: Cast, clock: Clock, in_force: Walk, in_review: Walk
) -> None:
    stays = in_force(identity="svc-other")
    was = in_force(agent="moved-on")
    draft = transitions.amend(was.pk, actor=cast.engineer)
    body = content(agent="moved-on", identity="svc-new")
    draft = transitions.edit(draft.pk, body, seen=Seen.of(draft), actor=cast.engineer)
    moved = sign(in_review(of=draft), cast.security)
    now = in_force(agent="still")
    assert transitions.suspend_identity("svc-sentry-dev", actor=cast.responder, reason="Key leaked.") == [now.packet]
    assert set(Version.objects.in_force_at(clock.moment)) == {stays, moved}


def test_someone_stops_of_an_identity_only_what_they_may_stop(cast: Cast, clock: Clock, in_force: Walk) -> None:
    mine = in_force(agent="billing-bot", actor=cast.outsider, owner="outsider")
    theirs = in_force()
    stopped = transitions.suspend_identity("svc-sentry-dev", actor=cast.outsider, reason="Key leaked.")
    assert stopped == [mine.packet] and Version.objects.in_force_at(clock.moment).contains(theirs)


@pytest.mark.parametrize("who", ["engineer", "auditor", "security2"])
def test_who_revokes_and_that_it_is_final(cast: Cast, clock: Clock, in_force: Walk, who: str) -> None:
    version = in_force(backup_owner="auditor")
    person = getattr(cast, who)
    transitions.revoke(version.packet_id, actor=person, reason="Retired.")
    packet = Packet.objects.get()
    assert (packet.revoked_at, packet.revoked_by, packet.revoked_reason) == (clock.moment, person, "Retired.")
    assert not Version.objects.in_force_at(clock.moment).exists()
    assert kinds(version)[-1] == EventKind.REVOKED
    for verb in (transitions.revoke, transitions.suspend):
        with refused("revoked"):
            verb(version.packet_id, actor=cast.security, reason="Again.")


def test_who_does_not_revoke(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    for person in (cast.teammate, cast.outsider, cast.responder, cast.auditor, cast.admin):
        with refused("not_you"):
            transitions.revoke(version.packet_id, actor=person, reason="I think so.")


def test_naming_oneself_owner_in_a_draft_gives_no_right_to_revoke_or_share(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    draft = transitions.amend(version.pk, actor=cast.teammate)
    transitions.edit(draft.pk, content(owner="teammate"), seen=Seen.of(draft), actor=cast.teammate)
    with refused("not_you"):
        transitions.revoke(version.packet_id, actor=cast.teammate, reason="Now I can.")
    with refused("not_you"):
        transitions.share(version.packet_id, actor=cast.teammate, person=cast.outsider)
    transitions.revoke(version.packet_id, actor=cast.engineer, reason="I am the owner.")


def test_revoking_closes_what_is_open_and_kills_what_is_scheduled(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force()
    draft = transitions.renew(version.pk, actor=cast.engineer)
    starts = clock.moment + timedelta(days=9)
    later = content(starts=starts)
    scheduled = in_force(of=transitions.edit(draft.pk, later, seen=Seen.of(draft), actor=cast.engineer))
    third = transitions.amend(scheduled.pk, actor=cast.engineer)
    transitions.revoke(version.packet_id, actor=cast.security, reason="Retired.")
    assert latest(third).state == State.CLOSED and kinds(third)[-1] == EventKind.DISCARDED
    assert not Version.objects.in_force_at(starts + timedelta(days=1)).exists()
    assert latest(scheduled).revision == scheduled.revision + 1, "the pages of what was in force are stale"
    with refused("revoked"):
        transitions.amend(scheduled.pk, actor=cast.engineer)


def test_revoking_withdraws_a_review_so_that_no_signature_follows(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review()
    seen = Seen.of(version)
    transitions.revoke(version.packet_id, actor=cast.engineer, reason="Not needed.")
    assert kinds(version)[-1] == EventKind.WITHDRAWN and latest(version).state == State.CLOSED
    for refusal in (seen, Seen.of(latest(version))):
        with refused("revoked"):
            present.sign(version.pk, seen=refusal, actor=cast.security)
    assert not Version.objects.in_force_at(clock.moment).exists()


def test_a_suspended_packet_is_revoked_and_not_resumed_after_that(cast: Cast, suspended: Walk) -> None:
    version = suspended()
    transitions.revoke(version.packet_id, actor=cast.security, reason="For good.")
    with refused("revoked"):
        transitions.resume(version.packet_id, actor=cast.security2, reason="Back?")
    assert Event.objects.filter(kind=EventKind.RESUMED).count() == 0
