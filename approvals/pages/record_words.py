"""The record in words: what an event's body says beside who, what and when."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from approvals.models import Event
from approvals.vocabulary import EventKind, Verdict

KEY = frozenset(
    {
        EventKind.SUBMITTED, EventKind.SIGNED, EventKind.APPROVED, EventKind.RENEWED, EventKind.SUSPENDED,
        EventKind.RESUMED, EventKind.REVOKED, EventKind.ENDED, EventKind.REJECTED, EventKind.CHANGES_REQUESTED,
    }
)  # fmt: skip


def told(events: Iterable[Event]) -> list[Any]:
    """The events with `detail` and `reason` set for the record component."""
    rows: list[Any] = list(events)
    for event in rows:
        detail = json.loads(bytes(event.body))
        event.reason = str(detail["detail"].get("reason", "") or detail["detail"].get("text", ""))
        event.detail = " · ".join(_words(detail.get("version"), detail["detail"]))
    return rows


def _words(number: int | None, detail: dict[str, Any]) -> Iterable[str]:
    """Each is one fact; what is not in the detail is not said."""
    if number:
        yield f"v{number}"
    if "verdict" in detail:
        yield f"{Verdict(detail['verdict']).past}, for {detail['role']}"
    if detail.get("seats"):
        yield f"signatures needed: {', '.join(detail['seats'])}"
    if detail.get("message_id"):
        yield f"to {detail['to']}"
    if detail.get("changed"):
        yield f"changed: {', '.join(str(key).replace('_', ' ') for key in detail['changed'])}"
    for key, words in SAYS.items():
        if detail.get(key):
            value = detail[key]
            yield f"{words}{', '.join(map(str, value)) if isinstance(value, list) else value}"


SAYS = {
    "line": "on the line ",
    "groups": "also needed: ",
    "days": "days before the end: ",
    "with": "with ",
    "by": "by v",
    "from": "from v",
    "sight_added": "can see it now: ",
    "sight_removed": "can no longer see it: ",
}
