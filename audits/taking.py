"""A part of the record to take away, as CSV or JSON Lines: row by row, each with its hashes and its place of how many.

`leaf_hash` is the leaf of an RFC 6962 tree, SHA-256(0x00 ‖ body): by it a row is found under any checkpoint. The last
row is the SHA-256 over all of them in their order, so that whoever has the file knows that it is whole.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from approvals.models import Event
from approvals.pages.csv_rows import MARK, cell
from approvals.querysets import EventQuerySet

CHUNK = 500  # events read at once: memory stays flat however long the period is
COLUMNS = (
    "row", "of", "event", "recorded_at", "effective_at", "kind", "packet", "version", "agent", "person", "name",
    "request_id", "sha256", "leaf_hash", "body",
)  # fmt: skip
READ = (
    *("body", "kind", "actor_name", "effective_at", "recorded_at", "request_id"),
    *("packet__reference", "version__number", "agent__slug", "actor__username"),
)
FORMATS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken: these events, up to the last one there was when it was asked for."""

    events: EventQuerySet
    last: int
    count: int

    @classmethod
    def of(cls, events: EventQuerySet, last: int) -> Taken:
        rows = events.filter(pk__lte=last)
        return cls(rows, last, rows.count())

    def rows(self) -> Iterator[dict[str, Any]]:
        """Oldest first, then the row that closes the file."""
        whole, number = sha256(), 0
        for number, event in enumerate(self._walk(), 1):
            row = _row(event, number, self.count)
            whole.update(bytes.fromhex(row["leaf_hash"]))
            yield row
        yield {"row": number, "of": self.count, "sha256_of_leaf_hashes": whole.hexdigest()}

    def _walk(self) -> Iterator[Event]:
        after = 0
        while True:
            rows = self.events.filter(pk__gt=after).select_related("packet", "version", "agent", "actor").only(*READ)
            chunk = list(rows.order_by("pk")[:CHUNK])
            yield from chunk
            if len(chunk) < CHUNK:
                return
            after = chunk[-1].pk


def _row(event: Event, number: int, of: int) -> dict[str, Any]:
    body = bytes(event.body)
    values = (
        number, of, event.pk, _exact(event.recorded_at), _exact(event.effective_at), event.kind,
        event.packet.reference if event.packet else None, event.version.number if event.version else None,
        event.agent.slug if event.agent else None, event.actor.username if event.actor else None, event.actor_name,
        event.request_id, sha256(body).hexdigest(), sha256(b"\x00" + body).hexdigest(), body.decode(),
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _exact(moment: Any) -> str:
    return str(moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


def as_lines(taken: Taken, kind: str) -> Iterator[str]:
    """The file, line by line."""
    return _csv(taken) if kind == "csv" else (json.dumps(row, ensure_ascii=False) + "\n" for row in taken.rows())


class _Line:
    """What csv writes to: gives the line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _csv(taken: Taken) -> Iterator[str]:
    writer = csv.writer(_Line(), lineterminator="\r\n")
    yield MARK + writer.writerow(COLUMNS)
    for row in taken.rows():
        if "event" in row:
            yield writer.writerow([cell(value) for value in row.values()])
        else:
            yield writer.writerow(
                [row["row"], row["of"], f"SHA-256 of all leaf hashes: {row['sha256_of_leaf_hashes']}"]
            )
