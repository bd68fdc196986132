"""A worker in a process of its own that does what the scheduler pokes, over and over, until it is killed.

It comes from a fork server that has Django ready, so that a new one begins within milliseconds. Celery's own are in
`tests.faults.__main__`.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Any

import django
from django.conf import settings

if not settings.configured or not django.apps.apps.ready:
    django.setup()

from django.db import close_old_connections, connection, connections

from approvals import tasks
from approvals.errors import DATABASE_GONE

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.faults.worker"])
NAMED = ("NAME", "USER", "PASSWORD", "HOST", "PORT")


def work(database: dict[str, Any], mail_port: int, shift: float) -> None:
    """Runs in the new process. A database that is gone is tried again."""
    connections["default"].settings_dict.update(database)
    settings.EMAIL_BACKEND = "approvals.letters.conversation.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", mail_port, 2
    settings.CLOCK_SHIFT = shift
    while True:
        try:
            tasks.flag_expiring()
            tasks.send_letters()
        except DATABASE_GONE:
            connections.close_all()
        close_old_connections()
        time.sleep(0.02)


def start(mail_port: int, *, shift: float = 0) -> BaseProcess:
    """One more worker on this test's database; `shift` moves its clock, in seconds."""
    database = {name: connection.settings_dict[name] for name in NAMED}
    process = CONTEXT.Process(target=work, args=(database, mail_port, shift), daemon=True)
    process.start()
    return process


def kill(process: BaseProcess) -> None:
    """With -9: nothing in it gets to say goodbye."""
    process.kill()
    process.join()


@contextmanager
def working(mail_port: int, count: int = 1, *, shift: float = 0) -> Iterator[list[BaseProcess]]:
    """So many workers meanwhile."""
    crew = [start(mail_port, shift=shift) for _ in range(count)]
    try:
        yield crew
    finally:
        for process in crew:
            kill(process)
