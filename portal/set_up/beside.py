"""Runs a test beside the request that asked for it.

A web process may have one thread only (`manage.py up` on SQLite has): while it waited for a mail server nobody could
use the portal, and the portal's own address could never answer.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from threading import Thread
from typing import TypeVar

from django.db import connections

MOMENT = 1.0  # seconds a request waits for what may come quickly
_tries: dict[str, Thread] = {}
Came = TypeVar("Came")


def start(key: str, test: Callable[[], Came]) -> Came | None:
    """Run the test; None when it still runs after a moment. What is tried already under this key is not begun again."""
    found: list[Came] = []
    context = copy_context()  # the event carries the request's id

    def work() -> None:
        try:
            found.append(context.run(test))
        finally:
            connections.close_all()

    if key not in still():
        _tries[key] = Thread(target=work, name=f"trying {key}", daemon=True)
        _tries[key].start()
    _tries[key].join(MOMENT)
    return found[0] if found else None


def still(wait: float = 0.0) -> set[str]:
    """The tests that this process is trying now, after waiting so long for each."""
    for thread in _tries.values():
        thread.join(wait)
    return {key for key, thread in _tries.items() if thread.is_alive()}
