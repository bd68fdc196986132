"""The database holds what the verbs promise, for whoever writes around them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from approvals import validity
from approvals.models import Decision, Packet, PacketShare, Seat, SignOffRule, Suspension, Version
from approvals.vocabulary import State, Verdict
from tests.cast import Cast, Clock, Walk, everything, sign

pytestmark = pytest.mark.databases


@pytest.fixture
def version(cast: Cast, clock: Clock, in_force: Walk) -> Version:
    """One in force, signed by two, its packet suspended before and shared now."""
    made = in_force(seats={"Security": 2})
    Suspension.objects.create(packet=made.packet, since=clock.moment, by=cast.security, by_name="Sam Sato", reason="?")
    PacketShare.objects.create(packet=made.packet, person=cast.outsider, by=cast.engineer, since=clock.moment)
    return made


def copy(row: object) -> None:
    """The same row once more, under a key of its own."""
    row.pk = None  # type: ignore[attr-defined]
    row._state.adding = True  # type: ignore[attr-defined]
    row.save_base(raw=True)  # type: ignore[attr-defined]


def put(version: Version, **columns: object) -> None:
    """Write columns as no verb would."""
    Version.objects.filter(pk=version.pk).update(**columns)


VIOLATIONS: dict[str, Callable[[Version], object]] = {
    "one number of a packet": lambda v: copy(v),
    "two open versions": lambda v: [
        Version.objects.create(packet=v.packet, number=n, created_at=v.created_at, created_by=v.created_by)
        for n in (8, 9)
    ],
    "approved without an owner": lambda v: put(v, owner=None),
    "approved without a job": lambda v: put(v, job=""),
    "approved without an identity": lambda v: put(v, identity=""),
    "approved without a digest": lambda v: put(v, digest=""),
    "approved without a submitter": lambda v: put(v, submitted_by=None),
    "approved without retention": lambda v: put(v, retention_days=None),
    "approved without a rollback": lambda v: put(v, rollback_path=""),
    "approved without instants": lambda v: put(v, in_force_from=None),
    "approved without an end": lambda v: put(v, ends_at=None),
    "an end at the start": lambda v: put(v, ends_at=v.in_force_from),
    "an asked start after the asked end": lambda v: put(v, starts=v.ends),
    "a system packet with a parent": lambda v: Packet.objects.filter(pk=v.packet_id).update(parent=v.packet_id),
    "a run without a parent": lambda v: Packet.objects.filter(pk=v.packet_id).update(level="run"),
    "revoked by somebody and never": lambda v: Packet.objects.filter(pk=v.packet_id).update(revoked_by=v.owner_id),
    "one reference twice": lambda v: copy(Packet.objects.get(pk=v.packet_id)),
    "two decisions of one person": lambda v: copy(v.decisions.all()[0]),
    "one decision on two seats": lambda v: Seat.objects.filter(version=v).update(decision=v.decisions.all()[0]),
    "two seats in one place": lambda v: Seat.objects.filter(version=v).update(position=1),
    "two open suspensions": lambda v: copy(v.packet.suspensions.get()),
    "a suspension that ends before it starts": lambda v: v.packet.suspensions.update(
        until=v.packet.suspensions.get().since - timedelta(seconds=1)
    ),
    "two open shares": lambda v: copy(v.packet.shares.get()),
    "a rule that asks nobody": lambda v: SignOffRule.objects.filter(is_active=True).update(count=0),
    "a rule without a life": lambda v: SignOffRule.objects.filter(is_active=True).update(longest_life=0),
}


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_the_database_refuses(version: Version, violation: str) -> None:
    before = everything()
    with pytest.raises(IntegrityError), transaction.atomic():
        VIOLATIONS[violation](version)
        connection.check_constraints()
    assert everything() == before


@pytest.mark.parametrize("state", [State.IN_REVIEW, State.CHANGES_REQUESTED, State.REJECTED, State.APPROVED])
def test_a_version_is_a_draft_or_complete(drafted: Walk, state: State) -> None:
    version = drafted(owner="")
    with pytest.raises(IntegrityError), transaction.atomic():
        put(version, state=state)


def test_seats_and_decisions_belong_together(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    sign(version, cast.security)
    assert Decision.objects.count() == Seat.objects.filter(decision__isnull=False).count() == 1


@pytest.mark.parametrize("part", ["who edited", "who submitted"])
def test_so_4_the_database_takes_no_decision_of_an_author(cast: Cast, in_review: Walk, part: str) -> None:
    """Whatever writes the row: a shell, a command, a verb that forgot to ask."""
    version = in_review(seats={"Security": 2})
    sign(version, cast.security)
    row = {"at": validity.now(), "digest": version.digest, "verdict": Verdict.APPROVE, "role": "Security"}
    if part == "who edited":
        version.editors.add(cast.security2)
        person = cast.security2
    else:
        version.editors.clear()
        person = cast.engineer
    with pytest.raises(IntegrityError, match="nobody decides on a version they wrote"), transaction.atomic():
        Decision.objects.create(version=version, person=person, person_name="Somebody", **row)
    assert version.decisions.count() == 1
