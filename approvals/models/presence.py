"""That somebody showed who they are, just now, for one purpose."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Presence(models.Model):
    """In this session, at this instant, for this purpose. Spent once, within minutes; kept afterwards."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    session = models.CharField(max_length=64, help_text="SHA-256 of the session's key.")
    purpose = models.CharField(max_length=64, help_text="SHA-256 of what it was shown for.")
    by = models.CharField(max_length=60, help_text="Such as password and code.")
    at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(name="presence_unspent", fields=["person", "purpose", "-id"]),)

    def __str__(self) -> str:
        return f"{self.person} by {self.by} at {self.at}"
