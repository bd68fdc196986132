"""Writes down what receivers are owed of an event, in the transaction that says the event is announced."""

from __future__ import annotations

from hashlib import sha256

from approvals import validity
from approvals.letters.message import one_line
from approvals.letters.occasion import detail_of
from approvals.letters.webhooks.payload import Told, told
from approvals.models import Delivery, Event, Receiver
from approvals.vocabulary import EventKind, LetterState, ReceiverKind


def owe(event: Event) -> list[Delivery]:
    """One message for each receiver that is on, due at once; none when the event is told to nobody."""
    receivers = list(Receiver.objects.filter(is_active=True))
    if not receivers or event.kind == EventKind.WEBHOOK_TRIED or (what := told(event)) is None:
        return []
    ids = {webhook_id(event, one): one for one in receivers}
    there = set(Delivery.objects.filter(webhook_id__in=ids).values_list("webhook_id", flat=True))
    return [write(what, event, one) for key, one in ids.items() if key not in there]


def somebody_listens() -> bool:
    """Whether any receiver is on."""
    return Receiver.objects.filter(is_active=True).exists()


def write(what: Told, event: Event, receiver: Receiver) -> Delivery:
    """One message to one receiver."""
    now = validity.now()
    return Delivery.objects.create(
        webhook_id=webhook_id(event, receiver), receiver=receiver, event=event, host=receiver.host,
        subject=one_line(what.sentence), body=what.body(ReceiverKind(receiver.kind)), state=LetterState.PENDING,
        written_at=now, next_attempt_at=now,
    )  # fmt: skip


def webhook_id(event: Event, receiver: Receiver) -> str:
    """The same for every attempt, and no other installation's: made from what happened.

    The reminders of one end before the same number of days are one message, whoever they are for.
    """
    what = bytes(event.body)
    if event.kind == EventKind.ENDS_SOON and event.version:
        what = f"{event.version.digest} {event.version.ends_at} {detail_of(event)['days']}".encode()
    return f"msg_{sha256(what + receiver.kind.encode()).hexdigest()[:40]}"
