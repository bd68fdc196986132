"""Events are the outbox: an event without an `announced` row still owes its letters. Writing them twice is harmless."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Min, Q

from approvals import validity
from approvals.errors import DATABASE_GONE
from approvals.letters import accounts, audience, governing, inviting, keeping, reminders, several, wording
from approvals.letters.audience import Recipient, reachable
from approvals.letters.message import Message
from approvals.letters.occasion import Occasion, detail_of
from approvals.letters.several import about
from approvals.letters.webhooks import writing as webhooks
from approvals.letters.writing import write
from approvals.models import Announced, Event, Letter, Version
from approvals.vocabulary import EventKind

logger = logging.getLogger(__name__)
WINDOW = 5_000  # events looked at together, newest first
SETTLED = timedelta(minutes=10)  # longer than any event waits


def announce_all(*, everything: bool = False) -> int:
    """Write the letters of every event that still owes them; returns how many events. One that fails is logged."""
    done, together = 0, list[int]()
    for keys in _owing(everything=everything):
        silent = set(announce_silent(keys))
        several_of = set(Event.objects.filter(pk__in=keys, kind__in=several.KINDS).values_list("pk", flat=True))
        done += len(silent) + sum(_announced(pk) for pk in keys if pk not in silent | several_of)
        together += several_of
    return done + _announce_several(together)


def _announce_several(keys: list[int]) -> int:
    """Events that several of fall together: each kind when no more of it is on its way, each owner's in one go."""
    now = validity.now()
    found = Event.objects.filter(pk__in=keys).select_related("actor", "packet__agent__team", "version")
    oldest = {row["kind"]: row["at"] for row in found.order_by().values("kind").annotate(at=Min("recorded_at"))}
    ready = [kind for kind, at in oldest.items() if not several.waits(kind, at, now)]
    return sum(map(_announce_together, several.fall_together(found.filter(kind__in=ready))))


def _announce_together(events: list[Event]) -> int:
    """One by one, when somebody else was at the same or one of them fails."""
    try:
        with transaction.atomic():
            Announced.objects.bulk_create([Announced(event=event, at=validity.now()) for event in events])
            for event in events:
                webhooks.owe(event)
            occasions = filter(None, map(Occasion.of, events))
            several.write_each((occasion, to) for occasion in occasions for to in audience.hears(occasion))
    except DATABASE_GONE:
        raise
    except Exception:
        return sum(_announced(event.pk) for event in events)
    return len(events)


def _announced(pk: int) -> bool:
    try:
        announce(Event.objects.select_related("actor", "packet__agent__team").get(pk=pk))
    except IntegrityError:
        return False  # somebody else announced it at the same time
    except DATABASE_GONE:
        raise
    except Exception:  # one event must not keep the letters of the others
        logger.exception("an event was not announced", extra={"event": pk})
        return False
    return True


def announce_silent(keys: list[int]) -> list[int]:
    """Settle those of these events that nobody is told of by themselves, all at once; returns which."""
    if webhooks.somebody_listens():
        return []
    silent = list(
        Event.objects.filter(pk__in=keys, kind__in=wording.SILENT).order_by("pk").values_list("pk", flat=True)
    )
    at = validity.now()
    Announced.objects.bulk_create([Announced(event_id=pk, at=at) for pk in silent], ignore_conflicts=True)
    return silent


def _owing(*, everything: bool) -> Iterator[list[int]]:
    """Keys of unannounced events in windows, oldest first.

    Windows go back from the newest event and stop at the first that owes nothing, so a run costs what is new and not
    what is there. `everything` looks at the whole record (`manage.py sweep`).
    """
    last = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if everything:
        seen = 0
        while keys := list(Event.objects.unannounced().filter(pk__gt=seen).values_list("pk", flat=True)[:WINDOW]):
            yield keys
            seen = keys[-1]
        return
    windows: list[list[int]] = []
    while last > 0:
        window = Event.objects.unannounced().filter(pk__gt=last - WINDOW, pk__lte=last)
        windows.append(list(window.values_list("pk", flat=True)))
        last -= WINDOW
        if not windows[-1] and _is_settled(last):
            break
    yield from reversed(windows)


def _is_settled(key: int) -> bool:
    """Whether nothing before this key can be on its way still, or wait for others of its kind."""
    after = Event.objects.filter(pk__gt=key).order_by("pk").values_list("recorded_at", flat=True).first()
    return after is None or after <= validity.now() - SETTLED


@transaction.atomic
def announce(event: Event) -> list[Letter]:
    """Write the letters and webhooks of one event (perhaps none) and the row that says so, together."""
    Announced.objects.create(event=event, at=validity.now())
    webhooks.owe(event)
    if event.kind == EventKind.LETTER_FAILED:
        return forward(event)
    if event.kind in governing.KINDS:
        return [beside_packets(event, to, governing.compose(event, to)) for to in governing.hears(event)]
    if event.kind in keeping.KINDS:
        return [beside_packets(event, to, keeping.compose(event, to)) for to in keeping.hears(event)]
    if event.kind in inviting.KINDS:
        return [beside_packets(event, to, inviting.compose(event, to)) for to in inviting.hears(event)]
    if to := accounts.hears(event):
        message, key = accounts.compose(event, to), f"event-{event.pk}-{to.person.pk}"
        return [write(message, to, key=key, event=event, reply_to="")]
    occasion = Occasion.of(event)
    if occasion is None or not wording.asks_for_letters(occasion):
        return []
    return [about(occasion, to) for to in audience.hears(occasion)]


def beside_packets(event: Event, to: Recipient, message: Message) -> Letter:
    """A letter that hangs on no version: about who may sign, what administrators keep, or somebody not here yet."""
    actor = event.actor.email if event.actor and reachable(event.actor) and event.actor != to.person else ""
    return write(message, to, key=f"event-{event.pk}-{to.person.pk}", event=event, reply_to=actor)


def forward(event: Event) -> list[Letter]:
    """When a letter cannot be delivered, whoever is next hears: backup owner, team, Security.

    Nothing is forwarded that was not needed any more. Reminders become reminders of the next person.
    """
    detail = detail_of(event)
    lost = Letter.objects.select_related("recipient", "event__actor").get(key=detail["letter"])
    if detail["undeliverable"] and lost.reminders.exists():
        reminders.hand_on(lost)
    if detail["undeliverable"] and lost.event and lost.event.kind == EventKind.PERSON_INVITED:
        found = inviting.not_reached(lost)
        return [beside_packets(lost.event, to, inviting.compose(lost.event, to)) for to in found]
    if not detail["undeliverable"]:
        return []
    lost_of = several.occasions_of(lost)
    if lost.event is not None and lost.version_id is not None:
        lost_of = [Occasion(lost.event, Version.objects.for_page().get(pk=lost.version_id))]
    return several.write_each((occasion, to) for occasion in lost_of for to in _next(occasion, lost))


def _next(occasion: Occasion, lost: Letter) -> list[Recipient]:
    """Who hears of it instead of whoever this letter did not reach."""
    letters = Letter.objects.filter(Q(event=occasion.event) | Q(tells_of=occasion.event))
    told = {letter.recipient_id: letter.state for letter in letters}
    return audience.next_in_line(occasion.version, lost.recipient, told)
