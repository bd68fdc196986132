"""Who is told by webhook, set up by administrators: where, with which secret, on or off. Each change is an event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import OuterRef, Subquery

from approvals import events, rules, sealed, validity
from approvals.errors import Refused, refuse_if
from approvals.letters.webhooks import addresses, payload, signing
from approvals.letters.webhooks.writing import write
from approvals.models import Delivery, Event, Receiver
from approvals.people import Person
from approvals.transitions.claiming import fresh, put_down
from approvals.vocabulary import EventKind, ReceiverKind, Role

PURPOSE = "webhook receivers"
OVERLAP = timedelta(days=1)  # for which the secret before signs too
TOLD = sorted([Role.SECURITY.value, Role.ADMINISTRATORS.value])


def why_not_keep(person: Person) -> Refused | None:
    """The reason this person may not change receivers, or None. A superuser alone is no administrator here."""
    if rules.has_role(person, Role.ADMINISTRATORS):
        return None
    return Refused("not_you", "Only Administrators can change who is told by webhook.", "Ask one of them.")


def seen_of(receiver: Receiver | None) -> int:
    """The newest row of its history: whoever changes it names that as what they saw. 0 when there is none yet."""
    newest = receiver.history.order_by("-history_id").values_list("history_id", flat=True).first() if receiver else None
    return newest or 0


def kept() -> list[Any]:
    """Every receiver there is, each with `seen`, in one statement."""
    newest = Receiver.history.filter(id=OuterRef("pk")).order_by("-history_id").values("history_id")[:1]
    return list(Receiver.objects.annotate(seen=Subquery(newest)))


def set_up(kind: ReceiverKind, url: str, *, actor: Person, seen: int) -> str:
    """Say where messages of this kind go. Returns the new signing secret of a new receiver, else an empty text.

    Raises Refused for who may not, for an address that is none or leads where nothing may go, and when it changed.
    """
    refuse_if(why_not_keep(actor))
    address, _ = addresses.read(url.strip())
    addresses.resolved(address)  # outside the transaction: a resolver may take its time
    with _changing(kind, actor, seen) as row:
        secret = "" if sealed.unseal(row.secret, PURPOSE) else _renew(row)
        row.host, row.address, row.is_active = address.shown, sealed.seal(url.strip(), PURPOSE), True
    return secret


def rotate(kind: ReceiverKind, *, actor: Person, seen: int) -> str:
    """A new signing secret, returned this once. The one before signs too for a day, so that nothing is refused."""
    with _changing(kind, actor, seen, there=True) as row:
        return _renew(row)


def switch(kind: ReceiverKind, *, on: bool, actor: Person, seen: int) -> None:
    """Switch a receiver on or off. What is owed to one that is off is not sent any more."""
    with _changing(kind, actor, seen, there=True) as row:
        if row.is_active is on:
            raise Refused("nothing_changed", f"It is {'on' if on else 'off'} already.")
        row.is_active = on


@transaction.atomic
def write_trial(kind: ReceiverKind, *, actor: Person) -> Delivery:
    """Write a signed test message with its event, due at once. Raises Refused."""
    refuse_if(why_not_keep(fresh(actor)))
    row = Receiver.objects.filter(kind=kind, is_active=True).first()
    if row is None:
        raise Refused("nothing_there", "Nobody is told by this webhook now.", "Set its address, or switch it on.")
    event = events.record(EventKind.WEBHOOK_TRIED, actor=actor, detail={"to": f"{row.label} at {row.host}"})
    what = payload.told(event)
    assert what is not None  # noqa: S101 - a test is always told
    return write(what, event, row)


def url_of(receiver: Receiver) -> str:
    """The whole address. Raises Refused when it was sealed with another SECRET_KEY."""
    return _unsealed(receiver.address)


def secrets_of(receiver: Receiver, now: datetime) -> list[str]:
    """What signs now, the newest first."""
    overlaps = receiver.old_secret_ends is not None and now < receiver.old_secret_ends
    old = sealed.unseal(receiver.old_secret, PURPOSE) if overlaps else None
    return [_unsealed(receiver.secret), *([old] if old else [])]


def last_trials() -> dict[int, Delivery]:
    """The newest test of each receiver, by its key."""
    newest = Event.objects.filter(kind=EventKind.WEBHOOK_TRIED).order_by("-pk")[:20]
    found = Delivery.objects.filter(event__in=list(newest)).select_related("event").order_by("pk")
    return {delivery.receiver_id: delivery for delivery in found}


def _unsealed(text: str) -> str:
    plain = sealed.unseal(text, PURPOSE)
    if plain is None:
        raise Refused(
            "unreadable", "The address and secret cannot be read: SECRET_KEY is not the one they were stored with.",
            "Set the address anew.",
        )  # fmt: skip
    return plain


def _renew(row: Receiver) -> str:
    secret = signing.new_secret()
    row.old_secret, row.old_secret_ends = row.secret, validity.now() + OVERLAP if row.secret else None
    row.secret = sealed.seal(secret, PURPOSE)
    return secret


@contextmanager
def _changing(kind: ReceiverKind, actor: Person, seen: int, *, there: bool = False) -> Iterator[Receiver]:
    """The receiver as the actor saw it; changed inside, saved with its history and its event."""
    with transaction.atomic():
        Group.objects.select_for_update().get(name=Role.ADMINISTRATORS)  # changes wait for each other
        actor = fresh(actor)
        refuse_if(why_not_keep(actor))
        row = Receiver.objects.filter(kind=kind).first()
        if there and row is None:
            raise Refused("nothing_there", "Nobody is told by this webhook yet.", "Set its address first.")
        if seen_of(row) != seen:
            raise Refused("stale", "It changed after you opened the page.", "Look at it again, then change it.")
        before = _words(row)
        changed = row or Receiver(kind=kind)
        kept = {name: getattr(changed, name) for name in ("address", "secret", "is_active")} if row else {}
        yield changed
        changed.changed_at = validity.now()
        put_down(changed, actor)
        _record(changed, before, kept, actor)


def _record(row: Receiver, before: str, kept: dict[str, object], actor: Person) -> None:
    """The event, in words that hold no address and no secret, and who hears of it."""
    named = {"address": "address", "secret": "signing secret", "is_active": "on or off"}
    changed = [words for name, words in named.items() if kept.get(name) != getattr(row, name)]
    after = f"{_words(row)} Changed: {', '.join(changed)}."
    detail = {"what": "webhook", "name": row.label, "before": before, "after": after, "groups": TOLD}
    detail["changed"] = changed
    events.record(EventKind.WEBHOOK_CHANGED, actor=actor, detail=detail)


def _words(row: Receiver | None) -> str:
    """A receiver as a sentence; empty for none."""
    if row is None:
        return ""
    return f"Messages go to {row.host}." if row.is_active else f"Switched off; messages went to {row.host}."
