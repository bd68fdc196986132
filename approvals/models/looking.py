"""Who has a version open just now: a courtesy between signers."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from approvals.models.version import Version


class Looking(models.Model):
    """The version a person had before their eyes last, and when. One row a person; no history, no event, no lock."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="+")
    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.version} before the eyes of {self.person}"
