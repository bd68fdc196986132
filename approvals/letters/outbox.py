"""Events are the outbox: an event without an `announced` row still owes its letters. Writing them twice is harmless."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.db import IntegrityError, transaction

from approvals import validity
from approvals.errors import DATABASE_GONE
from approvals.letters import accounts, audience, governing, inviting, keeping, reminders, wording
from approvals.letters.audience import Recipient, reachable
from approvals.letters.message import Message
from approvals.letters.occasion import Occasion, detail_of
from approvals.letters.webhooks import writing as webhooks
from approvals.letters.writing import write
from approvals.models import Announced, Event, Letter, Version
from approvals.vocabulary import EventKind

logger = logging.getLogger(__name__)
WINDOW = 5_000  # events looked at together, newest first


def announce_all(*, everything: bool = False) -> int:
    """Write the letters of every event that still owes them; returns how many events. One that fails is logged."""
    done = 0
    for pk in _owing(everything=everything):
        try:
            announce(Event.objects.select_related("actor", "packet__agent__team").get(pk=pk))
            done += 1
        except IntegrityError:
            pass  # somebody else announced it at the same time
        except DATABASE_GONE:
            raise
        except Exception:  # one event must not keep the letters of the others
            logger.exception("an event was not announced", extra={"event": pk})
    return done


def _owing(*, everything: bool) -> Iterator[int]:
    """Keys of unannounced events, oldest first in each window.

    Windows go back from the newest event and stop at the first that owes nothing, so a run costs what is new and not
    what is there. `everything` looks at the whole record (`manage.py sweep`).
    """
    last = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if everything:
        yield from Event.objects.unannounced().values_list("pk", flat=True).iterator()
        return
    windows: list[list[int]] = []
    while last > 0:
        window = Event.objects.unannounced().filter(pk__gt=last - WINDOW, pk__lte=last)
        windows.append(list(window.values_list("pk", flat=True)))
        last -= WINDOW
        if not windows[-1]:
            break
    for keys in reversed(windows):
        yield from keys


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


def about(occasion: Occasion, to: Recipient) -> Letter:
    """The letter to this person about this event."""
    return write(
        wording.compose(occasion, to), to, key=f"event-{occasion.event.pk}-{to.person.pk}", event=occasion.event,
        version=occasion.version, reply_to=wording.reply_to(occasion, to.person),
    )  # fmt: skip


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
    if not detail["undeliverable"] or lost.event is None or lost.version is None:
        return []
    told = {letter.recipient_id: letter.state for letter in lost.event.letters.all()}
    occasion = Occasion(lost.event, Version.objects.for_page().get(pk=lost.version_id))
    return [about(occasion, to) for to in audience.next_in_line(occasion.version, lost.recipient, told)]
