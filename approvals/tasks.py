"""What the scheduler pokes: thin doors. Everything due stands in the database, so any number of workers is harmless."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from celery import shared_task
from django.conf import settings

from approvals import pulses, transitions, validity, working_copies
from approvals.errors import DATABASE_GONE, Refused
from approvals.lateness import IDLE, end_of_day, going_idle_at, unrenewed_at
from approvals.letters import outbox, reminders, sending, several
from approvals.letters.webhooks import sending as webhooks
from approvals.models import Event, Version
from approvals.pulses import beating
from approvals.querysets import VersionQuerySet
from approvals.transitions import Seen
from approvals.vocabulary import ABOUT_LETTERS, EventKind

logger = logging.getLogger(__name__)
BATCH = 200
UNPOKED = (*ABOUT_LETTERS, EventKind.ENDS_SOON, *several.KINDS)  # many at once, from a worker that sends soon by itself
QUIET = 60  # seconds without a poke after the broker could not be reached
_silent_until = 0.0


@shared_task
@beating
def flag_expiring() -> int:
    """Write the reminders that are due; returns how many."""
    return reminders.flag(validity.now())


@shared_task
@beating
def expire_due() -> int:
    """Write down what the clock has already decided; returns how many ends."""
    lapsed = Version.objects.lapsed_by(validity.now())
    return _each(lapsed, lambda version: transitions.expire(version.pk, seen=Seen.of(version)), "expired")


@shared_task
@beating
def suspend_unfilled() -> int:
    """Write down each break-glass whose signatures did not come in time; returns how many."""
    unfilled = Version.objects.unfilled_at(validity.now())
    return _each(unfilled, lambda version: transitions.suspend_unfilled(version.pk), "suspended")


@shared_task
@beating
def close_idle() -> int:
    """Close the reviews nobody goes on with; returns how many."""
    now = validity.now()
    idle = Version.objects.idle_since(now - IDLE, now)
    return _each(idle, lambda version: transitions.close_idle(version.pk, seen=Seen.of(version)), "closed")


@shared_task
@beating
def forget_working_copies() -> int:
    """Forget what was typed for drafts that are none any more, or by people who left; returns how many."""
    return working_copies.forget_finished()


@shared_task
@beating
def flag_overdue() -> int:
    """Tell of answers that are overdue, each once; returns how many."""
    overdue = Version.objects.overdue_at(validity.now())
    return _each(overdue, lambda version: transitions.flag_overdue(version.pk), "told of as overdue")


@shared_task
@beating
def flag_unrenewed() -> int:
    """Tell of ends that come without a renewal, each once, those of today with the first; returns how many."""
    now = validity.now()
    late = _told_as_unrenewed(now)
    return late + _told_as_unrenewed(end_of_day(now)) if late else 0


def _told_as_unrenewed(by: datetime) -> int:
    late = unrenewed_at(by)
    return _each(late, lambda version: transitions.flag_unrenewed(version.pk, by=by), "told of as not renewed")


@shared_task
@beating
def warn_idle() -> int:
    """Warn of reviews that are about to be closed; returns how many."""
    idle = going_idle_at(validity.now())
    return _each(idle, lambda version: transitions.warn_idle(version.pk), "warned of as idle")


@shared_task
@beating
def send_letters(everything: bool = False) -> dict[str, int]:
    """Write what new events owe, then send what is due, letters first; returns how many reached which state."""
    announced = outbox.announce_all(everything=everything)
    return Counter({"announced": announced}) + sending.send_due() + webhooks.send_due()


def _each(found: VersionQuerySet, act: Callable[[Version], object], done: str) -> int:
    """Do it to each version, by its key; returns how many. One that cannot be done does not keep the others."""
    count = 0
    for version in _by_key(found):
        about = {"version": version.pk}
        try:
            act(version)
            count += 1
        except Refused as refusal:
            logger.warning("a version was not %s", done, extra=about | {"code": refusal.code})
        except DATABASE_GONE:
            raise
        except Exception:  # logged; the next run tries it again
            logger.exception("a version was not %s", done, extra=about)
    return count


def _by_key(found: VersionQuerySet) -> Iterator[Version]:
    """The rows by their key, a batch at a time: what is written meanwhile does not disturb the reading."""
    last = 0
    while batch := list(found.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield from batch
        last = batch[-1].pk


def poke(event: Event) -> None:
    """After a commit: ask a worker to send now. Without a broker the letters wait for the scheduler."""
    global _silent_until  # one memory for the process, so that a dead broker costs one attempt a minute
    if not settings.REDIS_URL or event.kind in UNPOKED or time.monotonic() < _silent_until:
        return
    try:
        send_letters.apply_async(retry=False, expires=QUIET, ignore_result=True)
    except Exception as error:  # whatever the broker's client raises, what was decided stands
        _silent_until = time.monotonic() + QUIET
        pulses.beat("broker", is_well=False, said=type(error).__name__)
        logger.warning("the broker cannot be reached; letters wait for the scheduler", extra={"error": str(error)})
