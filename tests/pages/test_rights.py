"""Everybody sees only buttons that work for them, and a request that comes without one is refused in words."""

from __future__ import annotations

import pytest

from approvals import transitions
from approvals.models import Version
from tests.cast import Cast, Walk, no_trace
from tests.pages.asking import seen, signed_in, verb, words_of

pytestmark = pytest.mark.django_db

AT_VERSION = ("submit", "discard", "withdraw", "amend", "renew", "give-up", "decide", "ask")
AT_PACKET = ("suspend", "resume", "revoke", "share", "unshare")
TYPED = {"reason": "Because.", "text": "Why?", "verdict": "approve", "person": "outsider"}


def buttons(person: object, version: Version) -> set[str]:
    return set(words_of(signed_in(person).get(version.get_absolute_url()), "button"))  # type: ignore[arg-type]


def test_an_auditor_sees_everything_and_can_do_nothing(
    cast: Cast, drafted: Walk, in_review: Walk, in_force: Walk, suspended: Walk
) -> None:
    versions = [drafted(), in_review(), in_force(), suspended()]
    for version in versions:
        assert buttons(cast.auditor, version) == set()
        client = signed_in(cast.auditor)
        addresses = [verb(version, name) for name in AT_VERSION]
        addresses += [f"{version.packet.get_absolute_url()}{name}/" for name in AT_PACKET]
        with no_trace():
            for address in addresses:
                response = client.post(address, seen(version, **TYPED))
                assert response.status_code in (403, 409), (address, response.status_code)
                assert response.context["refusal"].message in response.content.decode().replace("&#x27;", "'")


def test_an_outsider_is_told_nothing_by_any_door(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    client = signed_in(cast.outsider)
    for name in AT_VERSION:
        assert client.post(verb(version, name), seen(version, **TYPED)).status_code == 404
    for name in AT_PACKET:
        assert client.post(f"{version.packet.get_absolute_url()}{name}/", TYPED).status_code == 404


def test_anonymous_posts_go_to_sign_in(client: object, in_review: Walk) -> None:
    response = client.post(verb(in_review(), "decide"), {})  # type: ignore[attr-defined]
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


def test_a_teammate_sees_the_review_and_reads_why_they_cannot_sign(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    page = signed_in(cast.teammate).get(version.get_absolute_url())
    assert "decision" not in page.context
    assert str(page.context["why_not_decide"].message) in page.content.decode()
    assert {"Withdraw"} <= set(words_of(page, "button"))


def test_security_signs_and_may_ask_but_not_withdraw(cast: Cast, in_review: Walk) -> None:
    found = buttons(cast.security, in_review())
    assert {"Sign", "Ask"} <= found
    assert not {"Withdraw", "Suspend"} & found  # nothing is granted that could be stopped


def test_an_author_in_the_signing_group_reads_why_not(cast: Cast, in_review: Walk) -> None:
    cast.engineer.groups.add(*cast.security.groups.all())
    page = signed_in(cast.engineer).get(in_review().get_absolute_url())
    assert "Sign" not in words_of(page, "button")
    assert page.context["why_not_decide"].code == "own_version"


def test_the_owner_of_a_version_in_force(cast: Cast, in_force: Walk) -> None:
    found = buttons(cast.engineer, in_force())
    assert {"Renew", "Amend", "Give up", "Suspend", "Revoke", "Share"} <= found
    assert not {"Resume", "Edit", "Sign", "Withdraw"} & found


def test_a_draft_offers_what_a_draft_can_become(cast: Cast, drafted: Walk) -> None:
    version = drafted()
    assert {"Submit for review", "Discard"} <= buttons(cast.teammate, version)
    page = signed_in(cast.teammate).get(version.get_absolute_url()).content.decode()
    assert f'href="{verb(version, "edit")}"' in page


def test_a_responder_stops_and_cannot_start_again(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    assert "Suspend" in buttons(cast.responder, version)
    transitions.suspend(version.packet_id, actor=cast.responder, reason="It looped.")
    assert buttons(cast.responder, version) == set()
    assert "Resume" in buttons(cast.security2, version) | buttons(cast.security, version)
    response = signed_in(cast.responder).post(f"{version.packet.get_absolute_url()}resume/", {"reason": "Go."})
    assert response.status_code == 403


def test_a_revoked_packet_has_no_button_left(cast: Cast, revoked: Walk) -> None:
    version = revoked()
    for person in (cast.engineer, cast.security, cast.responder):
        assert buttons(person, version) <= {"Share"}


@pytest.mark.databases
@pytest.mark.parametrize(
    "address",
    [
        "/packets/AP-0001%00/", "/packets/AP-0001%00/v1/", "/packets/AP-0001%00/v1/edit/",
        "/packets/AP-0001%00/v1.yaml", "/packets/AP-0001%00/suspend/", "/packets/import/?into=AP-0001%00",
        "/record/AP-0001%00/history/", "/agents/sentry-dev%00/", "/identities/stop/?identity=svc%00",
    ],
)  # fmt: skip
def test_a_name_that_a_database_cannot_hold_is_404(cast: Cast, drafted: Walk, address: str) -> None:
    drafted()
    assert signed_in(cast.engineer).get(address).status_code == 404


@pytest.mark.parametrize("address", ["/record/?before={}", "/record/AP-0001/history/?before={}"])
@pytest.mark.parametrize("before", ["0" * 20 + "1" * 5000, "9" * 19, "-1", "1e3"])
def test_a_place_in_the_record_that_is_none_is_said_to_be_none(
    cast: Cast, drafted: Walk, address: str, before: str
) -> None:
    version = drafted()
    url = address.replace("AP-0001", version.packet.reference).format(before)
    assert signed_in(cast.engineer).get(url).status_code in (400, 404)
