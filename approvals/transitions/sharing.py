"""Share: the owner lets somebody else see the packet."""

from __future__ import annotations

from approvals import access, events, rules, validity
from approvals.errors import Refused, refuse_if
from approvals.models import PacketShare
from approvals.people import Person
from approvals.transitions.claiming import fresh, put_down, queued
from approvals.vocabulary import EventKind


def share(packet_id: int, *, actor: Person, person: Person) -> PacketShare:
    """Let one more person see the packet."""
    with queued(packet_id) as packet:
        actor = fresh(actor)
        refuse_if(rules.why_not_share(packet, actor))
        if not person.is_active:
            raise Refused("inactive_person", f"{person.printed_name} is not active.", "Choose somebody else.")
        if packet.shares.filter(person=person, until__isnull=True).exists():
            raise Refused("shared_already", f"{person.printed_name} can see {packet} already.")
        row = PacketShare(packet=packet, person=person, by=actor, since=validity.now())
        put_down(row, actor)
        detail = {"with": person.username, **access.settle(packet)}
        events.record(EventKind.SHARED, packet=packet, actor=actor, detail=detail)
    return row


def unshare(packet_id: int, *, actor: Person, person: Person) -> PacketShare:
    """Take the share back. Who sees the packet for another reason still does."""
    with queued(packet_id) as packet:
        actor = fresh(actor)
        refuse_if(rules.why_not_share(packet, actor))
        row = packet.shares.filter(person=person, until__isnull=True).first()
        if row is None:
            raise Refused("not_shared", f"{packet} is not shared with {person.printed_name}.")
        row.until = validity.now()
        put_down(row, actor)
        detail = {"with": person.username, **access.settle(packet)}
        events.record(EventKind.UNSHARED, packet=packet, actor=actor, detail=detail)
    return row
