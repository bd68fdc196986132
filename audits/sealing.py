"""Puts events under signed checkpoints. One sealer at a time; any number of them is harmless.

An event is found by having no leaf, never by its key being larger than the last one's: PostgreSQL commits keys out of
order. What it costs grows with what is new (and with the log of what is there), not with the record.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import ExpressionWrapper, F, IntegerField, Max, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from approvals import validity
from approvals.errors import Refused
from approvals.models import Event
from approvals.vocabulary import EventKind
from audits import kept, note, restored, seal_key
from audits.models import KEPT_LEVELS, Checkpoint, Leaf, Subtree
from audits.tree import Edge, leaf_hash

logger = logging.getLogger(__name__)
LOCK = 0x5EA1  # PostgreSQL's advisory lock of the one sealer
BATCH = 5_000  # events of one transaction and one checkpoint
SOON = 500  # of one that somebody's request makes
WINDOW = 1_000  # events looked at together, newest first
SETTLED = timedelta(minutes=10)  # longer than any transaction that records an event
PAUSE = 1.0  # seconds between two sealings of what nobody waits for, in one process

# Somebody is about to be told of these, so their proof is made at once.
AT_ONCE = frozenset({
    EventKind.SUBMITTED, EventKind.SIGNED, EventKind.GLASS_BROKEN, EventKind.CHANGES_REQUESTED, EventKind.REJECTED,
    EventKind.APPROVED, EventKind.GIVEN_UP, EventKind.SUSPENDED, EventKind.RESUMED, EventKind.REVOKED,
})  # fmt: skip
_next_at = 0.0

when_committed = partial(transaction.on_commit, robust=True)


class Busy(Exception):
    """Somebody else seals, or writes, just now."""


def soon(event: Event) -> None:
    """After a commit: seal what is there if nobody else does, without waiting. The minute run does what is left."""
    global _next_at  # one memory for the process: frequent events share a sealing
    if event.kind not in AT_ONCE and time.monotonic() < _next_at:
        return
    _next_at = time.monotonic() + PAUSE
    try:
        seal(wait=False)
    except Busy:
        return
    except Refused as refusal:
        logger.error("the record is not sealed", extra={"code": refusal.code, "error": str(refusal)})


def seal(*, wait: bool = True, everything: bool = False, settled: timedelta = timedelta()) -> int:
    """Put the events that have no leaf under checkpoints; returns how many.

    Looked at are the newest events, back to a window that owes nothing and is older than `settled`; with `everything`
    the whole record. Without waiting, which is in somebody's request, it is one small batch: the minute run does the
    rest. Raises Busy when it should not wait, and Refused when the record is not the one that was sealed.
    """
    if not wait:
        return len(_batch(_near_the_newest_sealed(), SOON, wait=False))
    low, done = 0 if everything else _low(settled), 0
    while events := _batch(low, BATCH):
        low, done = events[-1][0], done + len(events)
    return done


def _batch(low: int, most: int, *, wait: bool = True) -> list[tuple[int, bytes]]:
    """Seal the oldest of what is owed after this key, under one checkpoint; the keys and bodies that were."""
    with locked(wait=wait):
        events = list(owed(low)[:most])
        if events:
            put_under(events, seal_key.current())
    return events


def owed(low: int) -> QuerySet[Event, tuple[int, bytes]]:
    """Key and body of the events after this key that have no leaf, oldest first."""
    found = Event.objects.filter(pk__gt=low, leaf__isnull=True).order_by("pk")
    return found.values_list("pk", "body")


def _low(settled: timedelta) -> int:
    """The key after which everything without a leaf stands, as far as the windows tell."""
    before = validity.now() - settled
    low: int = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    while low > 0:
        high, low = low, low - WINDOW
        window = Event.objects.filter(pk__gt=low, pk__lte=high)
        oldest = window.order_by("pk").values_list("recorded_at", flat=True).first()
        if not window.filter(leaf__isnull=True).exists() and (oldest is None or oldest <= before):
            break
    return max(low, 0)


def put_under(events: Iterable[tuple[int, bytes]], *keys: Ed25519PrivateKey, origin: str = "") -> None:
    """Give these events their leaves and sign the checkpoint over all. Inside `locked` only.

    With an `origin` another record begins here, after a restore that was acknowledged.
    """
    last = Checkpoint.objects.first()
    if not origin:
        restored.refuse_if_restored(last)
        origin = _origin(last, keys[-1])
    kept.add_verifier(note.verifier_of(origin, keys[-1]))
    edge = Edge.from_bytes(last.size, bytes(last.edge)) if last else Edge()
    leaves = [
        Leaf(index=index, event_id=key, hash=leaf_hash(bytes(body)))
        for index, (key, body) in enumerate(events, edge.size)
    ]
    subtrees = [
        Subtree(level=level, index=index, hash=whole)
        for level, first, made in edge.extend([bytes(leaf.hash) for leaf in leaves])
        for index, whole in enumerate(made, first)
        if level % KEPT_LEVELS == 0
    ]
    at = validity.now()
    signed = note.sign(note.Checkpoint(origin, edge.size, edge.root(), at), *keys)
    Leaf.objects.bulk_create(leaves)
    Subtree.objects.bulk_create(subtrees)
    Checkpoint.objects.create(size=edge.size, root=edge.root(), edge=edge.to_bytes(), note=signed, at=at)
    when_committed(partial(publish, signed))


def _origin(last: Checkpoint | None, key: Ed25519PrivateKey) -> str:
    """The name of this record, from its first checkpoint on. Raises Refused when another key signed the last one."""
    if last is None:
        return new_origin()
    origin = note.read(last.note).origin
    verifier = note.verifier_of(origin, key)
    if verifier not in kept.verifiers() and (verifier.name, verifier.key_id) not in note.signers(last.note):
        raise Refused(
            "other_seal_key", "The last checkpoint was signed with another key than the one that is here.",
            "Give this process the SEAL_KEY of the others; or change keys with manage.py seal --new-key.",
        )  # fmt: skip
    return origin


def new_origin() -> str:
    """A name no other record has: the host of PUBLIC_URL, and a random ending."""
    return f"{urlsplit(settings.PUBLIC_URL).hostname}/agent-approvals/{secrets.token_hex(4)}"


def publish(signed: str) -> None:
    """Keep a committed checkpoint outside the database, and tell the log."""
    kept.keep(signed)
    found = note.read(signed)
    logger.debug("sealed", extra={"origin": found.origin, "size": found.size, "root": found.root.hex()})


@contextmanager
def locked(*, wait: bool = True) -> Iterator[None]:
    """One transaction in which nobody else seals. Raises Busy when somebody does and one should not wait."""
    with _patience(wait), transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT pg_{'' if wait else 'try_'}advisory_xact_lock(%s)", [LOCK])
                if cursor.fetchone()[0] is False:
                    raise Busy
        yield


@contextmanager
def _patience(wait: bool) -> Iterator[None]:
    """SQLite's writer takes the lock at once; without waiting its timeout is nothing meanwhile."""
    if wait or connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    _timeout(0)
    try:
        yield
    except OperationalError as error:
        if "locked" in str(error):
            raise Busy from error
        raise
    finally:
        _timeout(connection.settings_dict["OPTIONS"].get("timeout", 5))


