"""Signers who leave: before they sign, while they wait, and after."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group

from approvals import rules, tasks, transitions
from approvals.letters import outbox
from approvals.models import Letter, Version
from approvals.transitions import Seen, claiming
from approvals.vocabulary import Role, State
from tests import present
from tests.cast import Cast, Clock, Walk, latest, refused, sign
from tests.pages.asking import signed_in

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


def test_so_16_whoever_left_is_flagged_wherever_their_signature_is_read(cast: Cast, in_force: Walk) -> None:
    """SO-16: on the page, in Why?, on paper and in the letter of the renewal; closed accounts like changed groups."""
    version = in_force(seats={"Security": 1})
    page, why = version.get_absolute_url(), f"/why/?agent={version.packet.agent}&did=git+diff+HEAD"
    asked = [page, f"{page.rstrip('/')}.md", why]
    reader = signed_in(cast.auditor)

    def says(address: str) -> bool:
        return "has left the group since" in reader.get(address).content.decode().lower()

    assert not any(says(address) for address in asked)
    cast.security.is_active = False  # still in the group, and nobody can ask them any more
    cast.security.save()
    assert all(says(address) for address in asked), [address for address in asked if not says(address)]
    renewal = transitions.renew(version.pk, actor=cast.engineer)
    transitions.submit(renewal.pk, seen=Seen.of(renewal), actor=cast.engineer)
    outbox.announce_all()
    letter = Letter.objects.get(recipient=cast.security2, version=renewal)
    assert (
        "Left since they signed" in letter.text
        and f"Sam Sato (Security) signed {version}, and has left since." in letter.text
    )


def test_so_16_whoever_left_is_flagged_in_lists_and_reminders(cast: Cast, clock: Clock, in_force: Walk) -> None:
    """SO-16: in the list, on Home of whoever has to renew it, and in the reminder; of what is over nowhere."""
    version = in_force(seats={"Security": 1}, ends=clock.moment + timedelta(days=30))
    clock.forward(days=23)
    lists = [(cast.engineer, "/"), (cast.engineer, "/packets/?tab=mine"), (cast.auditor, "/packets/?tab=in-force")]

    def says() -> list[bool]:
        return [b"A signer has left since." in signed_in(person).get(address).content for person, address in lists]

    assert says() == [False] * 3
    cast.security.groups.clear()
    assert says() == [True] * 3
    tasks.flag_expiring()
    letter = Letter.objects.get(reminders__version=version)
    assert f"Sam Sato (Security) signed {version}, and has left since." in letter.text
    transitions.revoke(version.packet_id, actor=cast.security2, reason="The agent is retired.")
    assert says() == [False] * 3
