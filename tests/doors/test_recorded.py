"""What anybody does by any door leaves its line in the record: who, when, in which request. Nothing changes without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from approvals.models import Event
from tests.doors.addresses import places
from tests.doors.knocking import Doors, Knock, knocks
from tests.doors.table import table
from tests.doors.tracing import traced
from tests.doors.world import made

pytestmark = pytest.mark.django_db
# What one form does at once, each with a line of its own; every other door that acts writes one.
SEVERAL = {
    "packet-new": {"agent_added", "drafted"},
    "agent-stop": {"suspended"},  # of each packet
    "identity-stop": {"suspended"},
    "version-decide": {"signed", "approved"},
    "version-withdraw": {"withdrawn", "drafted"},
    "packet-revoke": {"revoked", "discarded", "withdrawn"},
    "hand-over": {"handed_over", "drafted"},
    "admin:portal_user_change": {"person_changed", "membership_changed"},
}


@pytest.fixture(scope="module")
def doors(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Doors]:
    with django_db_blocker.unblock(), made() as world:
        yield Doors(world, table())


def acting(doors: Doors, everyone: bool) -> Iterator[Knock]:
    """Every door that acts, as the first who may, or as everyone."""
    seen = set()
    for knock in knocks(places(doors.world), ("POST",)):
        place = knock.place
        if table().expects("POST", place.name, place.state, knock.role) == "acts":
            if everyone or place.name not in seen:
                yield knock
            seen.add(place.name)


def test_tl_11_every_door_that_acts_writes_its_event_and_no_other(doors: Doors, full_scale: bool) -> None:
    problems, tried = [], 0
    for knock in list(acting(doors, full_scale))[:: 1 if full_scale else 3]:
        with transaction.atomic():
            with traced(doors.before) as trace:
                response = doors._ask(knock)
            transaction.set_rollback(True)
        tried += 1
        problems += [f"{knock}: {one}" for one in (*trace.problems(), *_as_it_should(knock, response, trace.events))]
    print(f"TL-11: {tried} doors that act, each with its event")
    assert not problems, "\n".join(problems)
    assert tried >= 12


def _as_it_should(knock: Knock, response: Any, events: list[Event]) -> Iterator[str]:
    kinds = {event.kind for event in events}
    expected = SEVERAL.get(knock.place.name)
    if not (kinds and kinds <= expected if expected else len(events) == 1):
        yield f"recorded {[event.kind for event in events]}"
    if {event.request_id for event in events} != {response.headers["X-Request-ID"]}:
        yield "an event does not name the request"
    if knock.player not in {event.actor.username for event in events if event.actor}:
        yield "no event names who did it"
    if {event.actor.username for event in events if event.actor} - {knock.player}:
        yield "an event names somebody else"
