"""Sends the webhooks that are due: claim, ask again whether it is still right, hand it over, settle.

No transaction is open while a receiver is spoken to, and one that does not answer is left alone for a minute, so it
costs the others one time-out. The promise: at least once, same webhook-id, for a day.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

from django.db import transaction

from approvals import events, validity
from approvals.errors import DATABASE_GONE, Refused
from approvals.letters.answers import Answer, Outcome
from approvals.letters.claiming import Claimed, claim_delivery, let_wait
from approvals.letters.settling import close, put_off, text_leaves, tries_told, wait_after
from approvals.letters.webhooks import addresses, posting, signing
from approvals.letters.webhooks.payload import AHEAD
from approvals.letters.webhooks.receivers import secrets_of, url_of
from approvals.models import Delivery, Version
from approvals.vocabulary import EventKind, LetterState

logger = logging.getLogger(__name__)
PATIENCE = 30  # seconds one run may take; the next run goes on
LIMIT = timedelta(days=1)
QUIET = timedelta(minutes=1)
LAST = datetime.max.replace(tzinfo=UTC)
OUTCOMES = {
    LetterState.SENT: EventKind.WEBHOOK_SENT,
    LetterState.FAILED: EventKind.WEBHOOK_FAILED,
    LetterState.UNKNOWN: EventKind.WEBHOOK_UNKNOWN,
}


def send_due() -> Counter[str]:
    """Send every webhook that is due, oldest first; returns how many reached which state."""
    counts: Counter[str] = Counter()
    stop_at, last = time.monotonic() + PATIENCE, 0
    while time.monotonic() < stop_at:
        pk = Delivery.objects.due_at(validity.now()).filter(pk__gt=last).values_list("pk", flat=True).first()
        if pk is None:
            break
        last = pk
        if send_one(pk):
            counts[Delivery.objects.values_list("state", flat=True).get(pk=pk)] += 1
    return counts


def send_one(pk: int) -> bool:
    """Send this webhook now; False when somebody else has it, or it is not due."""
    claimed = claim_delivery(pk, validity.now())
    if claimed is None:
        return False
    if claimed.attempt is None:
        said = claimed.row.server_said or "The process that sent it did not come back."
        finish(claimed, LetterState.UNKNOWN, Outcome(Answer.UNKNOWN, said))
    elif reason := why_not_send(claimed.row, validity.now()):
        finish(claimed, LetterState.FAILED, Outcome(Answer.UNASKED, reason), needed=False)
    else:
        _settle(claimed, _attempt(claimed))
    return True


def why_not_send(delivery: Delivery, now: datetime) -> str:
    """What happened since that makes it wrong to send it; empty when it is still right."""
    event = delivery.event
    if not delivery.receiver.is_active:
        return "Not needed any more: this receiver was switched off."
    if event.kind in AHEAD and not Version.objects.owing_reminders(now, LAST).filter(pk=event.version_id).exists():
        return f"Not needed any more: {event.version} is renewed, revoked, or has ended."
    return ""


def _attempt(claimed: Claimed[Delivery]) -> Outcome:
    """What came of it. Where it goes is judged anew each time: a name may lead elsewhere since."""
    delivery, body = claimed.row, claimed.row.body.encode()
    try:
        address, target = addresses.read(url_of(delivery.receiver))
        pinned = addresses.resolved(address)
        now = validity.now()
        signed = signing.headers(delivery.webhook_id, int(now.timestamp()), body, secrets_of(delivery.receiver, now))
        given = {**signed, "Content-Type": "application/json", "User-Agent": "agent-approvals"}
        return posting.post(address, target, pinned, body, given, lambda: text_leaves(claimed))
    except Refused as refusal:
        return Outcome(Answer.DOWN, f"Not sent: {refusal.message}")
    except DATABASE_GONE:
        raise
    except Exception as error:  # whatever it is, the message has to reach a state; its words may hold the address
        logger.error("a webhook was not sent", extra={"delivery": delivery.pk, "error": type(error).__name__})
        return Outcome(Answer.LATER, f"It could not be put together: {type(error).__name__}.")


def _settle(claimed: Claimed[Delivery], outcome: Outcome) -> None:
    delivery, now = claimed.row, validity.now()
    doubtful = outcome.answer is Answer.UNKNOWN or claimed.repeat
    if outcome.answer is Answer.TAKEN:
        finish(claimed, LetterState.SENT, outcome)
    elif outcome.answer is Answer.NEVER:
        finish(claimed, LetterState.FAILED, outcome)
    elif delivery.event.kind == EventKind.WEBHOOK_TRIED:  # whoever tries it out is told now, and tries again
        finish(claimed, LetterState.UNKNOWN if doubtful else LetterState.FAILED, outcome, needed=False)
    elif now - delivery.written_at >= LIMIT:
        given_up = Outcome(outcome.answer, f"Given up after a day: {outcome.said}", outcome.status)
        finish(claimed, LetterState.UNKNOWN if doubtful else LetterState.FAILED, given_up)
    else:
        put_off(claimed, outcome, wait_after(claimed, Answer.LATER, Answer.DOWN, Answer.UNKNOWN))
        if outcome.status is None or outcome.status >= 500:
            let_wait(delivery.receiver_id, now + QUIET)


@transaction.atomic
def finish(claimed: Claimed[Delivery], state: LetterState, outcome: Outcome, *, needed: bool = True) -> None:
    """The final outcome and its event, together. `needed`: somebody has to hear when it did not arrive."""
    delivery = claimed.row
    if not close(claimed, state, outcome, undelivered=needed and state is not LetterState.SENT):
        return
    event = delivery.event
    detail = {
        "message_id": delivery.webhook_id, "to": f"{delivery.receiver.label} at {delivery.host}", "about": event.kind,
        "server_said": outcome.said, "may_have_come_twice": claimed.repeat, **tries_told(claimed),
    }  # fmt: skip
    events.record(
        OUTCOMES[state], packet=event.packet, version=event.version, agent=event.agent, actor=None, detail=detail,
        system="webhooks",
    )  # fmt: skip
