"""A signature needs its person, now, for exactly this: an open session signs nothing, nothing is used twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from approvals import presence, transitions
from approvals.cuts import Cut, Cuts
from approvals.models import Event, Presence, Version
from approvals.transitions import Seen
from approvals.transitions.emergency import BREAKING
from approvals.vocabulary import EventKind, Field, State, Verdict
from portal.models import User
from tests import present
from tests.cast import MICROSECOND, Cast, Clock, Walk, kinds, latest, no_trace, refused, sign
from tests.life.test_races import codes, race

pytestmark = pytest.mark.databases
HERE = present.SESSION
CUT = Cuts((Cut(Field.TOOLS, "Bash(git log *)"),))
OTHER_CUT = Cuts((Cut(Field.TOOLS, "Bash(git diff *)"),))
Decide = Callable[..., Any]


def deciding(version: Version, actor: User, session: str = HERE, meaning: str = Verdict.APPROVE) -> Decide:
    """The verb of this meaning, for this person, with nothing shown beforehand."""
    given: dict[str, Any] = {"seen": Seen.of(version), "actor": actor, "session": session}
    if meaning == Verdict.APPROVE:
        return partial(transitions.sign, version.pk, **given)
    if meaning == Verdict.APPROVE_NARROWER:
        given |= {"verdict": Verdict.APPROVE_NARROWER, "cuts": CUT, "reason": "Less."}
        return partial(transitions.sign, version.pk, **given)
    verb: Decide = {
        Verdict.REQUEST_CHANGES: transitions.request_changes,
        Verdict.REJECT: transitions.reject,
        BREAKING: transitions.break_glass,
    }[meaning]
    return partial(verb, version.pk, reason="It matters.", **given)


MEANINGS = [*Verdict, BREAKING]


def cuts_of(meaning: str) -> Cuts:
    return CUT if meaning == Verdict.APPROVE_NARROWER else Cuts()


@pytest.mark.parametrize("meaning", MEANINGS)
@pytest.mark.parametrize("session", [HERE, ""])
def test_so_20_an_open_session_alone_decides_nothing(meaning: str, session: str, cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    with no_trace(), refused("not_shown"):
        deciding(version, cast.security, session, meaning)()


@pytest.mark.django_db
@pytest.mark.parametrize("meaning", MEANINGS)
def test_so_20_it_holds_for_five_minutes_and_not_a_microsecond_longer(
    meaning: str, cast: Cast, clock: Clock, in_review: Walk
) -> None:
    version, shown_at = in_review(seats={"Security": 2}), clock.now()
    present.shown(Seen.of(version), cast.security, meaning, cuts_of(meaning))
    for moment in (shown_at + timedelta(minutes=5), shown_at + timedelta(days=1), shown_at - MICROSECOND):
        clock.to(moment)
        with no_trace(), refused("shown_too_long_ago"):
            deciding(version, cast.security, meaning=meaning)()
    clock.just_before(shown_at + timedelta(minutes=5))
    deciding(version, cast.security, meaning=meaning)()
    assert version.decisions.count() == 1


@pytest.mark.parametrize("shown_for", MEANINGS)
def test_so_21_what_was_shown_for_one_verdict_is_none_for_another(shown_for: str, cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    present.shown(Seen.of(version), cast.security, shown_for, cuts_of(shown_for))
    for meaning in MEANINGS:
        if meaning != shown_for:
            with no_trace(), refused("not_shown"):
                deciding(version, cast.security, meaning=meaning)()
    deciding(version, cast.security, meaning=shown_for)()


def test_so_21_what_was_shown_for_another_packet_person_session_or_cuts_signs_nothing(
    cast: Cast, in_review: Walk
) -> None:
    version, other = in_review(seats={"Security": 3}), in_review(seats={"Security": 3})
    seen = Seen.of(version)
    present.shown(Seen.of(other), cast.security, Verdict.APPROVE)
    present.shown(seen, cast.security2, Verdict.APPROVE)
    present.shown(seen, cast.security, Verdict.APPROVE, session="another session")
    present.shown(seen, cast.security, Verdict.APPROVE_NARROWER, OTHER_CUT)
    present.shown(seen, cast.security, Verdict.APPROVE_NARROWER)
    for meaning in (Verdict.APPROVE, Verdict.APPROVE_NARROWER):
        with no_trace(), refused("not_shown"):
            deciding(version, cast.security, meaning=meaning)()
    assert not Presence.objects.exclude(spent_at=None).exists()


def test_so_21_after_somebody_cut_it_has_to_be_shown_again(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    present.shown(Seen.of(version), cast.security, Verdict.APPROVE)
    sign(version, cast.security2, cuts=CUT)
    with no_trace(), refused("stale"):
        deciding(version, cast.security)()
    with no_trace(), refused("not_shown"):
        deciding(latest(version), cast.security)()


def test_so_21_it_is_spent_once_and_a_refusal_spends_nothing(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    present.shown(Seen.of(version), cast.security, Verdict.REQUEST_CHANGES)
    with no_trace(), refused("no_reason"):
        transitions.request_changes(version.pk, seen=Seen.of(version), actor=cast.security, session=HERE, reason=" ")
    present.shown(Seen.of(version), cast.engineer, Verdict.APPROVE)
    with no_trace(), pytest.raises(Exception, match=r"."):
        deciding(version, cast.engineer)()
    assert not Presence.objects.exclude(spent_at=None).exists()
    deciding(version, cast.security, meaning=Verdict.REQUEST_CHANGES)()
    assert Presence.objects.exclude(spent_at=None).count() == 1
    with refused("not_shown"):
        presence.spend(
            cast.security, session_key=HERE, purpose=Seen.of(version).purpose(Verdict.REQUEST_CHANGES, Cuts())
        )


def test_the_decision_and_its_event_keep_how_and_when_it_was_shown(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version, shown_at = in_review(), clock.now()
    purpose = Seen.of(version).purpose(Verdict.APPROVE, Cuts())
    presence.note(cast.security, session_key=HERE, purpose=purpose, by="password and code")
    clock.forward(minutes=2)
    deciding(version, cast.security)()
    decision = version.decisions.get()
    assert (decision.shown_by, decision.shown_at) == ("password and code", shown_at)
    assert decision.signed_with == "signed with password and code"
    detail = json.loads(bytes(Event.objects.get(version=version, kind=EventKind.SIGNED).body))["detail"]
    assert (detail["shown_by"], detail["shown_at"]) == ("password and code", f"{shown_at:%Y-%m-%dT%H:%M:%SZ}")


def test_a_decision_from_before_says_that_it_was_not_asked(cast: Cast, in_force: Walk) -> None:
    decision = in_force().decisions.get()
    decision.shown_by, decision.shown_at = "", None
    assert decision.signed_with == "who signed was not asked again then"


@pytest.mark.django_db(transaction=True)
def test_so_21_one_showing_used_eight_times_at_once_signs_once(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    present.shown(Seen.of(version), cast.security, Verdict.APPROVE)
    assert codes(race(*[deciding(version, cast.security)] * 8)) == {"": 8}
    assert version.decisions.count() == 1 and kinds(version).count(EventKind.SIGNED) == 1
    assert Presence.objects.exclude(spent_at=None).count() == 1
    assert latest(version).state == State.IN_REVIEW


@pytest.mark.django_db(transaction=True)
def test_so_21_one_showing_spent_at_once_is_spent_once(cast: Cast) -> None:
    presence.note(cast.security, session_key=HERE, purpose="a decision", by="passkey")
    spend = partial(presence.spend, cast.security, session_key=HERE, purpose="a decision")
    assert codes(race(*[spend] * 8)) == {"": 1, "not_shown": 7}
