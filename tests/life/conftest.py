"""Every verb that a test here calls is watched: what it leaves behind, and that a refusal leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from approvals import access, search_index, transitions
from approvals.errors import Refused
from approvals.models import Event, Packet
from approvals.transitions import Seen
from tests.cast import everything


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """After each verb: who sees is as computed anew, history has the acting person; after a refusal: no trace."""
    for name in transitions.__all__:
        verb = getattr(transitions, name)
        if verb is not Seen:
            monkeypatch.setattr(transitions, name, _watched(verb))


def _watched(verb: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(verb)
    def watch(*args: Any, **kwargs: Any) -> Any:
        before, marks = everything(), _marks()
        try:
            result = verb(*args, **kwargs)
        except Refused:
            assert everything() == before, f"{verb.__name__} was refused and left a trace"
            raise
        _sight_is_settled()
        _history_says_who(marks, kwargs.get("actor"))
        return result

    return watch


def _sight_is_settled() -> None:
    for packet in Packet.objects.select_related("agent"):
        assert search_index.standing(packet) == search_index.expected(packet), f"{packet} is not found as computed"
        assert access.standing(packet) == access.expected(packet), f"guardian's rows of {packet} are not as computed"


@cache
def _histories() -> tuple[Any, ...]:
    models: list[Any] = list(apps.get_app_config("approvals").get_models())
    return tuple(model.history.model for model in models if hasattr(model, "history"))


def _marks() -> dict[Any, int]:
    """The last row of each history and of the record."""
    with connection.cursor() as cursor:
        return {model: _last(cursor, model) for model in (*_histories(), Event)}


def _last(cursor: Any, model: Any) -> int:
    cursor.execute(f"SELECT max({model._meta.pk.column}) FROM {model._meta.db_table}")
    return cursor.fetchone()[0] or 0


def _history_says_who(before: dict[Any, int], actor: Any) -> None:
    """Each new row of history names the actor, or nobody: the system. Where there is one there is an event."""
    after = _marks()
    rows = [
        row
        for model in _histories()
        if after[model] > before[model]
        for row in model.objects.filter(history_id__gt=before[model])
    ]
    for row in rows:
        assert row.history_user_id in (None, actor.pk if actor else None), f"{row!r} names somebody else"
    assert after[Event] > before[Event] or not rows, "rows changed without an event"
    assert actor is None or not rows or any(row.history_user_id == actor.pk for row in rows)
