"""A page asks the database at most ten times, and as often for sixty rows as for three."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals import transitions
from approvals.models import Version
from approvals.transitions import Seen
from tests.cast import Cast, Clock, Walk, latest, sign
from tests.pages.asking import signed_in

pytestmark = pytest.mark.django_db

MOST = 10
FEW, MANY = 3, 60


def statements(person: Any, address: str) -> int:
    """How many statements the page takes, session and navigation counted."""
    client = signed_in(person)
    assert connection.features.supports_json_field in (True, False)  # Django asks once for each process
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200, address
    assert len(asked) <= MOST, "\n".join(query["sql"][:200] for query in asked)
    return len(asked)


def people(cast: Cast) -> tuple[Any, ...]:
    return (cast.engineer, cast.security, cast.auditor, cast.responder)


def test_lists_take_as_many_for_sixty_rows_as_for_three(cast: Cast, drafted: Walk, in_force: Walk) -> None:
    tabs = ("mine", "waiting", "in-force", "ends-soon", "stopped", "ended", "all")
    addresses = [f"/packets/?tab={tab}" for tab in tabs]
    addresses += ["/packets/?tab=all&q=git x", "/agents/", "/agents/?show=without", "/agents/sentry-dev/"]
    for _ in range(FEW):
        in_force()
    few = {(person, address): statements(person, address) for person in people(cast) for address in addresses}
    for number in range(MANY - FEW):
        drafted() if number % 2 else drafted(agent=f"bot-{number}")
    in_force(agent="one-more")
    for (person, address), count in few.items():
        assert statements(person, address) <= max(count, 9), (person, address)


def full(cast: Cast, clock: Clock, version: Version, times: int) -> Version:
    """Questions, a stop that is over, shares, and versions before it."""
    for number in range(times):
        question = transitions.ask(version.pk, f"Why, {number}?", actor=cast.security)
        transitions.answer(question.pk, "So.", actor=cast.teammate)
        transitions.share(version.packet_id, actor=cast.engineer, person=cast.person(f"reader{times}-{number}"))
        clock.forward(minutes=1)
    return latest(version)


def test_a_packet_page_takes_as_many_for_sixty_rows_as_for_three(
    cast: Cast, clock: Clock, in_review: Walk, in_force: Walk
) -> None:
    tools = "\n".join(f"Bash(tool-{number} *)" for number in range(MANY))
    small = full(cast, clock, in_review(seats={"Security": 2}), FEW)
    draft = in_review(seats={"Security": 6}, tools=tools)
    for _ in range(4):
        draft = transitions.withdraw(draft.pk, seen=Seen.of(draft), actor=cast.engineer)
        draft = in_review(seats=None, of=latest(draft))
    large = full(cast, clock, draft, 20)
    for signer in (cast.security2, *cast.signers(3)):
        sign(large, signer)
    for person in people(cast):
        few = statements(person, small.get_absolute_url())
        assert statements(person, large.get_absolute_url()) == few
        assert statements(person, large.packet.get_absolute_url()) == few


def test_every_kind_of_packet_page_stays_within_ten(
    cast: Cast, clock: Clock, drafted: Walk, suspended: Walk, revoked: Walk, in_force: Walk, renewed: Walk
) -> None:
    first = in_force()
    clock.forward(days=1)
    versions = [first, renewed(first), drafted(), suspended(), revoked()]
    sent_back = transitions.amend(versions[3].pk, actor=cast.engineer)
    versions += [sent_back, in_force(starts=clock.now() + timedelta(days=3))]
    for version in versions:
        for person in people(cast):
            statements(person, version.get_absolute_url())
            statements(person, version.packet.get_absolute_url())


def test_the_pages_of_a_second_look_stay_within_ten(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    for name in ("suspend", "revoke"):
        statements(cast.security, f"{version.packet.get_absolute_url()}{name}/")
    statements(cast.engineer, f"{version.get_absolute_url()}give-up/")
    statements(cast.security, "/agents/sentry-dev/stop/")
    statements(cast.security, f"/identities/stop/?identity={version.identity}")
