"""The software that acts."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import RegexValidator
from django.db import models
from simple_history.models import HistoricalRecords

from approvals.querysets import AgentQuerySet

SLUG = RegexValidator(
    r"\A[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?\Z",
    "An agent's name has small letters, digits, dots, dashes and underscores, "
    "begins and ends with a letter or digit, and is at most 63 characters long.",
)


class Agent(models.Model):
    """One agent. Its slug is the name machines use and never changes; its team is chosen at creation."""

    slug = models.CharField(max_length=63, unique=True, validators=[SLUG])
    team = models.ForeignKey(Group, models.PROTECT, related_name="agents")
    is_active = models.BooleanField(default=True, help_text="Agents are deactivated, never deleted.")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    history = HistoricalRecords()
    objects = AgentQuerySet.as_manager()

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.slug
