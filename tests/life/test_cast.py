"""The walks lead where they say, so that every other test may trust them."""

from __future__ import annotations

from approvals import validity
from approvals.models import Version
from approvals.vocabulary import EventKind, State
from tests.cast import Walk, kinds


def test_a_version_in_force_was_drafted_submitted_signed_and_approved(in_force: Walk) -> None:
    version = in_force()
    assert Version.objects.in_force_at(validity.now()).contains(version)
    assert kinds(version) == [EventKind.DRAFTED, EventKind.SUBMITTED, EventKind.SIGNED, EventKind.APPROVED]


def test_two_seats_of_two_groups_are_filled_by_four_people(in_force: Walk) -> None:
    version = in_force(seats={"Security": 2, "Legal": 2})
    assert version.decisions.values("person").distinct().count() == 4
    assert version.state == State.APPROVED
