"""What became of e-mails, as their final outcomes are recorded; and the checkpoints that stood at their feet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from approvals.content import instant
from approvals.models import Letter
from audits import note
from audits.models import Checkpoint
from audits.verifying import FOOTER

KEPT = ("letter", "to", "attempts", "tries", "server_said", "message_id")


def outcomes(bodies: Iterator[tuple[int, bytes]]) -> Iterator[dict[str, Any]]:
    """The e-mails whose outcome is one of these events: they do not change any more. Their text is not here."""
    for index, body in bodies:
        event = json.loads(body)
        told = {key: event["detail"][key] for key in KEPT}
        letter = Letter.objects.select_related("event").get(key=told["letter"])
        yield {
            **told, "event": index, "outcome": event["kind"], "settled_at": event["recorded_at"],
            "about": letter.event.kind if letter.event else "reminder", "subject": letter.subject,
            "written_at": instant(letter.written_at),
        }  # fmt: skip


def footers(keys: list[str], origin: str, below: int) -> list[Checkpoint]:
    """The checkpoints smaller than this size that these e-mails name, smallest first."""
    named = {
        (found[1], int(found[2]))
        for text in Letter.objects.filter(key__in=keys).values_list("text", flat=True)
        if (found := FOOTER.search(text))
    }
    sizes = [size for name, size in named if name == origin and size < below]
    rows = Checkpoint.objects.filter(size__in=sizes).order_by("size")
    return [row for row in rows if note.read(row.note).origin == origin]
