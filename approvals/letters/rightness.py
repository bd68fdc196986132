"""Asked again at sending: may this person still see it, and is it still so?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from approvals.letters import gathering, inviting, several
from approvals.letters.audience import may_see, reachable
from approvals.letters.occasion import Occasion, detail_of
from approvals.letters.wording import WHILE_IN_REVIEW
from approvals.models import Event, Letter, Question, Version
from approvals.vocabulary import EventKind, State

LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class NotSent:
    """Why a letter is not sent after all. `undeliverable`: somebody else has to hear instead."""

    reason: str
    undeliverable: bool = False


def why_not_send(letter: Letter, now: datetime) -> NotSent | None:
    """The reason not to send this letter now, or None. A reminder is put into today's words on the way."""
    name = letter.recipient.printed_name
    if letter.recipient.awaited:  # only ever asked to come; every other letter waits for nobody
        overtaken = inviting.overtaken(letter)
        return NotSent(overtaken) if overtaken else None
    if not reachable(letter.recipient):
        return NotSent(f"{name} is not active any more, or has no e-mail address.", undeliverable=True)
    if letter.version and not may_see(letter.recipient, letter.version.packet):
        return NotSent(f"{name} may not see {letter.version.packet} any more.", undeliverable=True)
    if letter.reminders.exists():
        overtaken = gathering.refresh(letter, now)
        return NotSent(overtaken) if overtaken else None
    overtaken = _about_several(letter, now) or _about_one(letter, now)
    return NotSent(overtaken) if overtaken else None


def _about_several(letter: Letter, now: datetime) -> str:
    """Why nothing of a letter about several is right any more; when only some of it is, the letter is put right."""
    told_of = several.occasions_of(letter)
    reasons = [_seen_and_so(letter, occasion, now) for occasion in told_of]
    still = [occasion for occasion, reason in zip(told_of, reasons, strict=True) if not reason]
    if still and len(still) < len(told_of):
        several.refresh(letter, still)
    return "" if still else " ".join(dict.fromkeys(reasons))


def _seen_and_so(letter: Letter, occasion: Occasion, now: datetime) -> str:
    if not may_see(letter.recipient, occasion.packet):
        return f"{letter.recipient.printed_name} may not see {occasion.packet} any more."
    return _overtaken(letter, occasion.version, occasion.event, now)


def _about_one(letter: Letter, now: datetime) -> str:
    version, event = letter.version, letter.event
    return "" if version is None or event is None else _overtaken(letter, version, event, now)


def _overtaken(letter: Letter, version: Version, event: Event, now: datetime) -> str:
    """What happened since that makes the letter wrong; empty when it is still so."""
    if event.kind in WHILE_IN_REVIEW:
        if version.state != State.IN_REVIEW:
            return f"Not needed any more: {version} is not in review."
        if version.decisions.filter(person=letter.recipient).exists():
            return f"Not needed any more: {letter.recipient.printed_name} has decided on {version}."
    if event.kind == EventKind.REVIEW_GOES_IDLE and version.last_event_at and version.last_event_at > event.recorded_at:
        return f"Not needed any more: somebody has gone on with the review of {version}."
    if event.kind == EventKind.RENEWAL_LATE and not Version.objects.owing_reminders(now, LAST).contains(version):
        return f"Not needed any more: {version} is renewed, revoked, or has ended."
    if event.kind == EventKind.QUESTION_ASKED:
        question = Question.objects.get(pk=detail_of(event)["question"])
        if question.answered_at:
            return f"Not needed any more: {question.answered_by_name} has answered the question."
    return ""
