"""Every verb that a test here calls is watched: what it leaves behind, and that a refusal leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest
from django.apps import apps

from approvals import access, transitions
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
        assert access.standing(packet) == access.expected(packet), f"guardian's rows of {packet} are not as computed"


def _histories() -> list[Any]:
    models: list[Any] = list(apps.get_app_config("approvals").get_models())
    return [model.history.model for model in models if hasattr(model, "history")]


def _marks() -> dict[Any, int]:
    """The last row of each history and of the record."""
    keys: dict[Any, Any] = {model: model.objects.values_list("history_id", flat=True) for model in _histories()}
    keys[Event] = Event.objects.values_list("pk", flat=True)
    return {model: max(known, default=0) for model, known in keys.items()}


def _history_says_who(marks: dict[Any, int], actor: Any) -> None:
    """Each new row of history names the actor, or nobody: the system. Where there is one there is an event."""
    events = Event.objects.filter(pk__gt=marks.pop(Event)).count()
    rows = [row for model, mark in marks.items() for row in model.objects.filter(history_id__gt=mark)]
    for row in rows:
        assert row.history_user_id in (None, actor.pk if actor else None), f"{row!r} names somebody else"
    assert events or not rows, "rows changed without an event"
    assert actor is None or not rows or any(row.history_user_id == actor.pk for row in rows)
