"""Notices that the record is not the one whose checkpoint was kept outside the database: a restore, or a change."""

from __future__ import annotations

from collections.abc import Iterator

from approvals.errors import Refused
from audits import kept, note
from audits.models import Checkpoint
from audits.subtrees import Gap, Stored
from audits.tree import edge_of

REMEDY = (
    "Find out first why, with manage.py verify_record. If an older backup was restored on purpose, go on with "
    "manage.py seal --acknowledge-restore --reason TEXT."
)


def refuse_if_restored(last: Checkpoint | None) -> None:
    """Raise Refused("restored") when a checkpoint from outside is not about the beginning of what is in the database.

    The one that was kept, and of the same record the last one in the witness file: who restores the folder of the seal
    from the same old backup restores the kept one with it.
    """
    for before in _outside(last):
        if (last.size if last else 0) < before.size:
            raise Refused(
                "restored", f"The record was sealed up to {before.size} events, and {last.size if last else 0} of "
                "them are here.", REMEDY,
            )  # fmt: skip
        if root_at(before.size) != before.root:
            raise Refused("restored", f"The first {before.size} events are not those that were sealed.", REMEDY)


def _outside(last: Checkpoint | None) -> Iterator[note.Checkpoint]:
    if signed := kept.last_note():
        yield note.read(signed)
    if last is not None and (signed := kept.witnessed()):
        found = note.read(signed)
        if found.origin == note.read(last.note).origin:
            yield found


def root_at(size: int) -> bytes | None:
    """The root over the first `size` leaves as they are stored; None when they are not all there."""
    found = Checkpoint.objects.filter(pk=size).values_list("root", flat=True).first()
    if found is not None:
        return bytes(found)
    try:
        return edge_of(size, Stored()).root()
    except Gap:
        return None