def _timeout(seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


def unsealed_since() -> datetime | None:
    """When the oldest event without a leaf was recorded; None when all have one. One statement, whatever is owed."""
    found: datetime | None = unsealed().values_list("recorded_at", flat=True).first()
    return found


def unsealed() -> QuerySet[Event]:
    """The events without a leaf, oldest first, from a window before the last that got one: late commits stand there."""
    last = Subquery(Leaf.objects.order_by("-index").values("event_id")[:1], output_field=IntegerField())
    low = ExpressionWrapper(Coalesce(last, 0) - Value(WINDOW), output_field=IntegerField())
    near: QuerySet[Event] = Event.objects.filter(leaf__isnull=True).alias(low=low).filter(pk__gt=F("low"))
    return near.order_by("pk")


def _near_the_newest_sealed() -> int:
    """A key a window before the newest event that has a leaf: what is owed stands after it, but for late commits."""
    leaves = Leaf.objects.order_by("-index").values("event_id")[:WINDOW]
    newest: int | None = leaves.aggregate(newest=Max("event_id"))["newest"]
    return max((newest or 0) - WINDOW, 0)


def footer() -> str:
    """The last checkpoint as it stands at the foot of letters; empty before the first."""
    last = Checkpoint.objects.first()
    if last is None:
        return ""
    origin, size, root, *_ = last.note.split("\n")
    return f"Checkpoint of the record: {origin} {size} {root}"
