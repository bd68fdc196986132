"""Under which words a packet is found. Made from its rows, so it can always be made anew."""

from __future__ import annotations

from django.db import models

from approvals.models.packet import Packet


class SearchTerm(models.Model):
    """One term of one packet; `approvals.search_index` keeps these rows in step. Says nothing about who may see it."""

    term = models.BinaryField(max_length=200, help_text="UTF-8, so that every database compares it alike.")
    packet = models.ForeignKey(Packet, models.CASCADE, related_name="terms", db_index=False)

    class Meta:
        constraints = (models.UniqueConstraint(name="one_search_term", fields=["packet", "term"]),)
        indexes = (models.Index(name="search_term", fields=["term", "packet"]),)

    def __str__(self) -> str:
        return f"{self.packet_id}: {bytes(self.term).decode()}"
