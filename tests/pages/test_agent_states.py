"""The page of an agent in every state: how it stands at a glance, its packets over time, and what leads on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from approvals import transitions
from approvals.models import Agent, Version
from approvals.pages.over_time import WIDTH, over_time
from approvals.pages.whole_packets import with_versions
from approvals.telling import dialled
from tests.cast import Cast, Clock, Walk, latest
from tests.pages.asking import signed_in

pytestmark = pytest.mark.django_db


def page(person: Any, agent: str = "sentry-dev") -> str:
    return " ".join(signed_in(person).get(f"/agents/{agent}/").content.decode().split())


def lanes_of(version: Version, now: Any) -> Any:
    return over_time(with_versions(type(version.packet)._default_manager.filter(pk=version.packet_id), 1), now)


def test_a_draft_and_a_review_have_no_authority_yet(cast: Cast, drafted: Walk, in_review: Walk) -> None:
    draft, waiting = drafted(agent="idle-bot"), in_review()
    said = page(cast.teammate, "idle-bot")
    assert "<b>No authority yet.</b>" in said
    assert f"{draft}</a> is a draft" in said
    assert f"{waiting}</a> waits for signatures" in page(cast.security)
    assert 'id="over-time"' not in said


def test_a_scheduled_packet_says_when_it_begins(cast: Cast, in_force: Walk, clock: Clock) -> None:
    in_force(starts=clock.now() + timedelta(days=3))
    said = page(cast.auditor)
    assert "<b>Begins " in said
    assert "until then it may do nothing" in said


def test_one_that_ends_soon_says_what_happens_then(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    assert "loses that authority then" not in page(cast.teammate)
    clock.to((version.ends_at or clock.moment) - timedelta(days=5))
    assert "loses that authority then" in page(cast.teammate)


def test_after_the_end_its_team_is_led_to_a_new_packet(cast: Cast, ended: Walk) -> None:
    version = ended()
    said = page(cast.teammate)
    assert f"{version}</a> ended " in said
    assert "/packets/new/?agent=sentry-dev" in said
    assert "/packets/new/?agent=sentry-dev" not in page(cast.auditor)


def test_a_revoked_one_says_why(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    transitions.revoke(version.packet_id, actor=cast.engineer, reason="Nobody runs it any more.")
    said = page(cast.auditor)
    assert f"{version}</a> was revoked " in said
    assert "Nobody runs it any more." in said


def test_a_deactivated_agent_says_so(cast: Cast, in_force: Walk) -> None:
    in_force()
    agent = Agent.objects.get(slug="sentry-dev")
    agent.is_active = False
    agent.save()
    assert "<b>Deactivated.</b>" in page(cast.auditor)


def test_the_page_leads_to_what_it_may_do_and_to_all_that_use_its_identity(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    assert 'href="/may/?agent=sentry-dev"' in page(cast.auditor)
    stop = f'href="/identities/stop/?identity={version.identity}"'
    assert stop in page(cast.responder)
    assert stop not in page(cast.auditor)


def test_a_packet_over_time_has_each_version_and_each_stop(cast: Cast, in_force: Walk, clock: Clock) -> None:
    first = in_force()
    clock.forward(days=10)
    draft = latest(transitions.renew(first.pk, actor=cast.engineer, ends=clock.now() + timedelta(days=90)))
    second = in_force(of=draft)
    clock.forward(days=2)
    transitions.suspend(first.packet_id, actor=cast.responder, reason="Look.")
    stopped = clock.forward(days=1)
    transitions.resume(first.packet_id, actor=cast.security, reason="Fine.")
    clock.forward(days=1)
    lanes = lanes_of(first, clock.now())
    (lane,) = lanes.lanes
    assert [(one.name, one.how) for one in lane.versions] == [("v2", "ends then"), ("v1", "superseded")]
    assert lane.versions[1].until == second.in_force_from == lane.versions[0].since
    assert [(one.until, one.by) for one in lane.stops] == [(stopped, cast.responder.printed_name)]
    drawn = [*lane.versions, *lane.stops]
    assert all(one.x >= 0 and one.x + one.width <= WIDTH and one.width > 0 for one in drawn)
    said = page(cast.auditor)
    assert said.count('class="held"') == 2
    assert said.count('class="stopped"') == 1
    assert f"by <bdi>{cast.responder.printed_name}</bdi>" in said


def test_what_was_revoked_before_it_began_never_held(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force(starts=clock.now() + timedelta(days=3))
    clock.forward(days=1)
    transitions.revoke(version.packet_id, actor=cast.engineer, reason="Not any more.")
    (lane,) = lanes_of(version, clock.now()).lanes
    assert [(one.how, one.width) for one in lane.versions] == [("never began: revoked", 0)]


def test_over_time_shows_only_packets_one_may_see(cast: Cast, in_force: Walk) -> None:
    shared, hidden = in_force(), in_force()
    transitions.share(shared.packet_id, actor=cast.engineer, person=cast.outsider)
    said = page(cast.outsider)
    assert str(shared.packet) in said
    assert str(hidden.packet) not in said


@pytest.mark.parametrize(
    ("contact", "number"),
    [
        ("+00 555 0102", "+005550102"), ("030/1234 5678", "03012345678"), ("(030) 1234-5678", ""),
        ("pager 12345", ""), ("", ""), ("+1;ext=2", ""), ("12345678901234567890123", ""),
    ],
)  # fmt: skip
def test_only_a_telephone_number_can_be_dialled(contact: str, number: str) -> None:
    assert dialled(contact) == number


def test_the_rollback_owner_is_called_with_one_touch(cast: Cast, in_force: Walk) -> None:
    cast.teammate.night_contact = "+00 555 0102"
    cast.teammate.save()
    in_force(rollback_owner="teammate")
    assert 'href="tel:+005550102"' in page(cast.responder)
