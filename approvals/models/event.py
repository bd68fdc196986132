"""What happened, who did it, and what was true then."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models

from approvals.append_only import append_only
from approvals.models.agent import Agent
from approvals.models.packet import Packet
from approvals.models.version import Version
from approvals.querysets import EventQuerySet
from approvals.vocabulary import EventKind, event_kinds


class AppendOnly(models.Model):
    """A row that is added and never changed. Code refuses it, and so do triggers in the database."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the row. Raises Refused("append_only") when it is there already."""
        if not self._state.adding:
            raise append_only(type(self), "changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Always refused."""
        raise append_only(type(self), "deleted")


class Event(AppendOnly):
    """One row of the record: added, never changed."""

    body = models.BinaryField(help_text="Canonical JSON (RFC 8785) as written.")
    kind = models.CharField(max_length=32, choices=event_kinds)
    packet = models.ForeignKey(Packet, models.PROTECT, null=True, related_name="events")
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="events")
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="events")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=150)
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    request_id = models.CharField(max_length=64, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(name="event_packet", fields=["packet", "-id"]),
            models.Index(name="event_agent", fields=["agent", "-id"]),
            models.Index(name="event_kind", fields=["kind", "-id"]),
            models.Index(name="event_recorded", fields=["-recorded_at", "-id"]),
        )

    def __str__(self) -> str:
        return f"{EventKind(self.kind).label} by {self.actor_name}"
