"""When a reminder of an end is due: the thresholds of a version, for one person, where they live."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from approvals.models import Version
from approvals.people import Person

DAY = timedelta(days=1)


def due_days(version: Version, person: Person, moment: datetime) -> int | None:
    """The most urgent threshold that is due for this person by then, or None: it stands for those missed before."""
    return min((days for days, at in due_at(version, person) if at <= moment), default=None)


def due_at(version: Version, person: Person) -> Iterator[tuple[int, datetime]]:
    """Each threshold with the instant its reminder is due. Thresholds before the version held never existed."""
    if version.ends_at is None or version.in_force_from is None:
        return
    for days in version.reminder_days:
        threshold = version.ends_at - days * DAY
        if threshold >= version.in_force_from:
            yield days, max(on_a_working_day(threshold, zone_of(person)), version.in_force_from)


def on_a_working_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment; or, when it falls on a weekend there, the Friday before at the same time of day."""
    there = moment.astimezone(zone)
    return (there - timedelta(days=max(0, there.weekday() - 4))).astimezone(UTC)


def midnight_after(moment: datetime, person: Person) -> datetime:
    """When the person's day ends."""
    here = moment.astimezone(zone_of(person))
    return (here + DAY).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def zone_of(person: Person) -> ZoneInfo:
    """The person's zone; UTC when what is stored is none."""
    try:
        return person.zone
    except (OSError, ValueError, KeyError):
        return ZoneInfo("UTC")
