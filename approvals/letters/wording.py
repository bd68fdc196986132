"""Which letter an event asks for."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

from approvals.letters import emergency, ending, granting, handing, overdue, reviewing, stopping
from approvals.letters.audience import NAMED_AS, Recipient, reachable, signers
from approvals.letters.message import Message
from approvals.letters.occasion import Occasion
from approvals.people import Person
from approvals.vocabulary import EventKind, State

# Kinds that are not here write no letter of their own; ends soon is written by `gathering`, for several at once.
LETTERS: dict[EventKind, Callable[[Occasion, Recipient], Message]] = {
    EventKind.SUBMITTED: reviewing.submitted,
    EventKind.SEATS_ADDED: reviewing.submitted,
    EventKind.ANSWER_OVERDUE: overdue.overdue,
    EventKind.QUESTION_ASKED: reviewing.question,
    EventKind.QUESTION_ANSWERED: reviewing.answer,
    EventKind.SIGNED: reviewing.signed,
    EventKind.GLASS_BROKEN: emergency.glass_broken,
    EventKind.CHANGES_REQUESTED: reviewing.changes_requested,
    EventKind.REJECTED: reviewing.rejected,
    EventKind.CLOSED_IDLE: reviewing.closed,
    EventKind.APPROVED: granting.approved,
    EventKind.RENEWED: granting.approved,
    EventKind.HANDED_OVER: handing.handed_over,
    EventKind.GIVEN_UP: granting.given_up,
    EventKind.SUSPENDED: stopping.suspended,
    EventKind.RESUMED: stopping.resumed,
    EventKind.REVOKED: stopping.revoked,
    EventKind.RENEWAL_LATE: ending.unrenewed,
    EventKind.REVIEW_GOES_IDLE: reviewing.going_idle,
    EventKind.ENDED: ending.ended,
}

# Many at once, and never told by themselves: ends soon is in the letters of `gathering`, the others are about letters.
SILENT = (EventKind.ENDS_SOON, EventKind.LETTER_SENT, EventKind.LETTER_UNKNOWN)

# What is told only while the review goes on.
WHILE_IN_REVIEW = (EventKind.SUBMITTED, EventKind.SEATS_ADDED, EventKind.ANSWER_OVERDUE, EventKind.REVIEW_GOES_IDLE)


def asks_for_letters(occasion: Occasion) -> bool:
    """Whether this event is told at all. The last signature is told as the approval it is, or as its break-glass."""
    if occasion.kind is EventKind.SIGNED:
        own = occasion.event.effective_at == occasion.version.glass_broken_at
        return occasion.version.state == State.IN_REVIEW and not own
    if occasion.kind in WHILE_IN_REVIEW:
        return occasion.version.state == State.IN_REVIEW
    return occasion.kind in LETTERS


def compose(occasion: Occasion, to: Recipient) -> Message:
    """The letter about this event for this person."""
    if occasion.kind is EventKind.SUSPENDED and occasion.detail.get("break_glass"):
        return emergency.unfilled(occasion, to)
    if occasion.kind is EventKind.SUBMITTED and to.because in NAMED_AS.values():
        return handing.asked(occasion, to)
    return LETTERS[occasion.kind](occasion, to)


def reply_to(occasion: Occasion, reader: Person) -> str:
    """A person who can answer: who did it, an owner, who decided last, rolls back or may sign; never the reader."""
    version = occasion.version
    last = version.decisions.select_related("person").order_by("-pk").first()
    named = [version.owner, version.backup_owner, last.person if last else None, version.submitted_by]
    people = chain([occasion.event.actor, *named, version.rollback_owner], (one.person for one in signers(version)))
    return next((one.email for one in people if one and reachable(one) and one.pk != reader.pk), "")
