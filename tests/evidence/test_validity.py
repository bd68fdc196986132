"""Whether a version was in force at a moment: the verifier says by events what the record says by its rows."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from approvals import transitions
from approvals.cuts import Cuts
from approvals.models import Packet, Version
from approvals.transitions import Seen
from audits.evidence import verify
from portal.models import User
from tests import present
from tests.cast import MICROSECOND, MONDAY, Cast, Clock, Walk, latest, sign
from tests.evidence.bundles import Memory, opened, taken

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")


def compare(packet: Packet, taker: User) -> set[int | None]:
    """At every instant its events name, and a microsecond before, both say the same. Which were in force at some."""
    bundle = verify.Bundle(Memory(opened(taken(packet, taker))))
    assert bundle.verify(), bundle.wrong
    life, seen = verify.Life(bundle.events, str(packet)), set()
    instants = {verify.instant(text) for text in INSTANT.findall(json.dumps(life.events))}
    for moment in sorted(instants):
        for at in (moment - MICROSECOND, moment):
            row = Version.objects.filter(packet=packet).in_force_at(at).first()
            number, words = life.in_force(at)
            assert number == (row.number if row else None), f"{at}: {words}"
            seen.add(number)
    return seen


def test_a_life_with_everything_in_it(cast: Cast, clock: Clock, in_force: Walk, renewed: Walk) -> None:
    version = in_force(ends=MONDAY + 60 * HOUR)
    clock.forward(hours=2)
    transitions.suspend(version.packet_id, actor=cast.responder, reason="It deleted a branch.")
    clock.forward(hours=2)
    transitions.resume(version.packet_id, actor=cast.security, reason="It was asked to.")
    clock.forward(hours=2)
    later = renewed(version, ends=MONDAY + 90 * HOUR)
    clock.forward(hours=2)
    transitions.give_up(
        later.pk, seen=Seen.of(later), actor=cast.engineer, cuts=Cuts(ends=MONDAY + 40 * HOUR), reason="Done sooner."
    )
    clock.to(MONDAY + 45 * HOUR)
    assert compare(version.packet, cast.auditor) == {None, 1, 2}
    again = renewed(latest(later), ends=MONDAY + 80 * HOUR)
    clock.forward(hours=5)
    transitions.revoke(version.packet_id, actor=cast.security, reason="The agent is retired.")
    assert compare(again.packet, cast.auditor) == {None, 1, 2, 3}


def test_one_that_begins_later_and_one_before_it(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force(starts=MONDAY + 5 * HOUR, ends=MONDAY + 20 * HOUR)
    assert compare(version.packet, cast.auditor) == {None, 1}


@pytest.mark.parametrize("ending", ["signed", "sent back", "over"])
def test_break_glass_stands_in_the_place_of_the_one_before(
    ending: str, cast: Cast, clock: Clock, in_force: Walk, in_review: Walk
) -> None:
    version = in_force(ends=MONDAY + 60 * HOUR)
    clock.forward(hours=1)
    draft = latest(transitions.amend(version.pk, actor=cast.engineer))
    review = in_review(of=draft, seats={"Security": 2})
    clock.forward(hours=1)
    review = present.break_glass(review.pk, seen=Seen.of(latest(review)), actor=cast.security, reason="It is down.")
    clock.forward(hours=3)
    if ending == "signed":
        sign(latest(review), cast.security2)
    elif ending == "sent back":
        present.request_changes(review.pk, seen=Seen.of(latest(review)), actor=cast.security2, reason="Less.")
    else:
        clock.forward(hours=30)
        transitions.suspend_unfilled(review.pk)
    assert 2 in compare(version.packet, cast.auditor)
