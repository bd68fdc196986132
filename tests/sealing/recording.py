"""Events to seal, and the record as its database's owner could change it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection

from approvals import events, validity
from approvals.append_only import put_on, take_off
from approvals.models import Event, Version
from approvals.vocabulary import EventKind
from audits.guards import GUARDED
from audits.models import Checkpoint, Leaf
from audits.tree import Edge, leaf_hash
from tests.bench.pouring import pour


def record(count: int, **detail: Any) -> list[Event]:
    """So many events that are about nothing in particular."""
    return [
        events.record(EventKind.SIGN_IN_FAILED, actor=None, detail={"number": number, **detail}, system="tests")
        for number in range(count)
    ]


def computed() -> Edge:
    """The tree over the events in the order of their leaves, from their bytes."""
    edge = Edge()
    for body in Event.objects.filter(leaf__isnull=False).order_by("leaf__index").values_list("body", flat=True):
        edge.add(leaf_hash(bytes(body)))
    return edge


def is_dense() -> bool:
    """Indexes 0 to n-1, every event exactly one leaf, one root."""
    indexes = list(Leaf.objects.order_by("index").values_list("index", flat=True))
    last = Checkpoint.objects.first()
    assert last is not None
    return indexes == list(range(Event.objects.count())) and bytes(last.root) == computed().root()


def last_note() -> str:
    return str(Checkpoint.objects.all()[0].note)


@contextmanager
def as_owner() -> Iterator[None]:
    """Without triggers, as the owner of the database can be."""
    for guarded in GUARDED:
        take_off(connection, guarded)
    try:
        yield
    finally:
        for guarded in GUARDED:
            put_on(connection, guarded)


def run(statement: str, *values: Any) -> None:
    """One statement, as it is."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def poured(version: Version, count: int) -> None:
    """So many events about this version by its creator, written in bulk as `events.record` would write each."""
    who, begin = version.created_by, validity.now()
    ends = f',"packet":"{version.packet.reference}","recorded_at":"%s","request_id":"%s","version":{version.number}}}'
    body = (
        f'{{"actor":{{"name":"{who.printed_name}","username":"{who.username}"}},"agent":"{version.packet.agent.slug}",'
        f'"detail":{{"number":%d,"text":"{"x" * 200}"}},"effective_at":"%s","kind":"question_asked"{ends}'
    )
    columns = {
        "kind": EventKind.QUESTION_ASKED, "version_id": version.pk, "packet_id": version.packet_id,
        "agent_id": version.packet.agent_id, "actor_id": who.pk, "actor_name": who.printed_name,
    }  # fmt: skip

    def rows(first: int, last: int) -> Iterator[dict[str, Any]]:
        for number in range(first, last):
            at, request = begin + timedelta(microseconds=1_001 * number), f"{number:032x}"
            told = f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"
            yield {
                "body": (body % (number, told, told, request)).encode(),
                "effective_at": at, "recorded_at": at, "request_id": request,
            }  # fmt: skip

    for first in range(0, count, 20_000):
        pour(Event, rows(first, min(first + 20_000, count)), **columns)
