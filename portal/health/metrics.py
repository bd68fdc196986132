"""What a monitor reads: numbers about work that is owed, the same in every process. Nothing about people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from approvals import validity
from approvals.models import Event
from approvals.vocabulary import EventKind
from portal.health import judging, owed
from portal.health.judging import Condition

DAY = timedelta(days=1)
UNDELIVERED_MOST = 1_000  # counted of one kind
PREFIX = "approvals_"


class OwedCollector(Collector):
    """Asks the database at each scrape: a process that was just started knows as much as all others."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now, found = validity.now(), owed.read()
        yield from _parts(found, now)
        yield _one("letters_unsent", "E-mails that have not left yet.", owed.count(owed.unsent()))
        yield _age(
            "oldest_unsent_letter_seconds", "Age of the oldest e-mail that has not left.", found.letter_since, now
        )
        yield _one("webhooks_unsent", "Webhooks that have not left yet.", owed.count(owed.unsent_webhooks()))
        yield _age(
            "oldest_unsent_webhook_seconds", "Age of the oldest webhook that has not left.", found.webhook_since, now
        )
        yield _one("events_unannounced", "Events whose e-mails are not written.", owed.count(owed.unannounced()))
        yield _age("oldest_unannounced_event_seconds", "Age of the oldest of them.", found.event_since, now)
        yield _age(
            "oldest_unsealed_event_seconds", "Age of the oldest event that is not sealed.", found.seal_since, now
        )
        yield _undelivered(now, "letter", "E-mails")
        yield _undelivered(now, "webhook", "Webhooks")
        broker = found.pulses.get("broker")
        if broker is not None and broker.count is not None:
            yield _one("queue_length", "Tasks that waited for a worker when one last looked.", broker.count)


def text() -> bytes:
    """The metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(OwedCollector())
    return generate_latest(registry)


def _one(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(PREFIX + name, says, value=value)


def _age(name: str, says: str, since: datetime | None, now: datetime) -> GaugeMetricFamily:
    return _one(name, f"{says} 0 when there is none.", max((now - since).total_seconds(), 0) if since else 0)


def _parts(found: owed.Owed, now: datetime) -> Iterator[GaugeMetricFamily]:
    seen = GaugeMetricFamily(
        f"{PREFIX}last_seen_timestamp_seconds", "When a part last gave a sign of life.", labels=["part"]
    )
    late = GaugeMetricFamily(f"{PREFIX}late", "1 when the health page calls this part late, else 0.", labels=["part"])
    for sign in judging.signs(found, now):
        late.add_metric([sign.name], float(sign.condition is Condition.LATE))
        if sign.name in found.pulses:
            seen.add_metric([sign.name], found.pulses[sign.name].at.timestamp())
    yield seen
    yield late


def _undelivered(now: datetime, way: str, label: str) -> GaugeMetricFamily:
    name = f"{PREFIX}{way}s_undelivered_last_day"
    family = GaugeMetricFamily(name, f"{label} given up in 24 hours.", labels=["how"])
    for how in ("failed", "unknown"):
        kind = EventKind(f"{way}_{how}")
        newest = Event.objects.filter(kind=kind).order_by("-pk").values_list("recorded_at", flat=True)
        family.add_metric([how], sum(at > now - DAY for at in newest[:UNDELIVERED_MOST]))
    return family
