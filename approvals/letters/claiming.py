"""The claim of a letter: the one conditional UPDATE here. Letters are no governed rows: each outcome is an event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from approvals.letters.answers import Answer
from approvals.models import Attempt, Letter, Reminder
from approvals.vocabulary import LetterState

LEASE = timedelta(minutes=10)
REPEATS = 1  # how often a letter is sent again when nobody knows whether it arrived


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter that is ours for ten minutes, with the attempt we make.

    `repeat`: an earlier attempt's text went out and nobody knows whether it arrived, so this one may bring it twice.
    No attempt: the outcome of the repeat is unknown too, and there is no further one.
    """

    letter: Letter
    attempt: Attempt | None
    repeat: bool


def claim(pk: int, now: datetime) -> Claimed | None:
    """Take a due letter; None when somebody else has it or it is not due any more.

    A letter found in sending was left there by a process that died, or its connection was lost. Its attempts say how
    far that went: before the text went out it cannot have arrived, and nothing is repeated.
    """
    due = Letter.objects.due_at(now).filter(pk=pk)
    row = due.first()
    if row is None:
        return None
    unsure = row.tries.filter(text_left_at__isnull=False, answer__in=("", Answer.UNKNOWN)).count()
    more = unsure <= REPEATS
    unchanged = due.order_by().filter(state=row.state, attempts=row.attempts)
    with transaction.atomic():
        attempts = F("attempts") + int(more)
        if not unchanged.update(state=LetterState.SENDING, leased_until=now + LEASE, attempts=attempts):
            return None
        attempt = Attempt.objects.create(letter=row, number=row.attempts + 1, began_at=now) if more else None
    whole = Letter.objects.select_related("recipient", "event", "version__packet")
    return Claimed(whole.get(pk=pk), attempt, repeat=unsure > 0)


def carry(letter: Letter, rows: Iterable[Reminder]) -> None:
    """These reminders are told in this letter."""
    Reminder.objects.filter(pk__in=[row.pk for row in rows]).update(letter=letter)


def settle(letter: Letter, **columns: Any) -> bool:
    """Write what came of our claim; False when our lease ran out and somebody else has the letter now."""
    mine = Letter.objects.filter(pk=letter.pk, state=LetterState.SENDING, leased_until=letter.leased_until)
    return bool(mine.update(**columns))
