"""How a break-glass ends: settled by a verdict, by the last signature, or, at its deadline, by a suspension."""

from __future__ import annotations

from approvals import events, validity
from approvals.errors import Refused
from approvals.models import Suspension, Version
from approvals.transitions.claiming import claim, put_down, queued
from approvals.vocabulary import EventKind

SYSTEM = "break-glass"
UNFILLED = "The glass was broken, and the missing signatures did not come in time."


def settle_glass(version: Version) -> None:
    """End the break-glass of this version now, if there is one. Inside a verb only, which saves the version.

    Nothing comes back by itself: when the deadline has passed, the packet is suspended as the first of all.
    """
    now = validity.now()
    if version.glass_until is None or version.glass_over_at is not None:
        return
    if version.glass_until <= now:
        _suspend(version)
    version.glass_over_at = now


def suspend_unfilled(version_id: int) -> Version:
    """Write down that the deadline came with signatures missing: the packet is suspended until Security resumes it.

    Since the deadline nothing of it was in force, by the clock. Raises Refused before it has come.
    """
    packet_id = Version.objects.values_list("packet", flat=True).get(pk=version_id)
    with queued(packet_id):
        version: Version | None = Version.objects.for_page().unfilled_at(validity.now()).filter(pk=version_id).first()
        if version is None:
            raise Refused("not_unfilled", "This break-glass is not past its deadline, or that is written down.")
        claim(Version, version.pk)
        settle_glass(version)
        put_down(version, None)
    return version


def _suspend(version: Version) -> None:
    """Stop the packet, unless somebody has stopped it already; the event says when the clock had ended it."""
    name, now = f"system: {SYSTEM}", validity.now()
    if not version.packet.suspensions.filter(until__isnull=True).exists():
        put_down(Suspension(packet=version.packet, since=now, by_name=name, reason=UNFILLED), None)
    missing = version.seats.filter(decision__isnull=True).values_list("group__name", flat=True)
    detail = {"reason": UNFILLED, "break_glass": True, "missing": sorted(missing)}
    events.record(
        EventKind.SUSPENDED, version=version, actor=None, detail=detail, effective_at=version.glass_until, system=SYSTEM
    )
