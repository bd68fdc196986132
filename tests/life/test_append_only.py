"""The record only grows: refused by the model, by the query set, and by the database itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from approvals import events
from approvals.append_only import TABLE
from approvals.models import Event, Packet
from approvals.models.event import AppendOnly
from approvals.vocabulary import EventKind
from tests.cast import Cast, Walk, refused

pytestmark = pytest.mark.databases
COLUMNS = "id, body, kind, actor_name, effective_at, recorded_at, request_id, packet_id, version_id, agent_id, actor_id"


@pytest.fixture
def event(drafted: Walk) -> Event:
    """One event of a real packet."""
    drafted()
    return Event.objects.get(kind=EventKind.DRAFTED)


def rows() -> list[tuple[object, ...]]:
    """The whole record."""
    return [
        tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
        for row in Event.objects.order_by("pk").values_list()
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda event: event.save(),
        lambda event: event.delete(),
        lambda event: Event.objects.all().delete(),
        lambda event: Event.objects.update(actor_name="Nobody"),
        lambda event: Event.objects.filter(pk=event.pk).update(kind="edited"),
        lambda event: Event.objects.bulk_update([event], ["actor_name"]),
        lambda event: Event.objects.bulk_create([event]),
        lambda event: event.packet.events.all().delete(),
    ],
)
def test_the_application_refuses_to_change_the_record(event: Event, change: Callable[[Event], object]) -> None:
    before = rows()
    with refused("append_only"):
        change(event)
    assert rows() == before


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {TABLE} SET actor_name = 'Nobody'",
        f"UPDATE {TABLE} SET id = id + 1000",
        f"DELETE FROM {TABLE}",
        f"DELETE FROM {TABLE} WHERE id = (SELECT max(id) FROM {TABLE})",
        f"INSERT INTO {TABLE} ({COLUMNS}) SELECT {COLUMNS} FROM {TABLE} WHERE true "
        "ON CONFLICT (id) DO UPDATE SET actor_name = 'Nobody'",
    ],
)
def test_the_database_refuses_to_change_the_record(event: Event, statement: str) -> None:
    refused_by_the_database(statement)


@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT OR REPLACE INTO {TABLE} ({COLUMNS}) SELECT {COLUMNS} FROM {TABLE}",
        f"REPLACE INTO {TABLE} ({COLUMNS}) SELECT {COLUMNS} FROM {TABLE}",
        f"UPDATE OR REPLACE {TABLE} SET actor_name = 'Nobody'",
    ],
)
def test_sqlite_replaces_nothing_and_postgresql_does_not_know_how(event: Event, statement: str) -> None:
    refused_by_the_database(statement)  # a syntax error there is a refusal too: the record is as it was


def test_the_table_is_not_truncated(event: Event) -> None:
    refused_by_the_database(f"TRUNCATE {TABLE} CASCADE")  # SQLite does not know TRUNCATE at all


def refused_by_the_database(statement: str) -> None:
    before = rows()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert rows() == before


def test_the_model_cannot_go_round_its_own_save(event: Event) -> None:
    before = rows()
    with pytest.raises(DatabaseError), transaction.atomic():
        super(AppendOnly, event).save(force_update=True)
    with pytest.raises(DatabaseError), transaction.atomic():
        Event._base_manager.filter(pk=event.pk)._raw_delete("default")
    assert rows() == before


def test_adding_goes_on_after_every_refusal(cast: Cast, event: Event) -> None:
    before = rows()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE}")
    events.record(EventKind.SHARED, actor=cast.engineer, packet=Packet.objects.get())
    assert rows()[:-1] == before


def test_bytes_are_kept_as_written(event: Event) -> None:
    assert bytes(event.body).startswith(b'{"actor":{"name":"Erin Ek","username":"engineer"},"agent":"sentry-dev"')
    stored = Event.objects.get(pk=event.pk)
    assert bytes(stored.body) == bytes(event.body)
