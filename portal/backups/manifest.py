"""What a backup says of itself. Pure: no Django and no files here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

FORMAT, VERSION = "agent-approvals backup", 1
SQLITE, POSTGRESQL = "sqlite", "postgresql"


class NotDone(Exception):
    """Nothing was written: the sentence says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file inside; of PostgreSQL it is one table."""

    name: str
    size: int
    """In bytes, unpacked."""
    sha256: str
    table: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the database held at the instant of the backup; `last_event` is 0 when there was none."""

    packets: int
    versions: int
    events: int
    last_event: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """Written last into the file, read first out of it."""

    taken_at: datetime
    database: str
    migrations: tuple[str, ...]
    """Each as “app.name”, all that were applied."""
    holdings: Holdings
    parts: tuple[Part, ...]

    def dumps(self) -> bytes:
        """As JSON that people can read too."""
        told = {"format": FORMAT, "format_version": VERSION, **asdict(self), "taken_at": self.taken_at.isoformat()}
        return json.dumps(told, indent=1).encode()


def read(body: bytes) -> Manifest:
    """The manifest in these bytes; raises NotDone when it is none, or one of a later format."""
    try:
        told = json.loads(body)
        if told["format"] != FORMAT:
            raise NotDone("This file is not a backup of this portal.")
        if told["format_version"] != VERSION:
            raise NotDone(
                f"This backup has format {told['format_version']}; this portal reads format {VERSION}. "
                "Restore it with the version of the portal that made it, or a later one."
            )
        return _manifest(told)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NotDone("This file is not a backup of this portal: its manifest cannot be read.") from None


def _manifest(told: Mapping[str, Any]) -> Manifest:
    return Manifest(
        datetime.fromisoformat(told["taken_at"]),
        told["database"],
        tuple(told["migrations"]),
        Holdings(**told["holdings"]),
        tuple(Part(**{**part, "columns": tuple(part["columns"])}) for part in told["parts"]),
    )
