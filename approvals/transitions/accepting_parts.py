"""Accept to be named: one click of the owner or rollback owner whom somebody else has named."""

from __future__ import annotations

from approvals import events, rules, validity
from approvals.errors import Refused, refuse_if
from approvals.models import PartAccepted
from approvals.named import PARTS, parts_to_accept
from approvals.people import Person
from approvals.transitions.claiming import fresh, put_down, queued
from approvals.vocabulary import EventKind


def accept_parts(packet_id: int, *, actor: Person) -> list[str]:
    """Accept every part of the packet somebody else named the actor for; returns the parts in words.

    It holds for the packet: a renewal does not ask again. Signers see who has not accepted; only a submit that names
    somebody by e-mail waits for it.
    """
    with queued(packet_id) as packet:
        actor, now = fresh(actor), validity.now()
        refuse_if(rules.why_not_draft(actor))
        parts = parts_to_accept(packet.versions.all(), packet.parts_accepted.all(), actor, now)
        if not parts:
            raise Refused("not_named", f"Nobody else named you in {packet}, or you have accepted it.")
        asked = {row.part: row for row in packet.parts_accepted.filter(person=actor)}
        for part in parts:
            row = asked.get(part) or PartAccepted(packet=packet, person=actor, part=part)
            row.at = now
            put_down(row, actor)
        words = [PARTS[part] for part in parts]
        events.record(EventKind.PART_ACCEPTED, packet=packet, actor=actor, detail={"parts": words})
    return words
