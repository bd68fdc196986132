"""Sends what is due: claim, ask again whether it is still right, hand it over, settle. Each recipient commits alone.

No transaction is open while the mail server is spoken to. The promise: at least once, same Message-ID.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction

from approvals import events, validity
from approvals.letters import delivery
from approvals.letters.claiming import Claimed, claim, settle
from approvals.letters.delivery import Answer, Outcome
from approvals.letters.rightness import why_not_send
from approvals.letters.writing import message_id
from approvals.models import Letter
from approvals.vocabulary import EventKind, LetterState

BATCH = 200
PATIENCE = 60  # seconds one run may take; the next run goes on
WAITS = (1, 5, 15, 60)  # minutes after each attempt, the last one again and again
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


def send(claimed: Claimed) -> Answer:
    """Send one claimed letter and settle it; returns what the mail server answered (never, when it was not asked)."""
    letter = claimed.letter
    if claimed.spent:
        finish(claimed, LetterState.UNKNOWN, letter.server_said or "The process that sent it did not come back.")
        return Answer.UNKNOWN
    if refusal := why_not_send(letter, validity.now()):
        finish(claimed, LetterState.FAILED, refusal.reason, undeliverable=refusal.undeliverable)
        return Answer.NEVER
    outcome = delivery.attempt(letter, repeat=claimed.repeat)
    _settle(claimed, outcome)
    return outcome.answer


def _settle(claimed: Claimed, outcome: Outcome) -> None:
    match outcome.answer:
        case Answer.TAKEN:
            finish(claimed, LetterState.SENT, outcome.said)
        case Answer.NEVER:
            finish(claimed, LetterState.FAILED, outcome.said, undeliverable=True)
        case Answer.UNKNOWN if claimed.repeat:
            finish(claimed, LetterState.UNKNOWN, outcome.said)
        case Answer.UNKNOWN:  # stays in sending: the lease runs out in a minute, and the letter is claimed once more
            settle(claimed.letter, leased_until=validity.now() + AGAIN, server_said=outcome.said[:500])
        case _:
            _later(claimed, outcome)


def _later(claimed: Claimed, outcome: Outcome) -> None:
    letter, now = claimed.letter, validity.now()
    if now - letter.written_at >= LIMIT:
        finish(claimed, LetterState.FAILED, f"Given up after {LIMIT.days} days: {outcome.said}", undeliverable=True)
        return
    wait = timedelta(minutes=WAITS[min(letter.attempts, len(WAITS)) - 1])
    waiting = {"state": LetterState.PENDING, "leased_until": None, "next_attempt_at": now + wait}
    settle(letter, **waiting, server_said=outcome.said[:500])


@transaction.atomic
def finish(claimed: Claimed, state: LetterState, said: str, *, undeliverable: bool = False) -> None:
    """The final outcome and its event, together. The event never holds the letter's text."""
    letter, said = claimed.letter, said[:500]
    if not settle(letter, state=state, leased_until=None, settled_at=validity.now(), server_said=said):
        return
    detail = {
        "letter": letter.key, "to": letter.recipient.username, "attempts": letter.attempts, "server_said": said,
        "message_id": message_id(letter), "may_have_come_twice": claimed.repeat,
    }  # fmt: skip
    if state is LetterState.FAILED:
        detail["undeliverable"] = undeliverable
    events.record(OUTCOMES[state], version=letter.version, actor=None, detail=detail, system="letters")
