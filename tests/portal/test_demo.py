"""The demo: a packet in every state, made by walking the verbs, in an empty database only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoDbBlocker

from approvals import access, validity
from approvals.models import Agent, Event, Packet, Pulse, Version
from approvals.standing import standing_of
from approvals.vocabulary import Standing
from portal.models import User
from tests.servers.demo import PASSWORD, demo_rows

ACCOUNTS = ["admin", "auditor", "engineer", "outsider", "responder", "security", "security2", "teammate"]


@pytest.fixture(scope="module")
def _made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), demo_rows():
        yield


@pytest.fixture
def demo(_made: None, db: None) -> None:
    """The demo, for each test as it was made."""


def test_every_state_is_there(demo: None) -> None:
    now = validity.now()
    shown = {standing_of(version, now) for version in Version.objects.for_page()}
    assert shown == set(Standing)


def test_every_account_signs_in_with_the_one_password_and_has_a_human_name(demo: None) -> None:
    people = User.objects.order_by("username")
    assert [person.username for person in people] == ACCOUNTS
    assert all(person.check_password(PASSWORD) for person in people)
    assert all(person.get_full_name() for person in people)


def test_the_record_tells_the_whole_story_and_nothing_happens_in_the_future(demo: None) -> None:
    assert not Packet.objects.filter(events__isnull=True).exists()
    assert not Event.objects.filter(recorded_at__gt=validity.now()).exists()
    for packet in Packet.objects.all():
        assert access.expected(packet) == access.standing(packet)


def test_the_days_of_the_story_are_no_sign_of_life(demo: None) -> None:
    """What is noted after it is of today, such as a broker that was knocked at in vain."""
    assert not Pulse.objects.filter(name__in=["expire_due", "flag_expiring", "send_letters", "worker"]).exists()


def test_the_journeys_agent_is_left_to_the_reader(demo: None) -> None:
    assert not Agent.objects.filter(slug="sentry-dev").exists()


def test_a_database_with_people_stays_as_it_is(demo: None) -> None:
    with pytest.raises(CommandError, match="already"):
        call_command("seed_demo", password="another password")
    assert User.objects.count() == len(ACCOUNTS)
