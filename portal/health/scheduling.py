"""The scheduler's sign of life: written when the broker has taken something from it."""

from __future__ import annotations

import time

from celery.signals import after_task_publish
from django.db import close_old_connections

from approvals import pulses

EVERY = 15  # seconds between two signs of life
_last = -EVERY * 1.0


def connect() -> None:
    """From now on this process is a scheduler."""
    after_task_publish.connect(published)


def published(**signal: object) -> None:
    """The broker took a task. Noted four times a minute at most."""
    global _last  # one memory for the one process that is the scheduler
    now = time.monotonic()
    if now - _last < EVERY:
        return
    _last = now
    close_old_connections()  # nothing else in this process ever asks whether the database has hung up
    pulses.beat("scheduler")
