"""Reads the stored tree: any complete subtree from at most 256 rows of one level."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from audits.models import KEPT_LEVELS, Leaf, Subtree
from audits.tree import Edge

WIDTH = 1 << KEPT_LEVELS


class Gap(Exception):
    """A row of the stored tree is not there."""


class Stored:
    """`Stored()(level, index)` is the hash of that subtree. What was read once is kept, a few thousand rows at most."""

    def __init__(self) -> None:
        self._row = lru_cache(maxsize=64)(_read)

    def __call__(self, level: int, index: int) -> bytes:
        base = level - level % KEPT_LEVELS
        first, count = index << (level - base), 1 << (level - base)
        hashes = self._row(base, first // WIDTH)[first % WIDTH : first % WIDTH + count]
        if len(hashes) < count:
            raise Gap(f"The stored tree has no subtree {level}/{index}.")
        return _whole(hashes)


def _whole(hashes: list[bytes]) -> bytes:
    """The root over a full row; adding to an edge completes it."""
    edge = Edge()
    edge.extend(hashes)
    return edge.root()


def _read(base: int, number: int) -> list[bytes]:
    """256 neighbours of one stored level, or as many as there are."""
    rows: Any = Leaf.objects if base == 0 else Subtree.objects.filter(level=base)
    found = rows.filter(index__gte=number * WIDTH, index__lt=(number + 1) * WIDTH).order_by("index")
    return [bytes(one) for one in found.values_list("hash", flat=True)]
