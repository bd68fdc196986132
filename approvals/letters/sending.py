"""Sends what is due: claim, ask again whether it is still right, hand it over, settle. Each recipient commits alone.

No transaction is open while the mail server is spoken to. The promise: at least once, same Message-ID.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction

from approvals import events, validity
from approvals.errors import DATABASE_GONE
from approvals.letters import delivery
from approvals.letters.answers import Answer, Outcome
from approvals.letters.claiming import Claimed, claim
from approvals.letters.rightness import NotSent, why_not_send
from approvals.letters.settling import close, go_on, put_off, text_leaves, tries_told, wait_after
from approvals.letters.writing import message_id
from approvals.models import Letter
from approvals.vocabulary import EventKind, LetterState

logger = logging.getLogger(__name__)
BATCH = 200
PATIENCE = 60  # seconds one run may take; the next run goes on
LIMIT = timedelta(days=3)
AGAIN = timedelta(minutes=1)
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


def send(claimed: Claimed[Letter]) -> Answer:
    """Send one claimed letter and settle it; returns what the mail server answered (never, when it was not asked)."""
    if claimed.attempt is None:
        said = claimed.row.server_said or "The process that sent it did not come back."
        finish(claimed, LetterState.UNKNOWN, said)
        return Answer.UNKNOWN
    outcome = _attempt(claimed)
    if isinstance(outcome, NotSent):
        finish(claimed, LetterState.FAILED, outcome.reason, undeliverable=outcome.undeliverable)
        return Answer.NEVER
    _settle(claimed, outcome)
    return outcome.answer


def _attempt(claimed: Claimed[Letter]) -> Outcome | NotSent:
    """What came of it; or why it is not sent after all, asked inside the claim."""
    try:
        refusal = why_not_send(claimed.row, validity.now())
    except DATABASE_GONE:
        raise
    except Exception as error:  # this one letter cannot be put into words; the others can
        logger.exception("a letter was not sent", extra={"letter": claimed.row.pk})
        return Outcome(Answer.LATER, f"The e-mail could not be put together: {type(error).__name__}.")
    return refusal or delivery.attempt(claimed.row, lambda: text_leaves(claimed), repeat=claimed.repeat)


def _settle(claimed: Claimed[Letter], outcome: Outcome) -> None:
    match outcome.answer:
        case Answer.TAKEN:
            finish(claimed, LetterState.SENT, outcome.said, outcome.answer)
        case Answer.NEVER:
            finish(claimed, LetterState.FAILED, outcome.said, outcome.answer, undeliverable=True)
        case Answer.UNKNOWN if claimed.repeat:
            finish(claimed, LetterState.UNKNOWN, outcome.said, outcome.answer)
        case Answer.UNKNOWN:  # stays in sending: the lease runs out in a minute, and the letter is claimed once more
            go_on(claimed, outcome, leased_until=validity.now() + AGAIN)
        case Answer.DOWN:  # no fault of this letter: it knocks once a minute, however long that takes
            put_off(claimed, outcome, AGAIN)
        case Answer.LATER:
            _later(claimed, outcome)


def _later(claimed: Claimed[Letter], outcome: Outcome) -> None:
    if validity.now() - claimed.row.written_at >= LIMIT:
        said = f"Given up after {LIMIT.days} days: {outcome.said}"
        finish(claimed, LetterState.FAILED, said, outcome.answer, undeliverable=True)
        return
    put_off(claimed, outcome, wait_after(claimed, Answer.LATER))


@transaction.atomic
def finish(
    claimed: Claimed[Letter], state: LetterState, said: str, answer: Answer = Answer.UNASKED, *,
    undeliverable: bool = False,
) -> None:  # fmt: skip
    """The final outcome and its event, together. The event never holds the letter's text."""
    letter, said = claimed.row, said[:500]
    astray = undeliverable or state is LetterState.UNKNOWN
    if not close(claimed, state, Outcome(answer, said), undelivered=astray):
        return
    detail = {
        "letter": letter.key, "to": letter.recipient.username, "server_said": said, "message_id": message_id(letter),
        "may_have_come_twice": claimed.repeat, **tries_told(claimed),
    }  # fmt: skip
    if state is LetterState.FAILED:
        detail["undeliverable"] = undeliverable
    events.record(OUTCOMES[state], version=letter.version, actor=None, detail=detail, system="letters")
