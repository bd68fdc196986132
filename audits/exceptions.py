"""What is out of the ordinary, counted up to a hundred each, with where to see it: two statements."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from approvals.models import Agent, Event
from approvals.people import Person
from approvals.vocabulary import EventKind

SPAN = timedelta(days=30)
MOST = 99
SAID = (
    (EventKind.ANSWER_OVERDUE, "Decisions that came late, or were passed on"),
    (EventKind.SUSPENDED, "Stops"),
    (EventKind.LETTER_FAILED, "E-mails that were not delivered"),
    (EventKind.LETTER_UNKNOWN, "E-mails whose outcome is unknown"),
    (EventKind.WEBHOOK_FAILED, "Webhooks that were not delivered"),
    (EventKind.RULE_LOOSENED, "Sign-off rules that were loosened"),
    (EventKind.LOOSENING_APPLIED, "Data register and second factor rules that were loosened"),
    (EventKind.SELF_APPROVAL_REFUSED, "Signing their own packet, refused"),
    (EventKind.GLASS_BROKEN, "Break-glass"),
)


@dataclass(frozen=True, slots=True)
class Exceptional:
    """One kind of exception."""

    words: str
    url: str
    count: int

    @property
    def counted(self) -> str:
        return f"more than {MOST}" if self.count > MOST else str(self.count)


def exceptions(person: Person, now: datetime) -> list[Exceptional]:
    """Of the last thirty days, as far as this person may see; agents without a packet are those of now."""
    since = now - SPAN
    without = Agent.objects.visible_to(person).without_packet_in_force_at(now)
    found = Counter(_recorded(person, since))
    record = f"{reverse('record')}?since={since:%Y-%m-%dT%H:%MZ}&kind="
    agents = Exceptional(
        "Agents without a packet in force, now", f"{reverse('agents')}?show=without",
        len(without.order_by("pk").values_list("pk", flat=True)[: MOST + 1]),
    )  # fmt: skip
    return [agents, *(Exceptional(words, f"{record}{kind.value}", found[kind.value]) for kind, words in SAID)]


def _recorded(person: Person, since: datetime) -> list[str]:
    """The kind of each such event, at most a hundred of every kind, in one statement."""
    seen = Event.objects.visible_to(person).recorded_in(since, None)
    walks = [
        Event.objects.filter(pk__in=seen.filter(kind=kind).order_by("-pk").values("pk")[: MOST + 1]).order_by()
        for kind, _ in SAID
    ]
    first, *others = (walk.values_list("kind", "pk") for walk in walks)
    return [kind for kind, _ in first.union(*others, all=True)]
