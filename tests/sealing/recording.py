"""Events to seal, and the record as its database's owner could change it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from approvals import events
from approvals.append_only import put_on, take_off
from approvals.models import Event
from approvals.vocabulary import EventKind
from audits.guards import GUARDED


def record(count: int, **detail: Any) -> list[Event]:
    """So many events that are about nothing in particular."""
    return [
        events.record(EventKind.SIGN_IN_FAILED, actor=None, detail={"number": number, **detail}, system="tests")
        for number in range(count)
    ]


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
