"""The verbs of the packet page: at once where that is safe, with a second look where something stops."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from approvals.models import Version
from approvals.transitions import Seen
from approvals.vocabulary import EventKind, State
from tests import present
from tests.cast import Cast, Clock, Walk, kinds, latest, no_trace
from tests.pages.asking import seen, signed_in, verb, words_of

pytestmark = pytest.mark.django_db

REASON = {"reason": "It wrote to the wrong table."}


def of_packet(version: Version, name: str) -> str:
    return f"{version.packet.get_absolute_url()}{name}/"


def test_submit_withdraw_and_discard(cast: Cast, drafted: Walk) -> None:
    version, client = drafted(), signed_in(cast.engineer)
    response = client.post(verb(version, "submit"), seen(version))
    assert (response.status_code, response["Location"]) == (302, version.get_absolute_url())
    assert latest(version).state == State.IN_REVIEW
    client.post(verb(version, "withdraw"), seen(latest(version)))
    draft = version.packet.versions.get(number=2)
    assert draft.state == State.DRAFT
    assert client.get(verb(draft, "discard")).status_code == 200
    assert latest(draft).state == State.DRAFT  # looking discards nothing
    client.post(verb(draft, "discard"), seen(draft))
    assert latest(draft).state == State.CLOSED


def test_an_incomplete_draft_is_not_submitted_and_says_what_is_missing(cast: Cast, drafted: Walk) -> None:
    version = drafted(identity="", rollback_path="")
    with no_trace():
        response = signed_in(cast.engineer).post(verb(version, "submit"), seen(version))
    assert response.status_code == 422
    page = response.content.decode()
    assert "Name the account, principal or credential reference the agent acts as." in page
    assert "Write the steps to take when it goes wrong." in page
    assert verb(version, "edit") in page


def test_a_stale_submit_is_409_and_says_so(cast: Cast, drafted: Walk) -> None:
    version = drafted()
    response = signed_in(cast.engineer).post(verb(version, "submit"), seen(version, revision=99))
    assert response.status_code == 409
    assert "changed after you opened the page" in response.content.decode()
    assert latest(version).state == State.DRAFT


@pytest.mark.parametrize("typed", [{}, {"revision": "x"}, {"revision": ""}])
def test_a_submit_that_names_nothing_seen_does_nothing(typed: dict[str, str], cast: Cast, drafted: Walk) -> None:
    version = drafted()
    with no_trace():
        assert signed_in(cast.engineer).post(verb(version, "submit"), typed).status_code == 409


@pytest.mark.parametrize(("name", "renews"), [("amend", False), ("renew", True)])
def test_amend_and_renew_open_the_next_draft(name: str, renews: bool, cast: Cast, in_force: Walk) -> None:
    version = in_force()
    response = signed_in(cast.teammate).post(verb(version, name), seen(version))
    draft = version.packet.versions.get(number=2)
    assert response["Location"] == draft.get_absolute_url()
    assert (draft.state, draft.renews) == (State.DRAFT, renews)
    again = signed_in(cast.teammate).post(verb(version, name), seen(version))
    assert again.status_code == 409
    assert version.packet.versions.count() == 2


def test_give_up_drops_what_is_ticked_at_once(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force(tools="Bash(git diff *)\nBash(git log *)")
    grant = version.grants.get(method="git log *")
    client = signed_in(cast.engineer)
    page = client.get(verb(version, "give-up"))
    assert f'value="{grant.pk}-remove"' in page.content.decode()
    response = client.post(verb(version, "give-up"), seen(version, cut=[f"{grant.pk}-remove"]))
    assert response.status_code == 302
    assert "Bash(git log *)" not in [str(one) for one in version.grants.standing_at(clock.now())]
    shown = client.get(version.get_absolute_url()).content.decode()
    assert "gave up 1 line" in shown


def test_giving_up_nothing_is_refused(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    with no_trace():
        response = signed_in(cast.engineer).post(verb(version, "give-up"), seen(version, reason="Keep this."))
    assert response.status_code == 422
    assert "Keep this." in response.content.decode()


@pytest.mark.parametrize("name", ["suspend", "revoke"])
def test_a_stop_takes_a_second_look_and_a_reason(name: str, cast: Cast, in_force: Walk) -> None:
    version, client = in_force(), signed_in(cast.security)
    page = client.get(of_packet(version, name))
    assert page.status_code == 200
    assert name.capitalize() in words_of(page, "button")
    assert "What this cannot stop" in page.content.decode()
    with no_trace():
        assert client.post(of_packet(version, name), {"reason": " "}).status_code == 422
    assert client.post(of_packet(version, name), REASON).status_code == 302
    kind = EventKind.SUSPENDED if name == "suspend" else EventKind.REVOKED
    assert kind in kinds(version.packet)
    with no_trace():
        response = client.post(of_packet(version, name), REASON)
    assert response.status_code == 409
    assert REASON["reason"] in client.get(version.get_absolute_url()).content.decode()


def test_resume_lifts_the_suspension(cast: Cast, clock: Clock, suspended: Walk) -> None:
    version = suspended()
    clock.forward(hours=1)
    response = signed_in(cast.security2).post(of_packet(version, "resume"), REASON)
    assert response.status_code == 302
    assert not version.packet.suspensions.filter(until__isnull=True).exists()


def test_resume_after_the_end_is_refused(cast: Cast, clock: Clock, suspended: Walk) -> None:
    version = suspended()
    assert version.ends_at
    clock.to(version.ends_at + timedelta(seconds=1))
    response = signed_in(cast.security2).post(of_packet(version, "resume"), REASON)
    assert response.status_code == 409
    assert response.context["refusal"].code == "ended"


def test_the_owner_shares_and_takes_it_back(cast: Cast, in_force: Walk) -> None:
    version, owner, other = in_force(), signed_in(cast.engineer), signed_in(cast.outsider)
    address = version.get_absolute_url()
    assert other.get(address).status_code == 404
    assert owner.post(of_packet(version, "share"), {"person": "outsider"}).status_code == 302
    assert other.get(address).status_code == 200
    assert "Stop sharing" in words_of(owner.get(address), "button")
    assert owner.post(of_packet(version, "unshare"), {"person": "outsider"}).status_code == 302
    assert other.get(address).status_code == 404


@pytest.mark.parametrize("typed", ["", "nobody-here", "<b>", "x" * 400, "\x00"])
def test_sharing_with_nobody_is_refused_and_kept(typed: str, cast: Cast, in_force: Walk) -> None:
    version = in_force()
    with no_trace():
        response = signed_in(cast.engineer).post(of_packet(version, "share"), {"person": typed})
    assert response.status_code == 422
    assert "<b>" not in response.content.decode().partition('id="share"')[2].partition("</section>")[0]


def test_a_renewal_under_a_suspension_does_not_lift_it(
    cast: Cast, clock: Clock, suspended: Walk, renewed: Walk
) -> None:
    version = suspended()
    clock.forward(days=1)
    second = renewed(version)
    page: Any = signed_in(cast.engineer).get(second.get_absolute_url())
    assert page.context["stop"] is not None
    assert page.context["dossier"].standing == "suspended"


def test_amending_from_a_page_someone_else_left_behind(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    present.reject(version.pk, seen=Seen.of(version), actor=cast.security, reason="No.")
    assert "Amend" in words_of(signed_in(cast.engineer).get(version.get_absolute_url()), "button")
    assert signed_in(cast.engineer).post(verb(version, "amend"), {}).status_code == 302
