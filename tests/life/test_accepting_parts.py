"""Owner and rollback owner named by somebody else accept with one click; it holds for the packet."""

from __future__ import annotations

import pytest

from approvals import transitions
from approvals.models import PartAccepted
from approvals.vocabulary import EventKind
from tests.cast import Cast, Walk, kinds, no_trace, refused
from tests.pages.asking import signed_in

pytestmark = [pytest.mark.databases, pytest.mark.usefixtures("watched")]
ASKED = "has not accepted yet"


def test_one_click_accepts_every_part_and_is_an_event(cast: Cast, in_review: Walk) -> None:
    version = in_review(owner="teammate", rollback_owner="teammate")
    assert transitions.accept_parts(version.packet_id, actor=cast.teammate) == ["Agent owner", "Rollback owner"]
    assert set(PartAccepted.objects.values_list("part", "person")) == {
        ("owner", cast.teammate.pk), ("rollback_owner", cast.teammate.pk),
    }  # fmt: skip
    assert kinds(version.packet)[-1] == EventKind.PART_ACCEPTED
    with refused("not_named"):
        transitions.accept_parts(version.packet_id, actor=cast.teammate)


def test_nobody_accepts_for_somebody_else(cast: Cast, in_review: Walk) -> None:
    version = in_review(owner="engineer", rollback_owner="teammate")
    for person in (cast.engineer, cast.security, cast.admin, cast.outsider):
        with refused("not_named"):
            transitions.accept_parts(version.packet_id, actor=person)
    assert not PartAccepted.objects.exists()


def test_a_renewal_does_not_ask_again_and_another_person_is_asked(cast: Cast, in_force: Walk, in_review: Walk) -> None:
    first = in_force(owner="engineer", rollback_owner="teammate")
    transitions.accept_parts(first.packet_id, actor=cast.teammate)
    in_review(of=transitions.renew(first.pk, actor=cast.engineer))
    with refused("not_named"):
        transitions.accept_parts(first.packet_id, actor=cast.teammate)


def test_signers_see_who_has_not_accepted_and_the_person_has_a_button(cast: Cast, in_review: Walk) -> None:
    version = in_review(owner="engineer", rollback_owner="teammate")
    signer, named = signed_in(cast.security), signed_in(cast.teammate)
    page, action = version.get_absolute_url(), f"/packets/{version.packet}/accept/"
    assert ASKED in signer.get(page).content.decode() and action not in signer.get(page).content.decode()
    with no_trace():
        assert action in named.get(page).content.decode() and action in named.get("/").content.decode()
        assert named.get(action).status_code == 405
        assert signed_in(cast.outsider).post(action).status_code == 404
        assert signer.post(action).status_code == 409
    assert named.post(action).status_code == 302
    assert ASKED not in signer.get(page).content.decode() and action not in named.get("/").content.decode()
