"""What is owed to somebody outside the portal, and each try to hand it over: the columns of letters and of webhooks."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from approvals.vocabulary import LetterState


class Owed(models.Model):
    """Written with what it is owed for, claimed with a lease, handed over, settled once."""

    repeats: ClassVar[int] = 1
    """How often it is sent again when nobody knows whether it arrived."""

    state = models.CharField(
        max_length=10, choices=[(s.value, s.tag.words) for s in LetterState], default=LetterState.PENDING
    )
    written_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    server_said = models.CharField(max_length=500, blank=True)
    undelivered = models.BooleanField(default=False)  # it reached nobody, or nobody knows; not: it was not needed

    class Meta:
        abstract = True


class Try(models.Model):
    """One try to hand it over. Without an answer the process that made it did not come back."""

    number = models.PositiveSmallIntegerField()
    began_at = models.DateTimeField()
    text_left_at = models.DateTimeField(null=True)  # written before the text goes out: from then on it may have arrived
    ended_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=10, blank=True)
    said = models.CharField(max_length=500, blank=True)

    class Meta:
        abstract = True
        ordering = ("number",)

    def __str__(self) -> str:
        return f"Attempt {self.number}"
