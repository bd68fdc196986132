"""Many reminders due at once, under faults; and the figures that are published of it (FG-5)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random

from approvals import validity
from tests.bench.filling import fill_ending
from tests.faults.post_office import PostOffice

LATER = 3700.0  # seconds: leases, and what was put off, are over by then
PATIENCE = 300
SWEEP = 60


@dataclass
class Figures:
    """What came of a storm. Kills are processes killed with -9."""

    due: int
    kills: int = 0
    other: dict[str, int] = field(default_factory=dict)
    missed: int = 0
    duplicates: int = 0
    alike: bool = True
    latest: float = 0.0

    def lines(self) -> Iterator[str]:
        """As they are printed."""
        alike = "all with the same Message-ID" if self.alike else "NOT all with the same Message-ID"
        rows = {"Reminders due": self.due, "Workers killed with -9": self.kills, **self.other, "Missed": self.missed}
        yield from (f"{name:<28} {count}" for name, count in rows.items())
        yield f"{'Duplicates':<28} {self.duplicates} ({alike})"
        yield f"{'Last one after recovery':<28} {self.latest:.1f} s (one sweep: {SWEEP} s)"

    def hold(self) -> bool:
        """Whether the promise was kept: at least once, same Message-ID, within one sweep of the recovery."""
        few = self.duplicates <= self.kills
        return not self.missed and few and self.alike and self.latest <= SWEEP


def owed(reminders: int) -> None:
    """So many reminders are due: one for each of as many owners."""
    fill_ending(reminders, reminders, validity.now() + timedelta(days=6, hours=12))


def storm(
    due: int, kills: int, office: PostOffice, working: Callable[[float], AbstractContextManager[object]],
    between: Callable[[int], None] = lambda number: None,
) -> Figures:  # fmt: skip
    """Kill the workers at so many random moments while they send, then let them be. `working` takes a clock's shift.

    `between` does what else goes wrong after each kill.
    """
    random = Random(11)
    owed(due)
    for number in range(kills):
        share = due * number * 7 // (kills * 10)  # a fault puts a letter off, so that not all leave meanwhile
        with working(0):
            await_that(partial(office.has_taken, share), 20)
            time.sleep(random.uniform(0.02, 0.3))
        between(number)
    office.fails = 0
    recovered = time.monotonic()
    with working(LATER):
        await_that(lambda: len(office.taken) >= due, PATIENCE)
        time.sleep(0.5)  # a duplicate would come now
    latest = max(office.last_at() - recovered, 0)
    missed, faults = due - len(office.taken), dict(sorted(office.faults.items()))
    return Figures(due, kills, faults, missed, office.duplicates, office.all_alike(), latest)


def await_that(holds: Callable[[], bool], patience: float) -> bool:
    """Wait until it holds; returns whether it does."""
    until = time.monotonic() + patience
    while not (there := holds()) and time.monotonic() < until:
        time.sleep(0.01)
    return there
