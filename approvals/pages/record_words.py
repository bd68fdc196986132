"""The record in words: what an event's body says beside who, what and when."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from approvals.models import Event
from approvals.telling import moment_text
from approvals.vocabulary import EventKind, Verdict

APART = timedelta(seconds=1)  # what is recorded within the same second happened then
KEY = frozenset(
    {
        EventKind.SUBMITTED, EventKind.SIGNED, EventKind.APPROVED, EventKind.RENEWED, EventKind.SUSPENDED,
        EventKind.RESUMED, EventKind.REVOKED, EventKind.ENDED, EventKind.REJECTED, EventKind.CHANGES_REQUESTED,
    }
)  # fmt: skip


def told(events: Iterable[Event]) -> list[Any]:
    """The events with `detail`, `reason` and `shown_at` set for the record component.

    What takes effect later happened when it was recorded: the record never shows a date to come.
    """
    rows: list[Any] = list(events)
    for event in rows:
        detail = json.loads(bytes(event.body))
        event.reason = str(detail["detail"].get("reason", "") or detail["detail"].get("text", ""))
        words = [*_words(detail.get("version"), detail["detail"])]
        event.shown_at = min(event.effective_at, event.recorded_at)
        if event.effective_at - event.recorded_at >= APART:
            words.append(f"takes effect {moment_text(event.effective_at)}")
        event.detail = " · ".join(words)
    return rows


def _words(number: int | None, detail: dict[str, Any]) -> Iterable[str]:
    """Each is one fact; what is not in the detail is not said."""
    if number:
        yield f"v{number}"
    if "verdict" in detail:
        yield f"{Verdict(detail['verdict']).past}, for {detail['role']}"
    if detail.get("seats"):
        counted = Counter(map(str, detail["seats"]))
        yield f"signatures needed: {', '.join(f'{count} of {name}' for name, count in counted.items())}"
    if detail.get("message_id"):
        yield f"to {detail['to']}"
    if isinstance(detail.get("days"), int):
        yield f"{detail['days']} day{'s' if detail['days'] != 1 else ''} before the end"
    if detail.get("changed"):
        yield f"changed: {', '.join(str(key).replace('_', ' ') for key in detail['changed'])}"
    for key, words in SAYS.items():
        if detail.get(key):
            value = detail[key]
            yield f"{words}{', '.join(map(str, value)) if isinstance(value, list) else value}"


SAYS = {
    "line": "on the line ",
    "groups": "also needed: ",
    "with": "with ",
    "by": "by v",
    "from": "from v",
    "sight_added": "can see it now: ",
    "sight_removed": "can no longer see it: ",
}
