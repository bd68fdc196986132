"""What is owed to people by e-mail. Events are the outbox; these rows say what became of each letter."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from approvals.models.event import Event
from approvals.models.owed import Owed, Try
from approvals.models.version import Version
from approvals.owing import LetterQuerySet


class Announced(models.Model):
    """This event's letters have been written (perhaps none). An event without this row still owes them."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="announced")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.event} announced"


class Letter(Owed):
    """One mail owed to one person. The key is unique, so writing it twice is harmless; Message-ID comes from it."""

    key = models.CharField(max_length=120, unique=True)
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="letters")
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="letters")
    tells_of = models.ManyToManyField(Event, related_name="told_in")  # of several that fell together; then no `event`
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="letters")
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField()
    reply_to = models.CharField(max_length=254, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(name="letter_due", fields=["state", "next_attempt_at"]),
            models.Index(name="letter_recipient", fields=["recipient", "-id"]),
            models.Index(name="letter_sent_from", fields=["written_at"], condition=models.Q(state="sent")),
            models.Index(name="letter_undelivered", fields=["-id"], condition=models.Q(undelivered=True)),
        )

    def __str__(self) -> str:
        return self.subject


class Attempt(Try):
    """One try to hand a letter over."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="tries")

    class Meta(Try.Meta):
        constraints = (models.UniqueConstraint(name="one_attempt_a_number", fields=["letter", "number"]),)


class Reminder(models.Model):
    """A claim: this person is told this many days before this end. Unique, so a second run writes nothing."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="reminders")
    ends_at = models.DateTimeField()
    days = models.PositiveSmallIntegerField()
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    flagged_at = models.DateTimeField()
    letter = models.ForeignKey(Letter, models.PROTECT, null=True, blank=True, related_name="reminders")

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(name="one_reminder", fields=["version", "ends_at", "days", "recipient"]),
        )

    def __str__(self) -> str:
        return f"{self.version} ends in {self.days} days"
