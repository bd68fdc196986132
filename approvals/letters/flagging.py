"""Writes reminders down. A row is a claim, unique on (version, end, days, person): a second run writes nothing.

Versions are flagged a batch at a time, in one transaction and with one statement for all rows. When that cannot be,
because another run was at the same ones or one version stands in the way, each is flagged by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from approvals import transitions
from approvals.errors import DATABASE_GONE
from approvals.letters import audience
from approvals.letters.thresholds import due_at, due_days
from approvals.models import Reminder, SignOffRule, Version
from approvals.people import Person
from approvals.querysets import VersionQuerySet

logger = logging.getLogger(__name__)
WEEKEND = timedelta(days=2)  # how far ahead of its threshold a reminder may go out
USUAL = 30
Told = set[tuple[int, int]]  # who was told how many days before


@dataclass(frozen=True, slots=True)
class Due:
    """One threshold of one version, whom it is due for, and those missed before that it stands for."""

    version: Version
    days: int
    people: tuple[Person, ...]
    missed: tuple[int, ...]


def ending_by(now: datetime, moment: datetime) -> VersionQuerySet:
    """Versions in force of which somebody may have to be reminded by that moment, with the reminders there are."""
    horizon = moment + timedelta(days=longest_warning()) + WEEKEND
    rows: VersionQuerySet = Version.objects.owing_reminders(now, horizon).filter(in_force_from__lte=now).for_page()
    return rows.defer("content").prefetch_related("reminders").order_by("pk")


def longest_warning() -> int:
    """In days: the earliest reminder of any rule, as it is or ever was."""
    rows = [*SignOffRule.objects.values_list("reminder_days", flat=True)]
    rows += SignOffRule.history.values_list("reminder_days", flat=True)
    return int(max([USUAL, *(day for days in rows for day in days)]))


def flag_all(versions: Sequence[Version], now: datetime, *, until: datetime, only: Person | None = None) -> int:
    """Write the reminders that are due by `until` and not there yet, with their events; returns how many."""
    try:
        return _together([due for version in versions for due in owed(version, now, until, only)], now)
    except DATABASE_GONE:
        raise
    except Exception:  # somebody else's rows, or one version that fails: found out below, each by itself
        return sum(_alone(version, now, until, only) for version in versions)


@transaction.atomic
def _together(found: Sequence[Due], now: datetime) -> int:
    rows = [
        Reminder(version=due.version, ends_at=_end(due.version), days=due.days, recipient=person, flagged_at=now)
        for due in found
        for person in due.people
    ]
    Reminder.objects.bulk_create(rows)
    for due in found:
        _record(due, due.people)
    return len(rows)


def _alone(version: Version, now: datetime, until: datetime, only: Person | None) -> int:
    try:
        return sum(claim(version, due.days, due.people, now) for due in owed(version, now, until, only))
    except DATABASE_GONE:
        raise
    except Exception:  # one version must not keep the reminders of the others
        logger.exception("a version was not flagged", extra={"version": version.pk})
        return 0


def owed(version: Version, now: datetime, until: datetime, only: Person | None = None) -> Iterator[Due]:
    """What is due by `until` and not told yet, as far as the reminders read with the version say."""
    there = {(row.recipient_id, row.days) for row in version.reminders.all() if row.ends_at == version.ends_at}
    due: dict[int, list[Person]] = {}
    for person in [only] if only else [to.person for to in audience.owners(version)]:
        days = due_days(version, person, until)
        if days is not None and not _told(there, person, days):
            due.setdefault(days, []).append(person)
    yield from (_due(version, days, due[days], there, now) for days in sorted(due))


def _due(version: Version, days: int, people: Iterable[Person], there: Told, now: datetime) -> Due:
    people = tuple(people)
    passed = {(person.pk, day) for person in people for day, at in due_at(version, person) if day > days and at <= now}
    return Due(version, days, people, tuple(sorted({day for _, day in passed - there}, reverse=True)))


def _told(there: Told, person: Person, days: int) -> bool:
    """Whether this person has this reminder or a more urgent one: a clock that went back asks for no older one."""
    return any(pk == person.pk and told <= days for pk, told in there)


@transaction.atomic
def claim(version: Version, days: int, people: Iterable[Person], now: datetime) -> int:
    """Claim one threshold for each of these people; those who were told meanwhile are left out. One event for all."""
    end = _end(version)
    there = set(version.reminders.filter(ends_at=end).order_by().values_list("recipient", "days"))
    made = [
        person for person in people
        if not _told(there, person, days)
        and _insert(Reminder(version=version, ends_at=end, days=days, recipient=person, flagged_at=now))
    ]  # fmt: skip
    if made:
        _record(_due(version, days, made, there, now), made)
    return len(made)


def _end(version: Version) -> datetime:
    if version.ends_at is None:
        raise ValueError(f"{version} was never granted, so it has no end.")
    return version.ends_at


def _record(due: Due, people: Iterable[Person]) -> None:
    names = [person.username for person in people]
    transitions.flag_expiring(due.version, due.days, names, instead_of=due.missed)


def _insert(row: Reminder) -> bool:
    """False when somebody else claimed the same at the same time."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    return True
