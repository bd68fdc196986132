"""Signs of life of what works in the background, and what it found of the servers it speaks to."""

from __future__ import annotations

from django.db import models


class Pulse(models.Model):
    """One row for each thing that has to go on: when it was last seen, and how. Nothing owed depends on these rows."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField(help_text="When it was last seen or looked at.")
    is_well = models.BooleanField(default=True)
    said = models.CharField(
        max_length=200, blank=True, help_text="What kind of failure it was; never an answer's text."
    )
    count = models.PositiveIntegerField(null=True, help_text="How many, where it is about a number.")

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"
