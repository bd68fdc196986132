"""The instants that decide whether a version is in force, as conditions for SQL; `standing` asks them of rows."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from approvals.vocabulary import State


def approved(moment: datetime) -> Q:
    """Signed by all, begun, neither ended nor superseded."""
    return counting(moment) & Q(in_force_from__lte=moment)


def counting(moment: datetime) -> Q:
    """Signed by all, and neither ended nor superseded by then: begun, or still to begin."""
    superseded = Q(superseded_at__isnull=True) | Q(superseded_at__gt=moment)
    return Q(state=State.APPROVED, ends_at__gt=moment) & superseded


def in_place(moment: datetime) -> Q:
    """By break-glass in the place of the version approved before: until that is settled, past its deadline too."""
    return Q(glass_broken_at__lte=moment) & (Q(glass_over_at__isnull=True) | Q(glass_over_at__gt=moment))


def by_break_glass(moment: datetime) -> Q:
    """In force with signatures missing: the glass is broken, and the deadline has not come."""
    return in_place(moment) & Q(glass_until__gt=moment)


def not_revoked(moment: datetime) -> Q:
    """The packet was not revoked by then."""
    return Q(packet__revoked_at__isnull=True) | Q(packet__revoked_at__gt=moment)
