"""What a receiver is told of an event: names and instants, the digest and one link. No words that somebody typed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from approvals import validity
from approvals.letters.message import subject_moment
from approvals.letters.occasion import Occasion
from approvals.models import Event
from approvals.vocabulary import EventKind, ReceiverKind

# What is told, in the words of a subject. {who}: the acting person; {ends}: the end; {days}: of the reminder.
TOLD = {
    EventKind.SUBMITTED: "is submitted for review by {who}",
    EventKind.ANSWER_OVERDUE: "waits for signatures longer than the rules allow",
    EventKind.CHANGES_REQUESTED: "is sent back by {who}: changes are requested",
    EventKind.REJECTED: "is rejected by {who}",
    EventKind.APPROVED: "is approved, and ends {ends}",
    EventKind.GLASS_BROKEN: "is in force by break-glass of {who}, with signatures missing",
    EventKind.GIVEN_UP: "is narrowed: authority is given up by {who}",
    EventKind.SUSPENDED: "is suspended by {who}",
    EventKind.RESUMED: "is resumed by {who}",
    EventKind.REVOKED: "is revoked by {who}",
    EventKind.SUPERSEDED: "is superseded by a later version",
    EventKind.ENDS_SOON: "ends {ends}, in {days}",
    EventKind.RENEWAL_LATE: "ends {ends}, and no renewal is signed",
    EventKind.ENDED: "has ended",
}
PING = "This is a test of the approvals portal. Nothing has to be done."
AHEAD = (EventKind.ENDS_SOON, EventKind.RENEWAL_LATE)  # wrong once the end is there, or another one is
NO_NAME = re.compile(r"[^\w\s'’,-]|_")  # what a chat could read as markup, a mention or a link


@dataclass(frozen=True, slots=True)
class Told:
    """One event as receivers are told of it: its sentence, and what machines read."""

    sentence: str
    message: dict[str, Any]

    def body(self, kind: ReceiverKind) -> str:
        """The JSON for this kind of receiver; a chat gets the sentence with the link behind it."""
        if kind is ReceiverKind.MACHINE:
            return json.dumps(self.message)
        url = self.message["data"].get("url", "")
        return json.dumps({"text": f"{self.sentence} {url}".strip()}, ensure_ascii=False)


def told(event: Event) -> Told | None:
    """None for an event that is told to no receiver."""
    if event.kind == EventKind.WEBHOOK_TRIED:
        return Told(PING, _message("ping", event.effective_at, {"sentence": PING}))
    if event.kind not in TOLD:
        return None
    occasion = Occasion.of(event)
    return _of(occasion) if occasion else None


def _of(occasion: Occasion) -> Told:
    version, event, days = occasion.version, occasion.event, occasion.detail.get("days")
    words = TOLD[occasion.kind].format(
        who=plain_name(occasion.who), ends=subject_moment(occasion.ends, validity.now()) if occasion.ends else "unset",
        days=f"{days} day{'' if days == 1 else 's'}",
    )  # fmt: skip
    data: dict[str, Any] = {
        "packet": occasion.packet.reference,
        "version": version.number,
        "agent": occasion.agent,
        "digest": version.digest or None,
        "by": occasion.who if event.actor_id else None,
        "in_force_from": _instant(version.in_force_from),
        "ends_at": _instant(occasion.ends),
        "url": f"{settings.PUBLIC_URL}{version.get_absolute_url()}",
    }
    if occasion.kind is EventKind.ENDS_SOON:
        data["days"] = days
    return Told(f"{occasion.name} {words}.", _message(f"packet.{event.kind}", event.effective_at, data))


def _message(kind: str, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    """As Standard Webhooks recommends: type, timestamp, data."""
    return {"type": kind, "timestamp": _instant(at), "data": data}


def _instant(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}" if moment else None


def plain_name(name: str) -> str:
    """A person's name with nothing in it that a chat would act on."""
    return " ".join(NO_NAME.sub(" ", name).split()) or "somebody"
