"""Verifies the record from its bytes: every leaf, subtree and checkpoint again, in constant memory.

The first thing that is wrong ends it, named by its index. A checkpoint from outside the database is what tells of a
record that was rewritten so that it agrees with itself.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count

from approvals.content import normal
from approvals.models import Event
from audits import kept, note
from audits.models import KEPT_LEVELS, Checkpoint, Leaf, Subtree
from audits.note import Unreadable
from audits.subtrees import Gap, Stored
from audits.tree import Edge, edge_of, leaf_hash

CHUNK = 2_000
ROW = (
    "index", "hash", "event__body", "event__kind", "event__actor_name", "event__effective_at", "event__recorded_at",
    "event__request_id", "event__packet__reference", "event__version__number", "event__agent__slug",
    "event__actor_id", "event__actor__username",
)  # fmt: skip
FOOTER = re.compile(r"Checkpoint of the record:\s+(\S+)\s+(\d{1,19})\s+([A-Za-z0-9+/]{43}=)")

Progress = Callable[[int, int], None]


class Wrong(Exception):
    """The record is not what was sealed; the text is a sentence that names the first bad index."""


@dataclass(slots=True)
class Report:
    """What was verified."""

    size: int = 0
    begun: int = 0
    checkpoints: int = 0
    unsealed: int = 0
    last: str = ""
    agrees_with: list[str] = field(default_factory=list)


def claimed(text: str) -> note.Checkpoint:
    """The checkpoint in a file somebody kept: a signed note, or a letter with one at its foot. Raises Unreadable."""
    if found := FOOTER.search(text):
        return note.Checkpoint(found[1], int(found[2]), base64.b64decode(found[3]))
    return note.read(text)


def verify(since: note.Checkpoint | None = None, progress: Progress = lambda done, all: None) -> Report:
    """Verify the whole record, or what came after a checkpoint that still holds. Raises Wrong."""
    begin = _edge_at(since) if since else Edge()
    there = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    last = Checkpoint.objects.first()  # asked after the leaves: those come with their checkpoint
    size = max(last.size if last else 0, 0 if there is None else there + 1)
    walk = _Walk(begin, size, _outside(since), progress)
    walk.leaves()
    if last and last.size != size:
        raise Wrong(f"Index {last.size}: this leaf is under no checkpoint.")
    unsealed = Event.objects.filter(leaf__isnull=True).count()
    return Report(size, walk.begun, walk.signed, unsealed, last.note if last else "", walk.agrees)


def _edge_at(since: note.Checkpoint) -> Edge:
    """Where to go on from; the beginning, when the stored tree does not lead to this checkpoint."""
    try:
        edge = edge_of(since.size, Stored())
    except Gap:
        return Edge()
    return edge if edge.root() == since.root else Edge()


def _outside(since: note.Checkpoint | None) -> list[tuple[str, note.Checkpoint]]:
    """The checkpoints that are not in the database, by size."""
    found = [("the checkpoint given", since)] if since else []
    if signed := kept.last_note():
        try:
            found.append(("the checkpoint kept outside the database", note.verified(signed, kept.verifiers())))
        except Unreadable as error:
            raise Wrong(f"The checkpoint kept outside the database: {error}") from None
    return sorted(found, key=lambda one: one[1].size)


class _Walk:
    """One walk over the leaves in their order, with everything that has to agree beside it."""

    def __init__(self, edge: Edge, size: int, outside: list[tuple[str, note.Checkpoint]], progress: Progress) -> None:
        self.edge, self.size, self.outside, self.progress = edge, size, outside, progress
        self.begun, self.signed, self.agrees = edge.size, 0, list[str]()
        self._verifiers = kept.verifiers()
        self._checkpoints = _in_order(Checkpoint.objects.filter(size__gt=edge.size), "size")
        self._next = next(self._checkpoints, None)
        self._subtrees: dict[int, Iterator[Any]] = {}

    def leaves(self) -> None:
        """Every leaf from here on. Raises Wrong."""
        self._compare_outside()
        rows = Leaf.objects.filter(index__gte=self.edge.size, index__lt=self.size)
        for row in _in_order(rows.values_list(*ROW), "index"):
            self._leaf(row)
            if self.edge.size % 10_000 == 0:
                self.progress(self.edge.size, self.size)
        if self.edge.size < self.size:
            raise Wrong(f"Index {self.edge.size}: this leaf or its event is gone.")
        if self._next is not None:
            raise Wrong(f"Index {self.edge.size}: a checkpoint covers {self._next.size} events, and they are not here.")
        for what, point in self.outside:
            if point.size > self.size:
                raise Wrong(
                    f"Index {self.size}: {what} covers {point.size} events, and only {self.size} of them are here."
                )
        self._no_subtrees_beyond()

    def _leaf(self, row: tuple[Any, ...]) -> None:
        index, hashed, body = row[0], bytes(row[1]), bytes(row[2])
        if index != self.edge.size:
            raise Wrong(f"Index {self.edge.size}: this leaf or its event is gone.")
        if leaf_hash(body) != hashed:
            raise Wrong(f"Index {index}: the event is not the one that was sealed.")
        if column := _differing(body, row):
            raise Wrong(f"Index {index}: the column {column} says something else than the event that was sealed.")
        for level, place, whole in self.edge.add(hashed):
            if level % KEPT_LEVELS == 0 and self._stored(level) != (place, whole):
                raise Wrong(f"Index {index}: the stored subtree {level}/{place} is not the one over its leaves.")
        while self._next is not None and self._next.size <= self.edge.size:
            self._checkpoint(self._next)
            self._next = next(self._checkpoints, None)
        self._compare_outside()

    def _checkpoint(self, row: Any) -> None:
        what = f"Index {self.edge.size - 1}: the checkpoint over {row.size} events"
        try:
            point = note.verified(row.note, self._verifiers)
        except Unreadable as error:
            raise Wrong(f"{what} cannot be relied on: {error}") from None
        if (point.size, point.root, point.at) != (row.size, bytes(row.root), row.at):
            raise Wrong(f"{what} says something else in its columns than in its note.")
        if row.size != self.edge.size or point.root != self.edge.root() or bytes(row.edge) != self.edge.to_bytes():
            raise Wrong(f"{what} is not over these events.")
        self.signed += 1

    def _compare_outside(self) -> None:
        while self.outside and self.outside[0][1].size == self.edge.size:
            what, point = self.outside.pop(0)
            if point.root != self.edge.root():
                raise Wrong(
                    f"Index {self.edge.size - 1}: up to here the record agrees with itself, and not with {what}. It "
                    "was rewritten somewhere before."
                )
            self.agrees.append(what)

    def _stored(self, level: int) -> tuple[int, bytes] | None:
        """The next stored subtree of a level."""
        if level not in self._subtrees:
            first = self.begun >> level
            rows = Subtree.objects.filter(level=level, index__gte=first)
            self._subtrees[level] = _in_order(rows.values_list("index", "hash"), "index")
        found = next(self._subtrees[level], None)
        return (found[0], bytes(found[1])) if found else None

    def _no_subtrees_beyond(self) -> None:
        for level, count in Subtree.objects.order_by().values_list("level").annotate(count=Count("pk")):
            if level % KEPT_LEVELS or count != self.edge.size >> level:
                raise Wrong(f"Index {self.edge.size}: the stored tree has {count} subtrees of level {level}.")


def _in_order(found: Any, key: str) -> Iterator[Any]:
    """The rows by a column that only grows, a chunk at a time; as tuples, that column comes first.

    No cursor is held open: one that is left behind in the middle of a walk blocks the connection on PostgreSQL.
    """
    rows = list(found.order_by(key)[:CHUNK])
    while rows:
        yield from rows
        last = rows[-1][0] if isinstance(rows[-1], tuple) else getattr(rows[-1], key)
        rows = list(found.filter(**{f"{key}__gt": last}).order_by(key)[:CHUNK]) if len(rows) == CHUNK else []


def _differing(body: bytes, row: tuple[Any, ...]) -> str:
    """The column that does not say what the sealed body says; empty when all do."""
    told = json.loads(body)
    actor = told["actor"]
    beside = (
        ("kind", told["kind"], row[3]), ("effective_at", told["effective_at"], _micro(row[5])),
        ("recorded_at", told["recorded_at"], _micro(row[6])), ("request_id", told["request_id"], row[7]),
        ("packet", told["packet"], row[8]), ("version", told["version"], row[9]), ("agent", told["agent"], row[10]),
        ("actor_name", actor.get("name", actor.get("system")), row[4]),
    )  # fmt: skip
    for column, sealed, stored in beside:
        if sealed != stored and sealed != normal(stored):
            return column
    username = actor.get("username")
    if username != row[12] and not (username and row[11] and _was_called(row[11], username)):
        return "actor"
    return ""


@cache
def _was_called(person: int, username: str) -> bool:
    """Whether this account had this name at some time."""
    history: Any = get_user_model().history
    return bool(history.filter(id=person, username=username).exists())


def _micro(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
