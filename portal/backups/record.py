"""What the record knows of backups: that one was taken or restored, its size and sum, and never where it lies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from approvals.models import Event
from approvals.vocabulary import EventKind


@dataclass(frozen=True, slots=True)
class LastBackup:
    """The newest backup that was finished."""

    taken_at: datetime
    size: int
    """In bytes."""
    sha256: str
    """Of the whole file, in hex."""
    packets: int
    events: int


def last_backup() -> LastBackup | None:
    """The newest backup the record knows of; None when none was ever taken. One statement."""
    found = Event.objects.filter(kind=EventKind.BACKED_UP).order_by("-pk").first()
    if found is None:
        return None
    told = json.loads(bytes(found.body))["detail"]
    return LastBackup(found.effective_at, told["size"], told["sha256"], told["packets"], told["events"])
