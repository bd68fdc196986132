"""The Merkle tree of RFC 6962 and its proofs. Pure: hashes in, hashes out.

A leaf is SHA-256(0x00 || bytes), a node SHA-256(0x01 || left || right). Subtree (level, index) is the complete one over
the leaves index·2^level up to (index + 1)·2^level: once made it never changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce

EMPTY = hashlib.sha256(b"").digest()
LENGTH = 32  # bytes of a hash

Span = tuple[int, int]  # leaves from the first up to, not including, the second
Subtree = Callable[[int, int], bytes]  # the hash of (level, index)


class Forged(Exception):
    """A proof that proves nothing; the text is a sentence."""


def leaf_hash(body: bytes) -> bytes:
    """The hash of one leaf."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two neighbours."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Edge:
    """The tree as its right edge: the roots of its complete subtrees from left to right, one for each bit of the size.

    That is all that is needed to go on; adding n leaves costs about 2n hashes, and the root log(size).
    """

    size: int = 0
    hashes: list[bytes] = field(default_factory=list)

    @classmethod
    def from_bytes(cls, size: int, kept: bytes) -> Edge:
        """What `to_bytes` wrote. Raises ValueError when it cannot be the edge of a tree of this size."""
        hashes = [kept[at : at + LENGTH] for at in range(0, len(kept), LENGTH)]
        if len(kept) % LENGTH or len(hashes) != size.bit_count():
            raise ValueError(f"This is not the edge of a tree of {size} leaves.")
        return cls(size, hashes)

    def to_bytes(self) -> bytes:
        return b"".join(self.hashes)

    def add(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add the hash of a leaf; the subtrees this completes, as (level, index, hash), lowest first."""
        return [(level, index, whole) for level, index, (whole,) in self.extend([leaf])]

    def extend(self, leaves: Sequence[bytes]) -> list[tuple[int, int, list[bytes]]]:
        """Add the hashes of leaves; the subtrees they complete, as (level, index of the first, hashes), lowest first.

        Level by level, so that many leaves cost little more than their hashes.
        """
        made, left, level, row = [], [], 0, list(leaves)
        while row:
            if self.size >> level & 1:
                row = [self.hashes.pop(), *row]
            if len(row) % 2:
                left.append(row[-1])
            row = [node_hash(*pair) for pair in zip(row[::2], row[1::2], strict=False)]  # an odd one stays left
            level += 1
            if row:
                made.append((level, self.size >> level, row))
        self.hashes += reversed(left)
        self.size += len(leaves)
        return made

    def root(self) -> bytes:
        """The root over all leaves so far."""
        return reduce(lambda right, left: node_hash(left, right), reversed(self.hashes)) if self.hashes else EMPTY


def edge_of(size: int, subtree: Subtree) -> Edge:
    """The right edge of the tree over the first `size` leaves."""
    return Edge(size, [subtree(*one) for one in _complete(0, size)])


def _complete(begin: int, end: int) -> list[tuple[int, int]]:
    """The complete subtrees that make up the leaves from begin to end, as (level, index)."""
    found = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        found.append((level, begin >> level))
        begin += 1 << level
    return found


def _hash_of(span: Span, subtree: Subtree) -> bytes:
    return Edge(span[1] - span[0], [subtree(*one) for one in _complete(*span)]).root()


def _split(size: int) -> int:
    """The largest power of two smaller than the size."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The proof that leaf `index` stands in the tree of `size` leaves. Raises ValueError for one it cannot hold."""
    if not 0 <= index < size:
        raise ValueError(f"A tree of {size} leaves has no leaf {index}.")
    return [_hash_of(span, subtree) for span in _path(index, 0, size)]


def _path(index: int, begin: int, end: int) -> list[Span]:
    if end - begin == 1:
        return []
    middle = begin + _split(end - begin)
    if index < middle:
        return [*_path(index, begin, middle), (middle, end)]
    return [*_path(index, middle, end), (begin, middle)]


def consistency(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """The proof that the tree of `old` leaves is the beginning of the one of `new`. Raises ValueError for no such."""
    if not 0 <= old <= new:
        raise ValueError(f"A tree of {new} leaves does not go on from one of {old}.")
    return [_hash_of(span, subtree) for span in _subproof(old, 0, new, whole=True)] if old else []


def _subproof(old: int, begin: int, end: int, *, whole: bool) -> list[Span]:
    if old == end - begin:
        return [] if whole else [(begin, end)]
    middle = begin + _split(end - begin)
    if old <= middle - begin:
        return [*_subproof(old, begin, middle, whole=whole), (middle, end)]
    return [*_subproof(old - (middle - begin), middle, end, whole=False), (begin, middle)]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raises Forged unless the proof leads from this leaf's hash to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or any(len(one) != LENGTH for one in (leaf, root, *proof)):
        raise Forged("The proof is about a leaf that no such tree has, or holds what is no hash.")
    here, last, found = index, size - 1, leaf
    for one in proof:
        if last == 0:
            raise Forged("The proof is longer than the tree is high.")
        if here & 1 or here == last:
            found = node_hash(one, found)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            found = node_hash(found, one)
        here, last = here >> 1, last >> 1
    if last or found != root:
        raise Forged("The proof does not lead to the root.")


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raises Forged unless the proof leads from the old root to the new one (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= new or any(len(one) != LENGTH for one in (old_root, new_root, *proof)):
        raise Forged("The proof is about trees of which none goes on from the other, or holds what is no hash.")
    if old in (0, new):
        if proof or old_root != (EMPTY if old == 0 else new_root):
            raise Forged("The two roots are not of one tree.")
        return
    found_old, found_new = _both_roots(old, new, [old_root, *proof] if old & (old - 1) == 0 else [*proof])
    if found_old != old_root or found_new != new_root:
        raise Forged("The proof does not lead from the old root to the new one.")


def _both_roots(old: int, new: int, path: list[bytes]) -> tuple[bytes, bytes]:
    """The roots the path leads to."""
    if not path:
        raise Forged("The proof is empty.")
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    found_old = found_new = path[0]
    for one in path[1:]:
        if last == 0:
            raise Forged("The proof is longer than the tree is high.")
        if here & 1 or here == last:
            found_old, found_new = node_hash(one, found_old), node_hash(one, found_new)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            found_new = node_hash(found_new, one)
        here, last = here >> 1, last >> 1
    if last:
        raise Forged("The proof is shorter than the tree is high.")
    return found_old, found_new
