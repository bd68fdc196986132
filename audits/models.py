"""The Merkle tree over the record: its leaves, its larger subtrees, and its signed checkpoints. Rows are added only."""

from __future__ import annotations

from django.db import models

from approvals.append_only import AppendOnlyQuerySet
from approvals.models import Event
from approvals.models.event import AppendOnly

KEPT_LEVELS = 8  # every eighth level is stored, so that a proof reads at most 256 rows of each


class Leaf(AppendOnly):
    """The place of an event in the tree: dense from 0, each event once."""

    index = models.BigIntegerField(primary_key=True, db_column="log_index")
    event = models.OneToOneField(Event, models.PROTECT, related_name="leaf")
    hash = models.BinaryField(help_text="SHA-256 of a zero byte and the event's body.")

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "leaves"

    def __str__(self) -> str:
        return f"Leaf {self.index}"


class Subtree(AppendOnly):
    """The root over the 2^level leaves from index·2^level on; only of every eighth level."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField(db_column="log_index")
    hash = models.BinaryField()

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(name="one_subtree", fields=["level", "index"]),)

    def __str__(self) -> str:
        return f"Subtree {self.level}/{self.index}"


class Checkpoint(AppendOnly):
    """The root over the first `size` leaves, signed. `edge` is what the next sealing goes on from."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    edge = models.BinaryField(help_text="The roots of the complete subtrees, from left to right.")
    note = models.TextField(help_text="The signed note (C2SP tlog-checkpoint).")
    at = models.DateTimeField()

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ("-size",)

    def __str__(self) -> str:
        return f"Checkpoint {self.size}"
