"""Signs of life, written where work is done: one small row a name, in the database, where every process reads them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import DatabaseError

from approvals import validity
from approvals.models import Pulse

logger = logging.getLogger(__name__)
Given = ParamSpec("Given")
Came = TypeVar("Came")


def beat(name: str, *, is_well: bool = True, said: str = "", count: int | None = None) -> None:
    """Note that this was seen just now, and how. Never raises: who gives a sign of life has better things to do."""
    row = Pulse(name=name, at=validity.now(), is_well=is_well, said=said[:200], count=count)
    changed = ["at", "is_well", "said", "count"]
    try:
        Pulse.objects.bulk_create([row], update_conflicts=True, unique_fields=["name"], update_fields=changed)
    except DatabaseError:
        logger.exception("a sign of life was not written", extra={"part": name})


def forget() -> None:
    """Forget every sign of life, for what was only told of the past."""
    Pulse.objects.all().delete()


def beating(task: Callable[Given, Came]) -> Callable[Given, Came]:
    """The task, with a sign of life under its name once it is done. One that fails gives none."""

    @wraps(task)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Came:
        came = task(*args, **kwargs)
        beat(task.__name__)
        return came

    return run
