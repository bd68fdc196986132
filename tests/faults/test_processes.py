"""Real processes, killed with -9 at any moment and at the worst one: nothing is missed, what comes twice is the same.

`make faults` runs the same storm with Celery's own workers, Redis flushed and PostgreSQL restarted.
"""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections

from approvals import tasks, validity
from approvals.models import Letter, Reminder
from approvals.vocabulary import LetterState
from tests.bench.filling import fill_ending
from tests.faults.post_office import post_office
from tests.faults.storm import LATER, await_that, owed, storm
from tests.faults.worker import kill, start, working

AN_OWNER = 30  # statements that a letter takes, whatever stands in it
pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Letter.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def test_rm_1_killed_at_random_moments_every_reminder_leaves(full_scale: bool) -> None:
    due, kills = (500, 30) if full_scale else (24, 4)
    with post_office(fails=0.2) as office:
        figures = storm(due, kills, office, lambda shift: working(office.port, shift=shift))
    print("\n".join(figures.lines()))
    assert figures.hold(), figures
    assert states() == {LetterState.SENT: due}


def test_rm_2_killed_between_the_answer_and_the_commit_it_comes_twice_and_is_the_same() -> None:
    owed(1)
    with post_office() as office:
        worker = start(office.port)
        office.before_reply = lambda: os.kill(worker.pid or 0, signal.SIGSTOP)  # it has the answer and never reads it
        assert await_that(lambda: office.accepted == 1, 20)
        time.sleep(0.1)
        kill(worker)
        office.before_reply = lambda: None
        assert states() == {LetterState.SENDING: 1}
        with working(office.port, shift=LATER):
            assert await_that(lambda: states() == {LetterState.SENT: 1}, 20)
    assert (office.duplicates, office.all_alike(), sum(office.repeats.values())) == (1, True, 1)
    first, second = Letter.objects.get().tries.all()
    assert (first.text_left_at is not None, first.answer, second.answer) == (True, "", "taken")


def test_rm_3_many_workers_and_schedulers_at_once_send_each_reminder_once(full_scale: bool) -> None:
    due, workers = (500, 50) if full_scale else (30, 6)
    owed(due)
    with post_office() as office, working(office.port, workers):
        assert await_that(lambda: len(office.taken) == due, 120)
        assert await_that(lambda: states() == {LetterState.SENT: due}, 20)
    assert office.duplicates == 0 and Reminder.objects.count() == due


def test_rm_10_a_database_that_goes_away_during_a_sweep_loses_nothing() -> None:
    owed(20)
    with post_office() as office:
        with working(office.port):
            assert await_that(lambda: office.accepted >= 3, 20)
            with unplugged():
                time.sleep(0.3)
            assert await_that(lambda: office.accepted >= 15, 20)  # the same worker goes on by itself
        with working(office.port, shift=LATER):  # what it held when the database went away is free again
            assert await_that(lambda: len(office.taken) == 20, 60)
    assert office.all_alike() and office.duplicates <= 2


@contextmanager
def unplugged() -> Iterator[None]:
    """The database ends every connection and takes no new one meanwhile; SQLite's file is held by somebody else."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")
        return
    name = connection.settings_dict["NAME"]
    connections.close_all()
    with connection._nodb_cursor() as cursor:  # Django's own way to reach the server and no database
        cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_rm_17_many_ends_on_one_day_make_one_letter_for_each_owner(full_scale: bool) -> None:
    packets, owners = (10_000, 200) if full_scale else (150, 3)
    fill_ending(packets, owners, validity.now() + timedelta(days=6, hours=12))
    before, begun = most_memory(), time.monotonic()
    asked = Counter[str]()
    with connection.execute_wrapper(partial(counted, asked)):
        assert tasks.flag_expiring() == packets
    flagged, grown = time.monotonic() - begun, most_memory() - before
    with post_office() as office, working(office.port):
        assert await_that(lambda: len(office.taken) == owners, 120)
    took = time.monotonic() - begun
    print(f"{packets} ends on one day: flagged in {flagged:.1f} s with {asked.total()} statements for {owners} owners, "
          f"all letters handed over after {took:.1f} s (wanted: 60 s), memory grown by {grown} MB.")  # fmt: skip
    rest = 20 + packets // 50  # reminders are written hundreds at once; events, which are the record, each by itself
    assert asked["INSERT"] <= packets + owners + rest
    assert asked["SELECT"] <= AN_OWNER * owners + rest
    assert grown < 64
    assert Letter.objects.count() == owners and office.duplicates == 0


def counted(asked: Counter[str], execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """One more statement that begins with this word."""
    asked[sql.split(" ", 1)[0]] += 1
    return execute(sql, params, many, context)


def most_memory() -> int:
    """The most this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
