"""Give up, suspend, resume, revoke: how authority is taken back before its end."""

from __future__ import annotations

from collections.abc import Iterable

from approvals import events, rules, validity
from approvals.cuts import Cuts, why_not_narrower
from approvals.errors import Refused, refuse_if
from approvals.models import Agent, GivenUp, Packet, Suspension, Version
from approvals.people import Person
from approvals.transitions.claiming import Seen, changing, claim, finish, fresh, put_down, queued
from approvals.transitions.cutting import apply_cuts
from approvals.transitions.drafting import close
from approvals.transitions.reviewing import refuse_words
from approvals.vocabulary import OPEN_STATES, EventKind, Field, State


def give_up(version_id: int, *, seen: Seen, actor: Person, cuts: Cuts, reason: str = "") -> Version:
    """Drop lines or end sooner on a version that is granted: at once, and without a new signature."""
    reason = refuse_words(reason, needed=False)
    if not cuts:
        raise Refused("nothing_given_up", "Nothing was chosen to give up.", "Tick a line or choose an earlier end.")
    with changing(version_id, seen.as_content()) as version:
        actor = fresh(actor)
        refuse_if(rules.why_not_give_up(version, actor))
        now = validity.now()
        standing = [(Field(grant.field), str(grant)) for grant in version.grants.standing_at(now)]
        refuse_if(why_not_narrower(cuts, standing, version.ends_at or now))
        if cuts.ends is not None and cuts.ends <= max(now, version.in_force_from or now):
            raise Refused("end_passed", "The new end has to be in the future.", "To stop at once, suspend or revoke.")
        apply_cuts(version, cuts, actor)
        version.ends_at = cuts.ends or version.ends_at
        version.revision += 1
        row = GivenUp(version=version, at=now, by=actor, by_name=actor.printed_name, reason=reason, cuts=cuts.as_data())
        put_down(row, actor)
        finish(version, EventKind.GIVEN_UP, actor, {"cuts": cuts.as_data(), "reason": reason})
    return version


def suspend(packet_id: int, *, actor: Person, reason: str) -> Suspension:
    """Stop the packet at once. It stays stopped, whatever is approved meanwhile, until Security resumes it."""
    reason = refuse_words(reason)
    with queued(packet_id) as packet:
        actor = fresh(actor)
        refuse_if(rules.why_not_suspend(packet, actor))
        row = Suspension(packet=packet, since=validity.now(), by=actor, by_name=actor.printed_name, reason=reason)
        put_down(row, actor)
        current = rules.in_force_or_last(packet)
        events.record(EventKind.SUSPENDED, packet=packet, version=current, actor=actor, detail={"reason": reason})
    return row


def suspend_agent(agent: Agent, *, actor: Person, reason: str) -> list[Packet]:
    """Stop every packet of an agent that is granted now or soon, or in review; returns those stopped now.

    What is over already is left alone: an agent may have had hundreds of runs. Raises Refused when none is to stop.
    """
    reached = Version.objects.to_stop_at(validity.now())
    return _suspend_each(agent.packets.filter(pk__in=reached.values("packet")), actor, reason, str(agent))


def suspend_identity(identity: str, *, actor: Person, reason: str) -> list[Packet]:
    """Stop every packet this person may see that an identity uses now or soon, or would; returns those stopped now."""
    reached = Version.objects.to_stop_at(validity.now()).filter(identity=refuse_words(identity))
    packets = Packet.objects.visible_to(actor).filter(pk__in=reached.values("packet"))
    return _suspend_each(packets, actor, reason, identity)


def _suspend_each(packets: Iterable[Packet], actor: Person, reason: str, name: str) -> list[Packet]:
    """All or nothing would leave an agent running for one packet's sake, so each stands for itself."""
    stopped, refusals = [], []
    for packet in sorted(set(packets), key=lambda packet: packet.pk):
        try:
            suspend(packet.pk, actor=actor, reason=reason)
            stopped.append(packet)
        except Refused as refusal:
            refusals.append(refusal)
    if not stopped:
        raise next(iter(refusals), Refused("nothing_to_stop", f"{name} has no packet that could be stopped."))
    return stopped


def resume(packet_id: int, *, actor: Person, reason: str) -> Suspension:
    """Let a suspended packet hold again."""
    reason = refuse_words(reason)
    with queued(packet_id) as packet:
        actor = fresh(actor)
        refuse_if(rules.why_not_resume(packet, actor))
        row = packet.suspensions.get(until__isnull=True)
        row.until, row.resumed_by, row.resumed_reason = validity.now(), actor, reason
        put_down(row, actor)
        current = rules.in_force_or_last(packet)
        events.record(EventKind.RESUMED, packet=packet, version=current, actor=actor, detail={"reason": reason})
    return row


def revoke(packet_id: int, *, actor: Person, reason: str) -> Packet:
    """End the packet for good: open versions are closed, scheduled ones never begin. A fresh start is a new packet."""
    reason = refuse_words(reason)
    with queued(packet_id) as packet:
        actor = fresh(actor)
        refuse_if(rules.why_not_revoke(packet, actor))
        packet.revoked_at, packet.revoked_by, packet.revoked_reason = validity.now(), actor, reason
        put_down(packet, actor)
        events.record(
            EventKind.REVOKED, packet=packet, version=rules.in_force_or_last(packet), actor=actor,
            detail={"reason": reason},
        )  # fmt: skip
        for version in packet.versions.for_page().filter(state__in=OPEN_STATES):
            claim(Version, version.pk)
            kind = EventKind.DISCARDED if version.state == State.DRAFT else EventKind.WITHDRAWN
            close(version, kind, actor, "The packet was revoked.")
        for version in packet.versions.for_page().filter(state=State.APPROVED):
            claim(Version, version.pk)
            version.revision += 1
            put_down(version, actor)  # pages opened before the revocation are stale now
    return packet
