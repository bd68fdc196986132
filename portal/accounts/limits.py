"""How often a door may be tried. Counted in the database, so that it holds across processes and restarts.

What cannot be counted is refused: a database that does not answer lets nobody in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from math import ceil

from django.db import DatabaseError, transaction

from approvals import validity
from portal.models import Attempts

FORGET_AFTER = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many attempts within so many seconds."""

    attempts: int
    seconds: int


# By account and address, so that a stranger elsewhere cannot keep somebody out.
PASSWORD = (Limit(5, 60), Limit(50, 3600))
# By address alone: many names tried from one place.
ADDRESS = (Limit(30, 60), Limit(300, 3600))
# By account: only who has the password already gets here, and six digits can be guessed.
CODE = (Limit(5, 60), Limit(20, 3600))
# A mail that somebody asked for.
MAIL = (Limit(3, 3600),)


@dataclass(frozen=True, slots=True)
class Counted:
    """One thing that is counted: what, whose, and how often."""

    what: str
    limits: tuple[Limit, ...]

    @property
    def key(self) -> str:
        return sha256(self.what.encode()).hexdigest()


def take(counted: Iterable[Counted]) -> int:
    """Count one attempt for each; 0 when it may go on, else the seconds to wait. Then nothing more is counted."""
    for one in counted:
        if wait := _take(one):
            return wait
    return 0


@transaction.atomic
def _take(counted: Counted) -> int:
    now = validity.now()
    row = _locked(counted) or _locked(counted, begin=Attempts(key=counted.key, last=now))
    if row is None:
        raise DatabaseError("An attempt was written and is not there.")
    longest = max(limit.seconds for limit in counted.limits)
    row.at = [moment for moment in row.at if moment > now.timestamp() - longest]
    if wait := max(_wait(row.at, limit, now.timestamp()) for limit in counted.limits):
        return wait
    row.at, row.last = [*row.at, now.timestamp()], now
    row.save()
    return 0


def _locked(counted: Counted, begin: Attempts | None = None) -> Attempts | None:
    """The row, for this transaction alone. Whoever begins it may meet somebody who does so at the same time."""
    if begin is not None:
        Attempts.objects.bulk_create([begin], ignore_conflicts=True)
    return Attempts.objects.select_for_update().filter(key=counted.key).first()


def _wait(at: list[float], limit: Limit, now: float) -> int:
    """Whole seconds until this limit lets one more through; 0 for now."""
    inside = [moment for moment in at if moment > now - limit.seconds]
    return max(ceil(inside[-limit.attempts] + limit.seconds - now), 1) if len(inside) >= limit.attempts else 0


def give_back(counted: Iterable[Counted]) -> None:
    """It was the right person: take back the attempt that was counted last, and leave those before it."""
    for one in counted:
        with transaction.atomic():
            if row := _locked(one):
                row.at = row.at[:-1]
                row.save()


def forget() -> int:
    """Delete what no limit asks for any more; returns how many rows."""
    deleted, _ = Attempts.objects.filter(last__lt=validity.now() - FORGET_AFTER).delete()
    return deleted
