"""Signers who leave: before they sign, while they wait, and after."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group

from approvals import rules
from approvals.models import Version
from approvals.transitions import Seen, claiming
from approvals.vocabulary import Role, State
from tests import present
from tests.cast import Cast, Walk, latest, refused, sign

pytestmark = pytest.mark.usefixtures("watched")


def test_so_15_a_signer_who_was_deactivated_or_left_the_group_is_refused(cast: Cast, in_review: Walk) -> None:
    """SO-15: asked of the database inside the transaction, whatever the page still believes."""
    version = in_review(seats={"Security": 2}, owner="engineer")
    person = cast.security2
    assert rules.why_not_sign(version, person) is None
    person.groups.clear()
    with refused("no_seat"):
        sign(version, person)
    person.groups.add(Group.objects.get(name=Role.SECURITY))
    type(person).objects.filter(pk=person.pk).update(is_active=False)
    with refused("inactive"):
        sign(version, person)


def test_a_signer_who_is_deactivated_while_they_wait_for_the_claim_is_refused(
    cast: Cast, in_review: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    version, claim = in_review(), claiming.claim

    def waited(*row: Any, **seen: Any) -> bool:
        type(cast.security).objects.filter(pk=cast.security.pk).update(is_active=False)
        return claim(*row, **seen)

    monkeypatch.setattr(claiming, "claim", waited)
    for verb in (sign, decline):
        with refused("inactive"):
            verb(version, cast.security)
    assert not version.decisions.exists()


def decline(version: Version, person: Any) -> Version:
    return present.reject(version.pk, seen=Seen.of(version), actor=person, reason="Too wide.")


def test_so_16_a_signature_stays_when_its_person_leaves(cast: Cast, in_review: Walk) -> None:
    """SO-16, SO-17: the record shows the name as signed, and nobody with a signature can be deleted."""
    version = in_review(seats={"Security": 2})
    sign(version, cast.security)
    cast.security.is_active, cast.security.first_name = False, "Renamed"
    cast.security.save()
    cast.security.groups.clear()
    sign(version, cast.security2)
    assert latest(version).state == State.APPROVED
    assert version.decisions.get(person=cast.security).person_name == "Sam Sato"
