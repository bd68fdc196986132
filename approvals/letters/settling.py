"""Writes down what came of an attempt: the attempt itself, and where what is owed stands then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction

from approvals import validity
from approvals.letters.answers import Answer, Outcome
from approvals.letters.claiming import Claimed, settle
from approvals.vocabulary import LetterState

WAITS = (1, 5, 15, 60)  # minutes after each answer that puts it off, the last one again and again
TOLD = 20  # attempts an outcome's event names, the last ones


def text_leaves(claimed: Claimed[Any]) -> None:
    """Written before the text goes out, so that after a crash it is known that it may have arrived."""
    if claimed.attempt:
        claimed.attempt.text_left_at = validity.now()
        claimed.attempt.save(update_fields=["text_left_at"])


def answered(claimed: Claimed[Any], outcome: Outcome) -> None:
    """What the server said to this attempt. It stands even when our lease ran out meanwhile."""
    if claimed.attempt is None:
        return
    columns = {"answer": outcome.answer, "said": outcome.said[:500], "ended_at": validity.now()}
    if outcome.status is not None:
        columns["status"] = outcome.status
    for name, value in columns.items():
        setattr(claimed.attempt, name, value)
    claimed.attempt.save(update_fields=list(columns))


@transaction.atomic
def go_on(claimed: Claimed[Any], outcome: Outcome, **columns: Any) -> None:
    """It is not settled yet; what came of this attempt is."""
    answered(claimed, outcome)
    settle(claimed.row, **columns, server_said=outcome.said[:500])


def put_off(claimed: Claimed[Any], outcome: Outcome, wait: timedelta) -> None:
    """It waits so long before it is tried again."""
    waiting = {"state": LetterState.PENDING, "leased_until": None, "next_attempt_at": validity.now() + wait}
    go_on(claimed, outcome, **waiting)


def wait_after(claimed: Claimed[Any], *answers: Answer) -> timedelta:
    """How long it waits now: longer each time one of these was the answer."""
    before = claimed.row.tries.filter(answer__in=answers).count()
    return timedelta(minutes=WAITS[min(before, len(WAITS) - 1)])


def close(claimed: Claimed[Any], state: LetterState, outcome: Outcome, *, undelivered: bool) -> bool:
    """It reaches its final state; False when our lease ran out and somebody else has it now. Inside a transaction."""
    if claimed.attempt:
        answered(claimed, outcome)
    settled = {"state": state, "leased_until": None, "settled_at": validity.now(), "undelivered": undelivered}
    return settle(claimed.row, **settled, server_said=outcome.said[:500])


def tries_told(claimed: Claimed[Any]) -> dict[str, Any]:
    """The attempts as the outcome's event tells them."""
    tries = list(claimed.row.tries.order_by("number"))
    return {"attempts": len(tries), "tries": [_told(row) for row in tries[-TOLD:]]}


def _told(row: Any) -> dict[str, Any]:
    return {"number": row.number, "began": f"{row.began_at:%Y-%m-%dT%H:%M:%SZ}", "answer": row.answer, "said": row.said}
