"""Races by the thousand, each over a fresh packet: no transition happens twice, and nobody signs what they did not see.

`make proofs` runs ten thousand of them on PostgreSQL and SQLite together, and prints what was counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.db import connection

from approvals import transitions
from approvals.models import Version
from approvals.transitions import Seen
from approvals.vocabulary import EventKind, State
from portal.models import User
from tests import present
from tests.cast import Cast, content, rules_ask
from tests.life.racing import Racers, codes, racers

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]
MOST = 20  # signers at once
ROUNDS, SIGNING_ROUNDS, A_FEW = 1150, 400, 2  # the many at once are fewer, because each of them is ten races' work


@pytest.fixture
def track(request: pytest.FixtureRequest) -> Iterator[Racers]:
    """Everybody at the start; at the end what was counted is printed, and what must never be is not there."""
    with racers(MOST) as found:
        yield found
    heard = ", ".join(f"{count} {code or 'yes'}" for code, count in sorted(found.heard.items()))
    print(
        f"{request.node.name} on {connection.vendor}: {found.races} races, {found.doubles} double transitions, "
        f"{found.unseen} signatures on unseen content ({heard})"
    )
    assert (found.doubles, found.unseen) == (0, 0)


@pytest.fixture
def reviews(cast: Cast, full_scale: bool) -> Callable[..., Iterator[Version]]:
    """Versions in review, each of an agent and an identity of its own, so that no race makes the next one slower."""

    def some(seats: int, rounds: int = ROUNDS) -> Iterator[Version]:
        rules_ask({"Security": seats})
        cast.signers(seats)
        for number in range(rounds if full_scale else A_FEW):
            body = content(agent=f"bot-{number}", identity=f"svc-{number}")
            draft = transitions.draft(body, actor=cast.engineer, team=cast.team)
            yield transitions.submit(draft.pk, seen=Seen.of(draft), actor=cast.engineer)

    return some


def signing(seen: Seen, version: Version, person: User) -> Callable[[], Version]:
    return partial(present.sign, version.pk, seen=seen, actor=person, reason="Fine.")


def state(version: Version) -> str:
    return Version.objects.values_list("state", flat=True).get(pk=version.pk)


def test_so_11_two_to_twenty_signers_on_two_seats(cast: Cast, track: Racers, reviews: Any) -> None:
    people = cast.signers(MOST)
    for number, version in enumerate(reviews(2, SIGNING_ROUNDS)):
        seen = Seen.of(version)
        signers = people[: 2 + number % (MOST - 1)]
        heard = codes(track.race(*(signing(seen, version, person) for person in signers)))
        assert heard[""] == 2 and heard.keys() <= {"", "too_late", "seat_taken"}
        assert state(version) == State.APPROVED and version.decisions.count() == 2
        track.judge(version, seen)


def test_so_3_edit_against_sign(cast: Cast, track: Racers, reviews: Any) -> None:
    """The owner takes it back, writes something else and submits that, while somebody signs what they saw before."""

    def rewrite(version: Version, seen: Seen) -> Version:
        draft = transitions.withdraw(version.pk, seen=seen, actor=cast.engineer)
        body = content(agent=version.packet.agent.slug, identity=version.identity, job="Something else.")
        draft = transitions.edit(draft.pk, body, seen=Seen.of(draft), actor=cast.engineer)
        return transitions.submit(draft.pk, seen=Seen.of(draft), actor=cast.engineer)

    for version in reviews(1):
        seen = Seen.of(version)
        heard = codes(track.race(signing(seen, version, cast.security), partial(rewrite, version, seen)))
        assert heard[""] == 1 and heard.keys() <= {"", "stale", "wrong_state", "too_late"}
        assert version.decisions.count() == int(state(version) == State.APPROVED)
        assert not any(one.decisions.exists() for one in version.packet.versions.exclude(pk=version.pk))
        track.judge(version, seen)


def test_revoke_against_sign(cast: Cast, track: Racers, reviews: Any) -> None:
    for version in reviews(1):
        seen = Seen.of(version)
        revoking = partial(transitions.revoke, version.packet_id, actor=cast.security2, reason="Stop.")
        heard = codes(track.race(signing(seen, version, cast.security), revoking))
        assert heard in ({"": 2}, {"": 1, "revoked": 1})
        assert state(version) == (State.APPROVED if heard[""] == 2 else State.CLOSED)
        track.judge(version, seen, once=(EventKind.APPROVED, EventKind.REVOKED))


def test_so_24_break_glass_against_sign(cast: Cast, track: Racers, reviews: Any) -> None:
    for version in reviews(2):
        seen = Seen.of(version)
        breaking = partial(present.break_glass, version.pk, seen=seen, actor=cast.security, reason="Urgent.")
        heard = codes(track.race(breaking, signing(seen, version, cast.security2)))
        assert heard in ({"": 2}, {"": 1, "nothing_missing": 1})
        assert (state(version) == State.APPROVED) is (heard[""] == 2)
        track.judge(version, seen, once=(EventKind.APPROVED, EventKind.GLASS_BROKEN))


def test_hand_over_against_sign(cast: Cast, track: Racers, reviews: Any) -> None:
    """What is in review does not change hands; once it is signed, the next draft does, and the signed one stays."""
    for version in reviews(1):
        seen = Seen.of(version)
        handing = partial(
            transitions.hand_over, version.packet_id, actor=cast.admin, leaver=cast.engineer, to=cast.teammate
        )
        results = track.race(signing(seen, version, cast.security), handing)
        assert codes(results) in ({"": 2}, {"": 1, "in_review": 1})
        assert state(version) == State.APPROVED, "handing over never keeps a signature back"
        drafts = version.packet.versions.exclude(pk=version.pk)
        assert [one.decisions.count() for one in drafts] == [0] * (codes(results)[""] - 1)
        track.judge(version, seen, once=(EventKind.APPROVED, EventKind.HANDED_OVER))
