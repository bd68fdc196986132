"""What is owed and since when, read from the database: a few statements, whatever there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import ExpressionWrapper, F, IntegerField, QuerySet, Subquery, Value

from approvals.letters.outbox import WINDOW
from approvals.models import Delivery, Event, Letter, Pulse
from approvals.together import Part, together
from audits import sealing

BY_BROKER = ("scheduler", "worker", "broker")  # who sweeps by hand has none of them
MOST = 10_000  # counted; more is said as such


@dataclass(frozen=True, slots=True)
class Owed:
    """Every sign of life by name; since when what waits longest of each kind waits, None when none does."""

    pulses: dict[str, Pulse]
    letter_since: datetime | None
    event_since: datetime | None
    webhook_since: datetime | None
    seal_since: datetime | None


def read() -> Owed:
    """What a banner needs: one statement, O(what is owed)."""
    letter = Letter.objects.filter(pk=Subquery(unsent().order_by("written_at").values("pk")[:1]))
    webhook = Delivery.objects.filter(pk=Subquery(unsent_webhooks().order_by("written_at").values("pk")[:1]))
    event = Event.objects.filter(pk=Subquery(unannounced().order_by("pk").values("pk")[:1]))
    unsealed = Event.objects.filter(pk=Subquery(sealing.unsealed().values("pk")[:1]))
    pulses, letters, events, webhooks, seals = together(
        Part(Pulse.objects.all()), Part(letter, ("id", "written_at")), Part(event, ("id", "recorded_at")),
        Part(webhook, ("id", "written_at")), Part(unsealed, ("id", "recorded_at")),
    )  # fmt: skip
    hidden = () if settings.REDIS_URL else BY_BROKER
    return Owed(
        {pulse.name: pulse for pulse in pulses if pulse.name not in hidden},
        letters[0].written_at if letters else None,
        events[0].recorded_at if events else None,
        webhooks[0].written_at if webhooks else None,
        seals[0].recorded_at if seals else None,
    )


def count(rows: QuerySet[Any]) -> int:
    """How many, at most MOST."""
    return rows.order_by()[:MOST].count()


def unsent() -> QuerySet[Letter]:
    """Letters that have reached no final state."""
    return Letter.objects.unsent()


def unsent_webhooks() -> QuerySet[Delivery]:
    """Webhooks that have reached no final state."""
    return Delivery.objects.unsent()


def unannounced() -> QuerySet[Event]:
    """Events whose letters are not written, among the newest. What is older is found by `manage.py sweep` alone."""
    newest = Subquery(Event.objects.order_by("-pk").values("pk")[:1])
    since = ExpressionWrapper(newest - Value(WINDOW), output_field=IntegerField())
    recent: QuerySet[Event] = Event.objects.filter(announced__isnull=True).alias(first=since)
    return recent.filter(pk__gt=F("first"))
