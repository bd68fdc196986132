"""Sends what is due: claim, ask again whether it is still right, hand it over, settle. Each recipient commits alone.

No transaction is open while the mail server is spoken to. The promise: at least once, same Message-ID.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction

from approvals import events, validity
from approvals.errors import DATABASE_GONE
from approvals.letters import delivery
from approvals.letters.answers import Answer
from approvals.letters.claiming import Claimed, claim, settle
from approvals.letters.delivery import Outcome
from approvals.letters.rightness import NotSent, why_not_send
from approvals.letters.writing import message_id
from approvals.models import Letter
from approvals.vocabulary import EventKind, LetterState

logger = logging.getLogger(__name__)
BATCH = 200
PATIENCE = 60  # seconds one run may take; the next run goes on
WAITS = (1, 5, 15, 60)  # minutes after each answer that puts this letter off, the last one again and again
LIMIT = timedelta(days=3)
AGAIN = timedelta(minutes=1)
TOLD = 20  # attempts an outcome's event names, the last ones
OUTCOMES = {
    LetterState.SENT: EventKind.LETTER_SENT,
    LetterState.FAILED: EventKind.LETTER_FAILED,
    LetterState.UNKNOWN: EventKind.LETTER_UNKNOWN,
}


def send_due() -> Counter[str]:
    """Send every letter that is due; returns how many reached which state. Stops while the server is down."""
    counts: Counter[str] = Counter()
    stop_at = time.monotonic() + PATIENCE
    for pk in _due():
        claimed = claim(pk, validity.now())
        if claimed is None:
            continue
        answer = send(claimed)
        counts[Letter.objects.values_list("state", flat=True).get(pk=pk)] += 1
        if answer is Answer.DOWN or time.monotonic() >= stop_at:
            break
    return counts


def _due() -> Iterator[int]:
    """Keys of the letters that are due, each once, a batch at a time."""
    last = 0
    while batch := list(Letter.objects.due_at(validity.now()).filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        yield from batch
        last = batch[-1]


def send(claimed: Claimed) -> Answer:
    """Send one claimed letter and settle it; returns what the mail server answered (never, when it was not asked)."""
    if claimed.attempt is None:
        finish(
            claimed, LetterState.UNKNOWN, claimed.letter.server_said or "The process that sent it did not come back."
        )
        return Answer.UNKNOWN
    outcome = _attempt(claimed)
    if isinstance(outcome, NotSent):
        finish(claimed, LetterState.FAILED, outcome.reason, undeliverable=outcome.undeliverable)
        return Answer.NEVER
    _settle(claimed, outcome)
    return outcome.answer


def _attempt(claimed: Claimed) -> Outcome | NotSent:
    """What came of it; or why it is not sent after all, asked inside the claim."""
    try:
        refusal = why_not_send(claimed.letter, validity.now())
    except DATABASE_GONE:
        raise
    except Exception as error:  # this one letter cannot be put into words; the others can
        logger.exception("a letter was not sent", extra={"letter": claimed.letter.pk})
        return Outcome(Answer.LATER, f"The e-mail could not be put together: {type(error).__name__}.")
    return refusal or delivery.attempt(claimed.letter, lambda: _text_leaves(claimed), repeat=claimed.repeat)


def _text_leaves(claimed: Claimed) -> None:
    """Written before the text goes out, so that after a crash it is known that it may have arrived."""
    if claimed.attempt:
        claimed.attempt.text_left_at = validity.now()
        claimed.attempt.save(update_fields=["text_left_at"])


def _settle(claimed: Claimed, outcome: Outcome) -> None:
    match outcome.answer:
        case Answer.TAKEN:
            finish(claimed, LetterState.SENT, outcome.said, outcome.answer)
        case Answer.NEVER:
            finish(claimed, LetterState.FAILED, outcome.said, outcome.answer, undeliverable=True)
        case Answer.UNKNOWN if claimed.repeat:
            finish(claimed, LetterState.UNKNOWN, outcome.said, outcome.answer)
        case Answer.UNKNOWN:  # stays in sending: the lease runs out in a minute, and the letter is claimed once more
            _go_on(claimed, outcome, leased_until=validity.now() + AGAIN)
        case Answer.DOWN:  # no fault of this letter: it knocks once a minute, however long that takes
            _put_off(claimed, outcome, AGAIN)
        case Answer.LATER:
            _later(claimed, outcome)


def _later(claimed: Claimed, outcome: Outcome) -> None:
    if validity.now() - claimed.letter.written_at >= LIMIT:
        said = f"Given up after {LIMIT.days} days: {outcome.said}"
        finish(claimed, LetterState.FAILED, said, outcome.answer, undeliverable=True)
        return
    put_off = claimed.letter.tries.filter(answer=Answer.LATER).count()
    _put_off(claimed, outcome, timedelta(minutes=WAITS[min(put_off, len(WAITS) - 1)]))


def _put_off(claimed: Claimed, outcome: Outcome, wait: timedelta) -> None:
    waiting = {"state": LetterState.PENDING, "leased_until": None, "next_attempt_at": validity.now() + wait}
    _go_on(claimed, outcome, **waiting)


@transaction.atomic
def _go_on(claimed: Claimed, outcome: Outcome, **columns: Any) -> None:
    """The letter is not settled yet; what came of this attempt is."""
    _answered(claimed, outcome.answer, outcome.said)
    settle(claimed.letter, **columns, server_said=outcome.said[:500])


def _answered(claimed: Claimed, answer: Answer, said: str) -> None:
    """What the server said to this attempt. It stands even when our lease ran out meanwhile."""
    if claimed.attempt:
        claimed.attempt.answer, claimed.attempt.said, claimed.attempt.ended_at = answer, said[:500], validity.now()
        claimed.attempt.save(update_fields=["answer", "said", "ended_at"])


@transaction.atomic
def finish(
    claimed: Claimed, state: LetterState, said: str, answer: Answer = Answer.UNASKED, *, undeliverable: bool = False
) -> None:
    """The final outcome and its event, together. The event never holds the letter's text."""
    letter, said = claimed.letter, said[:500]
    if claimed.attempt:
        _answered(claimed, answer, said)
    astray = undeliverable or state is LetterState.UNKNOWN
    settled = {"state": state, "leased_until": None, "settled_at": validity.now(), "undelivered": astray}
    if not settle(letter, **settled, server_said=said):
        return
    tries = list(letter.tries.order_by("number"))
    detail = {
        "letter": letter.key, "to": letter.recipient.username, "attempts": len(tries), "server_said": said,
        "message_id": message_id(letter), "may_have_come_twice": claimed.repeat,
        "tries": [_told(row) for row in tries[-TOLD:]],
    }  # fmt: skip
    if state is LetterState.FAILED:
        detail["undeliverable"] = undeliverable
    events.record(OUTCOMES[state], version=letter.version, actor=None, detail=detail, system="letters")


def _told(row: Any) -> dict[str, Any]:
    return {"number": row.number, "began": f"{row.began_at:%Y-%m-%dT%H:%M:%SZ}", "answer": row.answer, "said": row.said}
