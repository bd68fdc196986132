"""What the system writes down: an end that has come, a review that is idle or overdue, a reminder that is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from approvals import events, validity
from approvals.errors import Refused
from approvals.lateness import IDLE, going_idle_at, unrenewed_at
from approvals.models import Version
from approvals.transitions.claiming import Seen, changing, finish, queued
from approvals.transitions.drafting import close
from approvals.vocabulary import OPEN_STATES, EventKind, State


def expire(version_id: int, *, seen: Seen) -> Version:
    """Write down the end the clock has decided, with the instant it took effect. Raises Refused before it has come."""
    with changing(version_id, seen.as_content()) as version:
        if version.state != State.APPROVED or version.ends_at is None or version.ends_at > validity.now():
            raise Refused("not_ended", f"{version} has not ended.")
        if version.end_recorded_at is not None:
            raise Refused("recorded", f"The end of {version} is written down already.")
        if not Version.objects.lapsed_by(version.ends_at).contains(version):
            raise Refused("over_before", f"{version} was superseded or revoked before its end.")
        version.end_recorded_at = validity.now()
        finish(version, EventKind.ENDED, None, {}, effective_at=version.ends_at, system="expire")
    return version


def close_idle(version_id: int, *, seen: Seen) -> Version:
    """Close a review that saw no event for 21 days, or whose asked end has passed."""
    with changing(version_id, seen.as_content()) as version:
        now = validity.now()
        passed = any(end is not None and end <= now for end in (version.ends, version.ends_at))
        idle = version.last_event_at is not None and version.last_event_at <= now - IDLE
        if version.state != State.IN_REVIEW or not (passed or idle):
            raise Refused("not_idle", f"{version} is not idle.")
        reason = "The end asked for has passed." if passed else "Nobody went on with the review for 21 days."
        close(version, EventKind.CLOSED_IDLE, None, reason, system="close idle")
    return version


def flag_overdue(version_id: int) -> None:
    """Record that the answer is overdue, once; the review goes on, and idleness is counted as before."""
    packet_id = Version.objects.values_list("packet", flat=True).get(pk=version_id)
    with queued(packet_id):
        version = Version.objects.for_page().overdue_at(validity.now()).filter(pk=version_id).first()
        if version is None:
            raise Refused("not_overdue", "This version is not in review past its due date, or its signers were told.")
        open_seats = version.seats.filter(decision__isnull=True).values_list("group__name", flat=True)
        detail = {"due": _said(version), "missing": sorted(open_seats)}
        events.record(EventKind.ANSWER_OVERDUE, version=version, actor=None, detail=detail, system="overdue answers")


def flag_unrenewed(version_id: int, *, by: datetime | None = None) -> None:
    """Record, once, that the end comes within two working days and no renewal is signed; counted from `by`, or now."""
    packet_id = Version.objects.values_list("packet", flat=True).get(pk=version_id)
    with queued(packet_id):
        version = unrenewed_at(by or validity.now()).for_page().filter(pk=version_id).first()
        if version is None:
            raise Refused("not_late", "This version does not end soon without a renewal, or people were told.")
        renewal = version.packet.versions.filter(state__in=OPEN_STATES, number__gt=version.number).first()
        missing = renewal.seats.filter(decision__isnull=True).values_list("group__name", flat=True) if renewal else ()
        detail = {"renewal": renewal.number if renewal else None, "missing": sorted(missing)}
        events.record(EventKind.RENEWAL_LATE, version=version, actor=None, detail=detail, system="late renewals")


def warn_idle(version_id: int) -> None:
    """Record, once since the last event, that the review is about to be closed; idleness is counted as before."""
    packet_id = Version.objects.values_list("packet", flat=True).get(pk=version_id)
    with queued(packet_id):
        version = going_idle_at(validity.now()).for_page().filter(pk=version_id).first()
        if version is None:
            raise Refused("not_going_idle", "This review is not about to be closed, or people were warned.")
        events.record(EventKind.REVIEW_GOES_IDLE, version=version, actor=None, system="idle reviews")


def _said(version: Version) -> str:
    return version.answer_by.strftime("%Y-%m-%dT%H:%M:%SZ") if version.answer_by else ""


def flag_expiring(version: Version, days: int, recipients: list[str], instead_of: Sequence[int] = ()) -> None:
    """Record that these people were flagged this many days before the end. The reminder rows are the claim.

    `instead_of`: thresholds that had passed by then and were told to nobody; this reminder stands for them.
    """
    detail: dict[str, Any] = {"days": days, "to": recipients}
    if instead_of:
        detail["instead_of"] = list(instead_of)
    events.record(EventKind.ENDS_SOON, version=version, actor=None, detail=detail, system="reminders")
