"""Verifies the record from its bytes: every leaf, subtree and checkpoint again, in constant memory.

The first thing that is wrong ends it, named by its index. A checkpoint from outside the database is what tells of a
record that was rewritten so that it agrees with itself.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from approvals.models import Event
from audits import columns, kept, note
from audits.models import KEPT_LEVELS, Checkpoint, Leaf, Subtree
from audits.note import Unreadable
from audits.subtrees import Gap, Stored
from audits.tree import Edge, edge_of, leaf_hash

CHUNK = 2_000
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
    outside = _outside(since)
    begin = _edge_at(outside[0][1]) if since else Edge()
    there = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    last = Checkpoint.objects.first()  # asked after the leaves: those come with their checkpoint
    size = max(last.size if last else 0, 0 if there is None else there + 1)
    walk = _Walk(begin, size, outside, progress)
    walk.leaves()
    if (covered := last.size if last else 0) != size:
        raise Wrong(f"Index {covered}: this leaf is under no checkpoint.")
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
        after = Checkpoint.objects.filter(size__gt=edge.size) if edge.size else Checkpoint.objects
        self._checkpoints = _in_order(after, "size")
        self._next = next(self._checkpoints, None)
        self._subtrees: dict[int, Iterator[Any]] = {}

    def leaves(self) -> None:
        """Every leaf from here on. Raises Wrong."""
        self._compare()
        while self.edge.size < self.size:
            rows = self._rows()
            while rows:
                count = self._next_stop() - self.edge.size
                self._add(rows[:count])
                self._compare()
                rows = rows[count:]
            self.progress(self.edge.size, self.size)
        if self._next is not None:
            raise Wrong(f"Index {self.edge.size}: a checkpoint covers {self._next.size} events, and they are not here.")
        for what, point in self.outside:
            if point.size > self.size:
                raise Wrong(
                    f"Index {self.size}: {what} covers {point.size} events, and only {self.size} of them are here."
                )
        self._nothing_beside()

    def _rows(self) -> list[tuple[Any, ...]]:
        """The next leaves with their events, at least one. Indexes are dense, so a chunk is a range of them."""
        begin = self.edge.size
        rows = Leaf.objects.filter(index__gte=begin, index__lt=min(begin + CHUNK, self.size)).order_by("index")
        found = list(rows.values_list("index", "hash", "event__body", *columns.BESIDE))
        if not found:
            raise Wrong(f"Index {begin}: this leaf or its event is gone.")
        return found

    def _next_stop(self) -> int:
        """The next size at which a checkpoint wants to be compared."""
        stops: list[int] = [self._next.size] if self._next is not None else []
        return min([self.size, *stops, *(point.size for _, point in self.outside[:1])])

    def _add(self, rows: list[tuple[Any, ...]]) -> None:
        """Put these leaves on the edge, up to the first that is wrong. Raises Wrong for the first of all that is."""
        hashes: list[bytes] = []
        wrong = ""
        for index, row in enumerate(rows, self.edge.size):
            if wrong := _what_is_wrong(index, row):
                break
            hashes.append(bytes(row[1]))
        self._subtrees_agree(hashes)
        if wrong:
            raise Wrong(wrong)

    def _subtrees_agree(self, hashes: list[bytes]) -> None:
        wrong = []
        for level, first, made in self.edge.extend(hashes):
            for place, whole in enumerate(made, first) if level % KEPT_LEVELS == 0 else ():
                if self._stored(level) != (place, whole):
                    wrong.append((((place + 1) << level) - 1, level, place))
        for index, level, place in sorted(wrong):
            raise Wrong(f"Index {index}: the stored subtree {level}/{place} is not the one over its leaves.")

    def _compare(self) -> None:
        """With every checkpoint that is over what is on the edge now."""
        while self._next is not None and self._next.size <= self.edge.size:
            self._checkpoint(self._next)
            self._next = next(self._checkpoints, None)
        self._compare_outside()

    def _checkpoint(self, row: Any) -> None:
        what = f"Index {max(self.edge.size - 1, 0)}: the checkpoint over {row.size} events"
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

    def _nothing_beside(self) -> None:
        """No row that no walk from the beginning comes across."""
        for level, count in Subtree.objects.order_by().values_list("level").annotate(count=Count("pk")):
            if level % KEPT_LEVELS or count != self.edge.size >> level:
                raise Wrong(f"Index {self.edge.size}: the stored tree has {count} subtrees of level {level}.")
        if Leaf.objects.filter(index__lt=0).exists():
            raise Wrong("Index 0: there is a leaf before the first.")


def _what_is_wrong(index: int, row: tuple[Any, ...]) -> str:
    """A sentence about the leaf that should have this index; empty when it agrees."""
    if row[0] != index:
        return f"Index {index}: this leaf or its event is gone."
    body = bytes(row[2])
    if leaf_hash(body) != row[1]:
        return f"Index {index}: the event is not the one that was sealed."
    if not columns.agree(body, row[3:]) and (column := columns.differing(body, row[3:])):
        return f"Index {index}: the column {column} says something else than the event that was sealed."
    return ""


def _in_order(found: Any, key: str) -> Iterator[Any]:
    """The rows by a column that only grows, a chunk at a time; as tuples, that column comes first.

    No cursor is held open: one that is left behind in the middle of a walk blocks the connection on PostgreSQL.
    """
    rows = list(found.order_by(key)[:CHUNK])
    while rows:
        yield from rows
        last = rows[-1][0] if isinstance(rows[-1], tuple) else getattr(rows[-1], key)
        rows = list(found.filter(**{f"{key}__gt": last}).order_by(key)[:CHUNK]) if len(rows) == CHUNK else []
