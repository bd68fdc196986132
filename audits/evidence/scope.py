"""What evidence is about: one packet, or a period of the whole record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals import access
from approvals.content import instant
from approvals.errors import Refused
from approvals.models import Event, Packet
from approvals.people import Person
from approvals.querysets import EventQuerySet
from approvals.vocabulary import EventKind


@dataclass(frozen=True, slots=True)
class Scope:
    """A packet, or everything recorded from `since`, up to and without `until`."""

    packet: Packet | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __str__(self) -> str:
        return str(self.packet) if self.packet else f"the record from {instant(self.since)} until {instant(self.until)}"

    @property
    def file(self) -> str:
        """The name of the bundle's file."""
        if self.packet is not None or self.since is None or self.until is None:
            return f"{self.packet}-evidence.zip"
        return f"record-{self.since:%Y%m%dT%H%M%SZ}-{self.until:%Y%m%dT%H%M%SZ}-evidence.zip"

    def as_data(self) -> dict[str, Any]:
        """As the statement and the event hold it."""
        if self.packet is not None:
            return {"packet": self.packet.reference}
        return {"since": instant(self.since), "until": instant(self.until)}

    def events(self) -> EventQuerySet:
        """Its events, but for those of evidence that was taken: taking it again is the same evidence again."""
        found = Event.objects.exclude(kind=EventKind.EVIDENCE_TAKEN)
        if self.packet is not None:
            return found.filter(packet=self.packet)
        return found.recorded_in(self.since, self.until)


def of_packet(reference: str, taker: Person) -> Scope:
    """The packet of this reference. Raises Refused("no_packet") when there is none that the taker may see."""
    packet = Packet.objects.visible_to(taker).filter(reference=reference).select_related("agent").first()
    if packet is None:
        raise Refused("no_packet", f"There is no packet {reference[:20]} that you may see.", "Check the reference.")
    return Scope(packet=packet)


def of_period(since: datetime, until: datetime, taker: Person) -> Scope:
    """Everything recorded in a period. Raises Refused for who may not see all of it, and for a period turned round."""
    if not access.sees_every_packet(taker):
        raise Refused(
            "not_you", "Evidence of a whole period is for those who may see every packet.",
            "Take the evidence of a packet, or ask an auditor.",
        )  # fmt: skip
    if since >= until:
        raise Refused("no_period", "The period ends before it begins.", "Give the earlier instant first.")
    return Scope(since=since, until=until)
