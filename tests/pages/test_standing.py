"""How a version stands: the rows in memory say what the query sets say, at every instant that matters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from approvals import transitions
from approvals.models import Version
from approvals.standing import ending_soon, ends_soon, is_granted, standing_of, suspension_at
from approvals.vocabulary import Standing, State
from tests.cast import MICROSECOND, Cast, Clock, Walk, latest

pytestmark = pytest.mark.django_db

HOLDING = (Standing.IN_FORCE, Standing.ENDS_SOON)


def around(*instants: datetime | None) -> Iterator[datetime]:
    """Each instant with the last one before it and the first after it."""
    for instant in instants:
        if instant is not None:
            yield from (instant - MICROSECOND, instant, instant + MICROSECOND)


def moments(version: Version) -> Iterator[datetime]:
    """Every instant at which anything about this version could change."""
    stops = [instant for stop in version.packet.suspensions.all() for instant in (stop.since, stop.until)]
    near = [version.ends_at - timedelta(days=days) for days in (31, 30, 14, 7, 3, 1)] if version.ends_at else []
    yield from around(
        version.in_force_from, version.ends_at, version.superseded_at, version.packet.revoked_at, *stops, *near
    )


def assert_same_everywhere() -> None:
    for version in Version.objects.for_page():
        for moment in moments(version):
            holds = Version.objects.in_force_at(moment).filter(pk=version.pk)
            standing = standing_of(version, moment)
            assert (standing in HOLDING) is holds.exists(), (version, moment, standing)
            granted = Version.objects.granted_at(moment).filter(pk=version.pk).exists()
            assert is_granted(version, moment) is granted, (version, moment)
            soon = holds.filter(ending_soon(moment)).exists()
            assert (standing is Standing.ENDS_SOON) is soon, (version, moment, standing)


def test_memory_and_database_agree_at_every_instant(
    cast: Cast, clock: Clock, in_force: Walk, renewed: Walk, suspended: Walk, drafted: Walk
) -> None:
    drafted()
    first = in_force()
    clock.forward(days=3)
    renewed(first)
    stopped = suspended()
    clock.forward(days=1)
    transitions.resume(stopped.packet_id, actor=cast.security2, reason="It is mended.")
    revoked = in_force()
    clock.forward(days=1)
    transitions.revoke(revoked.packet_id, actor=cast.security, reason="Retired.")
    in_force(starts=clock.now() + timedelta(days=2))
    assert_same_everywhere()


def test_start_counts_and_end_does_not(clock: Clock, in_force: Walk) -> None:
    version = in_force()
    assert version.in_force_from
    assert version.ends_at
    assert standing_of(version, version.in_force_from) in HOLDING
    assert standing_of(version, version.in_force_from - MICROSECOND) is Standing.SCHEDULED
    assert standing_of(version, version.ends_at) is Standing.ENDED


def test_what_came_first_stays_true(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force()
    assert version.ends_at
    clock.to(version.ends_at + timedelta(days=1))
    transitions.revoke(version.packet_id, actor=cast.security, reason="Cleaning up.")
    version = latest(version)
    assert standing_of(version, clock.now()) is Standing.ENDED


def test_a_superseded_version_says_so(clock: Clock, in_force: Walk, renewed: Walk) -> None:
    first = in_force()
    clock.forward(days=3)
    second = renewed(first)
    assert standing_of(latest(first), clock.now()) is Standing.SUPERSEDED
    assert standing_of(second, clock.now()) in HOLDING


def test_a_short_life_does_not_end_soon_from_its_first_minute(clock: Clock, in_force: Walk) -> None:
    version = in_force(ends=clock.now() + timedelta(days=10))
    assert not ends_soon(version, clock.now())
    assert ends_soon(version, clock.now() + timedelta(days=3))
    assert not ends_soon(version, clock.now() + timedelta(days=3) - MICROSECOND)


def test_a_run_waits_for_its_system_packet(in_force: Walk, clock: Clock) -> None:
    assert standing_of(in_force(), clock.now(), parent_holds=False) is Standing.SUSPENDED


def test_a_suspension_is_found_only_while_it_lasts(cast: Cast, clock: Clock, suspended: Walk) -> None:
    version = suspended()
    assert suspension_at(version.packet, clock.now())
    assert suspension_at(version.packet, clock.now() - MICROSECOND) is None
    clock.forward(hours=1)
    transitions.resume(version.packet_id, actor=cast.security, reason="Mended.")
    assert suspension_at(latest(version).packet, clock.now()) is None


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW])
def test_an_open_version_stands_as_it_is_stored(state: State, clock: Clock, drafted: Walk, in_review: Walk) -> None:
    version = drafted() if state is State.DRAFT else in_review()
    assert standing_of(version, clock.now()) == Standing(state)
