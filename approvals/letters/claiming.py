"""The claim of a letter: the one conditional UPDATE here. Letters are no governed rows: each outcome is an event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from approvals.models import Letter
from approvals.vocabulary import LetterState

LEASE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter that is ours for ten minutes.

    `repeat`: the outcome of an earlier attempt is unknown, so this one may bring it twice. `spent`: that of the
    repeat is unknown too, and there is no further one.
    """

    letter: Letter
    repeat: bool
    spent: bool


def claim(pk: int, now: datetime) -> Claimed | None:
    """Take a due letter; None when somebody else has it or it is not due any more.

    A letter found in sending was left there by a process that died, or its connection was lost after the text had gone
    out: nobody knows whether it arrived. `settled_at` then keeps when that was found, so that it happens once.
    """
    due = Letter.objects.due_at(now).filter(pk=pk)
    row = due.first()
    if row is None:
        return None
    left = row.state == LetterState.SENDING
    spent = left and row.settled_at is not None
    unsure_since = row.settled_at or (now if left else None)
    unchanged = due.order_by().filter(state=row.state, attempts=row.attempts)
    hit = unchanged.update(
        state=LetterState.SENDING, leased_until=now + LEASE, attempts=F("attempts") + int(not spent),
        settled_at=unsure_since,
    )  # fmt: skip
    if not hit:
        return None
    whole = Letter.objects.select_related("recipient", "event", "version__packet")
    return Claimed(whole.get(pk=pk), repeat=unsure_since is not None, spent=spent)


def settle(letter: Letter, **columns: Any) -> bool:
    """Write what came of our claim; False when our lease ran out and somebody else has the letter now."""
    mine = Letter.objects.filter(pk=letter.pk, state=LetterState.SENDING, leased_until=letter.leased_until)
    return bool(mine.update(**columns))
