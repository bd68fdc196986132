"""The record in words: what an event's body says beside who, what and when."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from approvals.models import Event
from approvals.telling import moment_text
from approvals.vocabulary import EventKind, Verdict

APART = timedelta(seconds=1)  # what is recorded within the same second happened then
KEY = frozenset(
    {
        EventKind.SUBMITTED, EventKind.SIGNED, EventKind.APPROVED, EventKind.RENEWED, EventKind.SUSPENDED,
        EventKind.RESUMED, EventKind.REVOKED, EventKind.GLASS_BROKEN, EventKind.ENDED,
        EventKind.REJECTED, EventKind.CHANGES_REQUESTED,
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
    if isinstance(detail.get("cuts"), dict) and detail["cuts"]:
        yield _cut(detail["cuts"])
    for key, words in SAYS.items():
        if detail.get(key):
            value = detail[key]
            words = words if key != "by" or isinstance(value, int) else "by "
            yield f"{words}{', '.join(map(str, value)) if isinstance(value, list) else value}"


def _cut(cuts: dict[str, Any]) -> str:
    """cut 2 lines, added 1 to Never allowed, now ends Mon 30 Nov 2026 12:00 UTC."""
    lines, never, ends = len(cuts.get("lines") or ()), len(cuts.get("never") or ()), cuts.get("ends")
    parts = [f"cut {lines} {'line' if lines == 1 else 'lines'}"] if lines else []
    parts += [f"added {never} to Never allowed"] if never else []
    parts += [f"now ends {moment_text(datetime.fromisoformat(ends))}"] if ends else []
    return ", ".join(parts)


SAYS = {
    "shown_by": "signed with ",
    "sentence": "",
    "line": "on the line ",
    "groups": "also needed: ",
    "parts": "as ",
    "leaver": "handed over from ",
    "successor": "to ",
    "missing": "signatures missing: ",
    "with": "with ",
    "by": "by v",
    "from": "from v",
    "renewal": "renewal open as v",
    "instead_of": "also for those missed, days before: ",
    "sight_added": "can see it now: ",
    "sight_removed": "can no longer see it: ",
}
