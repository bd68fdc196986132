"""Versions with which nobody goes on in time: an end that comes without a renewal, a review about to be closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import Exists, F, OuterRef

from approvals.models import Event, Version
from approvals.querysets import VersionQuerySet
from approvals.vocabulary import EventKind, Level, State

DAY = timedelta(days=1)
IDLE = 21 * DAY  # without an event, then a review is closed
WARNED = 4 * DAY  # before it is closed
NOTICE = 2  # working days before an end without a renewal
SHORT = 4 * DAY  # two working days with a weekend between: what holds no longer than that was never meant to be renewed


def working_days_after(moment: datetime, count: int) -> datetime:
    """So many working days later, in UTC, at the same time of day."""
    while count:
        moment += DAY
        count -= moment.weekday() < 5
    return moment


def end_of_day(moment: datetime) -> datetime:
    """The last instant of that day, in UTC."""
    return moment.astimezone(UTC).replace(hour=23, minute=59, second=59, microsecond=999_999)


def unrenewed_at(moment: datetime) -> VersionQuerySet:
    """Standing authority that ends within two working days, no renewal signed, and nobody was told of that yet."""
    told = Event.objects.filter(version=OuterRef("pk"), kind=EventKind.RENEWAL_LATE)
    later = Version.objects.filter(packet=OuterRef("packet"), number__gt=OuterRef("number"), state=State.APPROVED)
    renewed = later.filter(ends_at__gt=OuterRef("ends_at"))
    ending: VersionQuerySet = Version.objects.owing_reminders(moment, working_days_after(moment, NOTICE))
    return ending.filter(
        ~Exists(told), ~Exists(renewed), packet__level=Level.SYSTEM, in_force_from__lte=moment,
        ends_at__gt=F("in_force_from") + SHORT,
    )  # fmt: skip


def going_idle_at(moment: datetime) -> VersionQuerySet:
    """In review, to be closed within four days because nobody goes on, and nobody was warned since the last event."""
    warned = Event.objects.filter(
        version=OuterRef("pk"), kind=EventKind.REVIEW_GOES_IDLE, recorded_at__gte=OuterRef("last_event_at")
    )
    rows: VersionQuerySet = Version.objects.filter(~Exists(warned), state=State.IN_REVIEW)
    return rows.filter(last_event_at__lte=moment - IDLE + WARNED)
