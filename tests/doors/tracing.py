"""What is different after something was done, and whether the record says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.apps import apps

from approvals.models import Event
from tests.doors.knocking import everything

COUNTED = {"approvals_packet"}  # its `claims` are raised by every verb, and say nothing


@dataclass
class Trace:
    """What is different after something was done, and what was recorded of it."""

    events: list[Event] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)

    def problems(self) -> Iterator[str]:
        """Each way in which something changed unrecorded."""
        for table_name, history in _histories().items():
            if table_name in self.changed - COUNTED and not self.changed & history:
                yield f"{table_name} changed, and its history does not say from what to what"
        if self.changed & _histories().keys() - COUNTED and not self.events:
            yield f"{', '.join(sorted(self.changed))} changed without an event"
        for event in self.events:
            if not (event.actor_name and event.recorded_at.tzinfo and event.effective_at.tzinfo):
                yield f"{event.kind} does not say who or when"


@cache
def _histories() -> dict[str, set[str]]:
    """Each table with a history: where that stands."""
    found: list[Any] = [model for model in apps.get_models() if hasattr(getattr(model, "history", None), "model")]
    return {model._meta.db_table: {model.history.model._meta.db_table} for model in found}


@contextmanager
def traced(before: Any = None) -> Iterator[Trace]:
    """What is done inside, looked at afterwards."""
    before, trace = before or everything(), Trace()
    last = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    yield trace
    trace.events += Event.objects.filter(pk__gt=last).select_related("actor").order_by("pk")
    trace.changed |= {name for name, rows in everything().items() if rows != before[name]}
