"""Several packets at once, runs inside their parents, whole minutes, and the rows against the rule."""

from __future__ import annotations

from datetime import timedelta

import pytest

from approvals import transitions
from approvals.cuts import Cut, Cuts
from approvals.models import Version
from approvals.transitions import Seen
from approvals.vocabulary import Field
from audits.answer import Says
from audits.authority import load
from tests.audits.asking import ask, misses
from tests.cast import MICROSECOND, Cast, Clock, Walk, latest, run_content


def test_the_strictest_of_all_packets_wins(in_force: Walk, clock: Clock) -> None:
    in_force()
    in_force(tools="Bash(npm test)", human_approval="Bash(git diff *)")
    assert ask().verdict is Says.HELD
    assert ask("git diff HEAD && npm test").verdict is Says.HELD
    in_force(tools="Bash(npm test)", never="Bash(git diff *)")
    assert ask().verdict is Says.NOT_ALLOWED


def test_a_run_needs_its_own_line_and_its_parents(cast: Cast, in_force: Walk, drafted: Walk, clock: Clock) -> None:
    parent = in_force(each_run_needs_packet=True)
    assert ask().verdict is Says.NOT_ALLOWED
    assert "each run needs a packet of its own" in misses(ask())
    run = in_force(of=drafted(body=run_content(parent.packet)))
    found = ask()
    assert found.verdict is Says.WOULD_HAVE_ALLOWED
    assert found.version == run
    assert f"a run inside {parent.packet}" in found.detail
    assert ask("git log -1").verdict is Says.NOT_ALLOWED
    clock.forward(minutes=5)
    cuts = Cuts((Cut(Field.TOOLS, "Bash(git diff *)"),))
    transitions.give_up(parent.pk, seen=Seen.of(latest(parent)), actor=cast.engineer, cuts=cuts)
    assert ask().verdict is Says.NOT_ALLOWED
    assert ask(at=clock.moment - MICROSECOND).verdict is Says.WOULD_HAVE_ALLOWED


def test_a_run_stops_with_its_parent(cast: Cast, in_force: Walk, drafted: Walk, clock: Clock) -> None:
    parent = in_force(each_run_needs_packet=True)
    run = in_force(of=drafted(body=run_content(parent.packet)))
    clock.forward(minutes=1)
    transitions.suspend(parent.packet_id, actor=cast.responder, reason="Stop.")
    assert ask().verdict is Says.NOT_ALLOWED
    assert f"{run} would have allowed it, but the packet it runs inside" in misses(ask())


def test_a_minute_means_the_whole_minute(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    minute = clock.forward(days=1)
    clock.to(minute + timedelta(seconds=31))
    transitions.suspend(version.packet_id, actor=cast.responder, reason="Stop.")
    clock.forward(days=1)
    found = ask(at=minute, minute=True)
    assert found.verdict is Says.CANNOT_SAY
    assert "Until 09:00:31 UTC: The packet would have allowed it" in found.sentence
    assert "From 09:00:31 UTC: Not allowed" in found.sentence
    assert [one.verdict for one in found.readings] == [Says.WOULD_HAVE_ALLOWED, Says.NOT_ALLOWED]
    assert ask(at=minute).verdict is Says.WOULD_HAVE_ALLOWED
    assert ask(at=minute + timedelta(minutes=1), minute=True).verdict is Says.NOT_ALLOWED
    assert ask(at=minute - timedelta(minutes=1), minute=True).verdict is Says.WOULD_HAVE_ALLOWED


def test_a_minute_in_which_another_version_took_over_says_so(cast: Cast, in_force: Walk, clock: Clock) -> None:
    first = in_force()
    minute = clock.forward(days=1)
    draft = transitions.amend(first.pk, actor=cast.engineer)
    clock.to(minute + timedelta(seconds=20))
    second = in_force(of=draft)
    clock.forward(days=1)
    found = ask(at=minute, minute=True)
    assert found.verdict is Says.WOULD_HAVE_ALLOWED
    assert f"{first}, then {second} from 09:00:20 UTC" in found.sentence


def test_a_moment_that_has_not_come_cannot_be_said(in_force: Walk, clock: Clock) -> None:
    in_force()
    assert ask(at=clock.moment + MICROSECOND).verdict is Says.CANNOT_SAY
    assert ask(at=clock.moment, minute=True).verdict is Says.WOULD_HAVE_ALLOWED


@pytest.mark.databases
def test_its_rows_agree_with_the_rule_at_every_instant(cast: Cast, in_force: Walk, drafted: Walk, clock: Clock) -> None:
    parent = in_force()
    run = in_force(of=drafted(body=run_content(parent.packet)))
    clock.forward(minutes=10)
    transitions.suspend(parent.packet_id, actor=cast.responder, reason="Stop.")
    clock.forward(minutes=10)
    transitions.resume(parent.packet_id, actor=cast.security, reason="Go.")
    in_force(of=transitions.amend(parent.pk, actor=cast.engineer))
    clock.forward(minutes=10)
    transitions.revoke(run.packet_id, actor=cast.security, reason="Done.")
    moments = load("sentry-dev", None, parent.created_at - timedelta(days=1), clock.moment).instants()
    assert len(moments) == 5
    for at in (moment + shift for moment in moments for shift in (-MICROSECOND, timedelta(0), MICROSECOND)):
        rule = set(Version.objects.in_force_at(at).values_list("pk", flat=True))
        assert {held.version.pk for held in load("sentry-dev", None, at, at).in_force_at(at)} == rule
