"""Accounts: who signs in here, and what is kept about signing in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db import models
from simple_history.models import HistoricalRecords

from approvals.people import Account
from approvals.vocabulary import RuleOutcome


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


class Loosening(models.Model):
    """A change of the data register or of a second factor rule that asks for less: it waits for a second administrator.

    `before` is empty for a new entry of the register.
    """

    what = models.CharField(max_length=40, help_text="The kind of row it changes.")
    row = models.PositiveBigIntegerField(null=True, blank=True, help_text="Its key; empty for a new row.")
    name = models.CharField(max_length=300)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict)
    less = models.JSONField(default=list, help_text="Where it asks for less, in sentences.")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_by_name = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    outcome = models.CharField(
        max_length=10, choices=[(o.value, o.label) for o in RuleOutcome], default=RuleOutcome.WAITING.value
    )
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_by_name = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                name="loosened_by_two",
                condition=~models.Q(outcome="applied")
                | models.Q(decided_by__isnull=False) & ~models.Q(decided_by=models.F("asked_by")),
            ),
        )

    def __str__(self) -> str:
        return self.name


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
