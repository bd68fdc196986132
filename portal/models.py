"""Accounts: who signs in here, and what is kept about signing in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db import models
from simple_history.models import HistoricalRecords

from approvals.people import Account


class User(Account):
    """An account, with the history of its fields and its groups."""

    history = HistoricalRecords(m2m_fields=["groups"], excluded_fields=["password", "last_login"])

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the account. A sign-in changes none of the fields whose history is kept, so it adds no row there."""
        if list(kwargs.get("update_fields") or ()) != ["last_login"]:
            super().save(*args, **kwargs)
            return
        self.skip_history_when_saving = True  # the library asks only whether it is there
        try:
            super().save(*args, **kwargs)
        finally:
            del self.skip_history_when_saving


class SecondFactorRule(models.Model):
    """Whether the people of a role need a second factor. Without one they can do nothing but set one up."""

    group = models.OneToOneField(Group, models.PROTECT, related_name="second_factor_rule", editable=False)
    required = models.BooleanField(
        default=False, help_text="People of this role without a second factor can do nothing until they have one."
    )
    history = HistoricalRecords()

    class Meta:
        ordering = ("group__name",)

    def __str__(self) -> str:
        return f"Second factor for {self.group.name}"


class Attempts(models.Model):
    """When somebody tried a door lately. The key is a hash, so the table tells neither names nor addresses."""

    key = models.CharField(max_length=64, primary_key=True)
    at = models.JSONField(default=list)
    last = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{len(self.at)} attempts until {self.last}"


class Remembered(models.Model):
    """The table of Django's cache: used one-time codes. In the database, so that every process knows them."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "portal_remembered"

    def __str__(self) -> str:
        return self.cache_key
