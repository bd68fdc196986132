"""The claim of what is owed: the one conditional UPDATE here. These are no governed rows: each outcome is an event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar, cast

from django.db import transaction
from django.db.models import F

from approvals.letters.answers import Answer
from approvals.models import Delivery, Letter, Reminder
from approvals.models.owed import Owed, Try
from approvals.owing import OwedQuerySet
from approvals.vocabulary import LetterState

LEASE = timedelta(minutes=10)
Row = TypeVar("Row", bound=Owed)


@dataclass(frozen=True, slots=True)
class Claimed(Generic[Row]):
    """A letter or webhook that is ours for ten minutes, with the attempt we make.

    `repeat`: an earlier attempt's text went out and nobody knows whether it arrived, so this one may bring it twice.
    No attempt: the outcome of the repeat is unknown too, and there is no further one.
    """

    row: Row
    attempt: Try | None
    repeat: bool


def claim(pk: int, now: datetime) -> Claimed[Letter] | None:
    """Take a due letter; None when somebody else has it or it is not due any more."""
    return _claim(Letter, pk, now)


def claim_delivery(pk: int, now: datetime) -> Claimed[Delivery] | None:
    """Take a due webhook; None as of a letter."""
    return _claim(Delivery, pk, now)


def _claim(kind: type[Row], pk: int, now: datetime) -> Claimed[Row] | None:
    """A row found in sending was left there by a process that died, or its connection was lost.

    Its attempts say how far that went: before the text went out it cannot have arrived, and nothing is repeated.
    """
    rows = cast(OwedQuerySet, kind._default_manager.all())
    due = rows.due_at(now).filter(pk=pk)
    row = due.first()
    if row is None:
        return None
    unsure = row.tries.filter(text_left_at__isnull=False, answer__in=("", Answer.UNKNOWN)).count()
    more = unsure <= kind.repeats
    unchanged = due.order_by().filter(state=row.state, attempts=row.attempts)
    with transaction.atomic():
        attempts = F("attempts") + int(more)
        if not unchanged.update(state=LetterState.SENDING, leased_until=now + LEASE, attempts=attempts):
            return None
        attempt = row.tries.create(number=row.attempts + 1, began_at=now) if more else None
    return Claimed(rows.whole().get(pk=pk), attempt, repeat=unsure > 0)


def carry(letter: Letter, rows: Iterable[Reminder]) -> None:
    """These reminders are told in this letter."""
    Reminder.objects.filter(pk__in=[row.pk for row in rows]).update(letter=letter)


def settle(row: Owed, **columns: Any) -> bool:
    """Write what came of our claim; False when our lease ran out and somebody else has the row now."""
    rows = type(row)._default_manager
    mine = rows.filter(pk=row.pk, state=LetterState.SENDING, leased_until=row.leased_until)
    return bool(mine.update(**columns))


def let_wait(receiver: int, until: datetime) -> int:
    """What else is owed to this receiver is not tried before then; returns how many webhooks wait with it."""
    waiting = Delivery.objects.filter(receiver=receiver, state=LetterState.PENDING, next_attempt_at__lt=until)
    return waiting.update(next_attempt_at=until)
