"""Letters about what administrators keep: the data register, second factor rules, and access that comes to its end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model

from approvals import validity
from approvals.letters.audience import Recipient, reachable
from approvals.letters.message import Block, Message, subject_moment, told
from approvals.letters.occasion import detail_of
from approvals.models import Event
from approvals.vocabulary import EventKind

OUTCOMES = {
    EventKind.REGISTER_CHANGED: "is changed",
    EventKind.FACTOR_RULE_CHANGED: "is changed",
    EventKind.WEBHOOK_CHANGED: "is changed",
    EventKind.LOOSENING_PROPOSED: "waits for a second administrator",
    EventKind.LOOSENING_APPLIED: "is loosened",
    EventKind.LOOSENING_DECLINED: "stays as it is",
}
PAGES = {EventKind.WEBHOOK_CHANGED: ("/webhooks/", "Open the webhooks")}
KINDS = (*OUTCOMES, EventKind.ACCESS_ENDS_SOON)
OWN = "it is your account"


def hears(event: Event) -> list[Recipient]:
    """Everyone owed a letter about this event, each once; nobody is told of their own act."""
    found: dict[int, Recipient] = {}
    for one in _told(detail_of(event)):
        if one.person.pk != event.actor_id and reachable(one.person):
            found.setdefault(one.person.pk, one)
    return list(found.values())


def _told(detail: dict[str, Any]) -> Iterator[Recipient]:
    """Whom the event names: people it is about, and groups. Seeded entries name nobody."""
    everyone = get_user_model()._default_manager.filter(is_active=True)
    because = dict.fromkeys(detail.get("people") or (), "you answer for this data")
    because |= {detail["person"]: OWN} if "person" in detail else {}
    for person in everyone.filter(username__in=because).order_by("pk"):
        yield Recipient(person, because[person.username])
    for name in detail.get("groups") or ():
        for person in everyone.filter(groups__name=name).order_by("pk"):
            yield Recipient(person, f"you are in {name}")


def compose(event: Event, to: Recipient) -> Message:
    """The letter about this event for this person."""
    if event.kind == EventKind.ACCESS_ENDS_SOON:
        return _ends_soon(event, to)
    detail, at = detail_of(event), event.effective_at
    name = f"{str(detail['what']).capitalize()} “{detail['name']}”"
    waits = event.kind == EventKind.LOOSENING_PROPOSED
    path, label = PAGES.get(EventKind(event.kind), ("/changes/", "Open what waits"))
    beside = (Block("Where it asks for less", tuple(detail["less"])),) if detail.get("less") else ()
    asked = detail.get("asked_by")
    by = f" {asked} had asked for it." if asked and asked != event.actor_name else ""
    return Message(
        subject=f"{name} {OUTCOMES[EventKind(event.kind)]}, {subject_moment(at, validity.now())}",
        first=f"{event.actor_name} {_did(event, detail)} the {detail['what']} “{detail['name']}” on "
        f"{told(at, to.person)}.{by}",
        second="A second administrator has to look at it, since it asks for less than before. Until then it stays "
        "as it is." if waits else "You have nothing to do. If this is not right, tell an administrator now.",
        tone="info" if event.kind == EventKind.LOOSENING_DECLINED else "warn",
        blocks=(Block("Before", (detail["before"] or "Nothing.",)), Block("After", (detail["after"],)), *beside),
        path=path, link_label=label, because=to.because,
    )  # fmt: skip


def _did(event: Event, detail: dict[str, Any]) -> str:
    if event.kind == EventKind.LOOSENING_PROPOSED:
        return "asked for a change of"
    if event.kind == EventKind.LOOSENING_DECLINED:
        return "took back a change of" if detail["outcome"] == "withdrawn" else "declined a change of"
    return "changed" if detail["before"] else "added to"


def _ends_soon(event: Event, to: Recipient) -> Message:
    detail = detail_of(event)
    ends = datetime.fromisoformat(detail["ends"])
    person, own = detail["name"], to.because == OWN
    said = told(ends, to.person)
    return Message(
        subject=f"Access of {person} ends {subject_moment(ends, validity.now())}",
        first=f"Your access ends on {said}." if own else f"The access of {person} ends on {said}.",
        second=f"If {'you are' if own else 'they are'} needed longer, "
        f"{'ask an administrator for a later end' if own else 'set a later end in their account'}. If nothing is done, "
        f"{'you are' if own else 'they are'} out at that instant.",
        tone="warn", path="/account/" if own else detail["path"],
        link_label="Open your account" if own else "Open their account", because=to.because,
    )  # fmt: skip
