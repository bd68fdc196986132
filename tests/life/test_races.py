"""Two people in the same moment, over connections of their own: one wins, the other hears why, and nothing is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest
from django.db import close_old_connections, connection, connections

from approvals import transitions, validity
from approvals.asking import asked
from approvals.cuts import Cut, Cuts
from approvals.errors import Refused
from approvals.models import Packet, Suspension, Version
from approvals.transitions import Seen
from approvals.vocabulary import EventKind, Field, State, Verdict
from portal.models import User
from tests import present
from tests.cast import Cast, Walk, content, kinds, latest

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]
SIGNERS = 8
PARALLEL = 20  # requests of one person at once


@pytest.fixture
def times(full_scale: bool, request: pytest.FixtureRequest) -> Iterator[range]:
    """How often each race is run: enough to notice every day, enough to be sure in `make proofs`, which prints it."""
    rounds = range(40 if full_scale else 2)
    yield rounds
    print(f"{request.node.name}: {len(rounds)} rounds on {connection.vendor}")


def race(*runners: Callable[[], Any]) -> list[Any]:
    """Start all at one signal, each in a thread with its own connection; what each returned, or its refusal."""
    results: list[Any] = [None] * len(runners)
    signal = threading.Barrier(len(runners))

    def run(place: int) -> None:
        try:
            signal.wait(timeout=20)
            results[place] = runners[place]()
        except Exception as error:  # a refusal is an answer; anything else fails the test below
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(runners))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    close_old_connections()
    unexpected = [result for result in results if isinstance(result, Exception) and not isinstance(result, Refused)]
    assert not unexpected, unexpected
    return results


def codes(results: Sequence[Any]) -> Counter[str]:
    """How often which refusal was heard; "" is a yes."""
    return Counter(result.code if isinstance(result, Refused) else "" for result in results)


def signing(version: Version, person: User, seen: Seen | None = None, **kwargs: Any) -> Callable[[], Version]:
    seen = seen or Seen.of(version)
    return lambda: present.sign(version.pk, seen=seen, actor=person, reason="Fine.", **kwargs)


def test_eight_signers_on_eight_seats(cast: Cast, in_review: Walk, times: range) -> None:
    people = cast.signers(SIGNERS)
    for _ in times:
        version = in_review(seats={"Security": SIGNERS})
        results = race(*(signing(version, person) for person in people))
        assert codes(results) == {"": SIGNERS}
        assert version.seats.filter(decision__isnull=False).count() == version.decisions.count() == SIGNERS
        said = Counter(kinds(version))
        assert said[EventKind.SIGNED] == SIGNERS and said[EventKind.APPROVED] == 1
        assert latest(version).state == State.APPROVED


def test_so_11_eight_signers_on_the_last_seat(cast: Cast, in_review: Walk, times: range) -> None:
    people = cast.signers(SIGNERS)
    for _ in times:
        version = in_review(seats={"Security": 1})
        heard = codes(race(*(signing(version, person) for person in people)))
        assert heard[""] == 1 and heard == {"": 1, "too_late": SIGNERS - 1}
        assert version.decisions.count() == 1
        assert Counter(kinds(version))[EventKind.APPROVED] == 1


def test_so_12_one_signer_twenty_times_at_once(cast: Cast, in_review: Walk, times: range) -> None:
    for _ in times:
        for seats in (1, 2):
            version = in_review(seats={"Security": seats})
            assert codes(race(*[signing(version, cast.security)] * PARALLEL)) == {"": PARALLEL}
            assert version.decisions.count() == 1 and Counter(kinds(version))[EventKind.SIGNED] == 1


def test_two_cuts_of_the_same_line(cast: Cast, in_review: Walk, times: range) -> None:
    cut = Cuts((Cut(Field.TOOLS, "Bash(git log *)"),))
    for _ in times:
        version = in_review(seats={"Security": 2})
        narrower: dict[str, Any] = {"cuts": cut, "verdict": Verdict.APPROVE_NARROWER}
        heard = codes(race(signing(version, cast.security, **narrower), signing(version, cast.security2, **narrower)))
        assert heard == {"": 1, "stale": 1}
        assert version.decisions.count() == 1 and latest(version).state == State.IN_REVIEW


def test_so_13_approve_against_reject(cast: Cast, in_review: Walk, times: range) -> None:
    for _ in times:
        version = in_review()
        seen = Seen.of(version)
        results = race(
            signing(version, cast.security),
            partial(present.reject, version.pk, seen=seen, actor=cast.security2, reason="No."),
        )
        heard = codes(results)
        assert heard[""] == 1 and sum(heard.values()) == 2 and heard.keys() <= {"", "too_late", "wrong_state"}
        assert version.decisions.count() == 1
        approved = latest(version).state == State.APPROVED
        assert approved is not isinstance(results[0], Refused)


def test_edit_against_submit_and_sign(cast: Cast, drafted: Walk, in_review: Walk, times: range) -> None:
    """An edit of the draft races its submission: what is signed is one of the two, and never a mixture."""
    for _ in times:
        version = drafted()
        in_review()  # the rules and people for one signature of Security
        seen = Seen.of(version)
        results = race(
            partial(transitions.submit, version.pk, seen=seen, actor=cast.engineer),
            partial(transitions.edit, version.pk, content(job="Else."), seen=seen, actor=cast.teammate),
        )
        assert codes(results) == {"": 1, "stale": 1}
        now = latest(version)
        assert (now.state == State.IN_REVIEW) is not isinstance(results[0], Refused)
        assert asked(now) == (content() if now.state == State.IN_REVIEW else content(job="Else."))


def test_withdraw_to_edit_against_sign(cast: Cast, in_review: Walk, times: range) -> None:
    for _ in times:
        version = in_review()
        seen = Seen.of(version)
        results = race(
            signing(version, cast.security),
            partial(transitions.withdraw, version.pk, seen=seen, actor=cast.engineer),
        )
        heard = codes(results)
        assert heard[""] == 1 and heard.keys() <= {"", "stale", "wrong_state", "too_late"}
        signed = latest(version).state == State.APPROVED
        assert version.decisions.count() == int(signed)
        assert version.packet.versions.count() == (1 if signed else 2)


def test_revoke_against_sign(cast: Cast, in_review: Walk, times: range) -> None:
    for _ in times:
        version = in_review()
        results = race(
            signing(version, cast.security),
            partial(transitions.revoke, version.packet_id, actor=cast.security2, reason="Stop."),
        )
        assert not isinstance(results[1], Refused), "revoking always lands"
        assert codes(results).keys() <= {"", "revoked"}
        assert not Version.objects.in_force_at(validity.now()).filter(pk=version.pk).exists()
        assert latest(version).state in (State.APPROVED, State.CLOSED)


def test_so_24_break_glass_against_sign(cast: Cast, in_review: Walk, times: range) -> None:
    """Whichever comes first: approved with all signatures, never a second glass, and no signature is lost."""
    for _ in times:
        version = in_review(seats={"Security": 2})
        breaking = partial(
            present.break_glass, version.pk, seen=Seen.of(version), actor=cast.security, reason="Urgent."
        )
        heard = codes(race(breaking, signing(version, cast.security2)))
        assert heard in ({"": 2}, {"": 1, "nothing_missing": 1})
        now = latest(version)
        assert (now.state == State.APPROVED) is (heard[""] == 2)
        assert (now.glass_broken_at is not None) is (heard[""] == 2) and version.decisions.count() == heard[""]


def test_two_break_the_glass_at_once(cast: Cast, in_review: Walk, times: range) -> None:
    for _ in times:
        version = in_review(seats={"Security": 3})
        both = (
            partial(present.break_glass, version.pk, seen=Seen.of(version), actor=person, reason="Urgent.")
            for person in (cast.security, cast.security2)
        )
        assert codes(race(*both)) == {"": 1, "broken_already": 1}
        assert version.decisions.count() == 1 and Counter(kinds(version))[EventKind.GLASS_BROKEN] == 1


def test_suspend_against_sign(cast: Cast, in_review: Walk, times: range) -> None:
    for _ in times:
        version = in_review()
        results = race(
            signing(version, cast.security),
            partial(transitions.suspend, version.packet_id, actor=cast.responder, reason="Stop."),
        )
        assert codes(results) == {"": 2}
        assert latest(version).state == State.APPROVED
        assert not Version.objects.in_force_at(validity.now()).filter(pk=version.pk).exists()


def test_eight_suspensions_at_once(cast: Cast, in_force: Walk, times: range) -> None:
    for _ in times:
        version = in_force()
        stop = [partial(transitions.suspend, version.packet_id, actor=cast.responder, reason="Stop.")] * SIGNERS
        assert codes(race(*stop)) == {"": 1, "already_suspended": SIGNERS - 1}
        assert Suspension.objects.filter(packet=version.packet_id).count() == 1


def test_two_renewals_at_once(cast: Cast, in_force: Walk, times: range) -> None:
    for _ in times:
        version = in_force()
        results = race(
            *(partial(transitions.renew, version.pk, actor=person) for person in (cast.engineer, cast.teammate))
        )
        assert codes(results) == {"": 1, "open_version": 1}
        assert version.packet.versions.count() == 2


def test_two_drafts_of_one_new_agent_at_once(cast: Cast, times: range) -> None:
    for number in times:
        body = content(agent=f"new-{number}")
        results = race(*[partial(transitions.draft, body, actor=cast.engineer)] * 2)
        heard = codes(results)
        assert heard[""] >= 1 and heard.keys() <= {"", "agent_taken"}
        assert Packet.objects.filter(agent__slug=f"new-{number}").count() == heard[""]


def test_expire_twice_at_once_is_written_once(cast: Cast, in_force: Walk, settings: Any, times: range) -> None:
    versions = [in_force() for _ in times]
    settings.CLOCK_SHIFT = 100 * 24 * 3600
    for version in versions:
        seen = Seen.of(version)
        heard = codes(race(*[partial(transitions.expire, version.pk, seen=seen)] * 4))
        assert heard == {"": 1, "recorded": 3} and Counter(kinds(version))[EventKind.ENDED] == 1
