"""Who is told by webhook, and what is owed to them. Addresses and signing secrets are sealed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from simple_history.models import HistoricalRecords

from approvals.models.event import Event
from approvals.models.owed import Owed, Try
from approvals.owing import DeliveryQuerySet
from approvals.vocabulary import LETTER_TAGS, LetterState, ReceiverKind, Tag

SEALED = ("address", "secret", "old_secret")


class Receiver(models.Model):
    """One endpoint for each kind of receiver. Only its host is ever shown; what is sealed stands in no history."""

    kind = models.CharField(max_length=10, unique=True, choices=[(kind.value, kind.label) for kind in ReceiverKind])
    host = models.CharField(max_length=260, help_text="Host of the address, and its port when it is not 443.")
    address = models.TextField(help_text="The whole address, sealed.")
    secret = models.TextField(help_text="What signs, sealed.")
    old_secret = models.TextField(blank=True, help_text="The secret before, sealed; it signs too until it ends.")
    old_secret_ends = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    history = HistoricalRecords(excluded_fields=list(SEALED))

    class Meta:
        verbose_name = "webhook receiver"
        ordering = ("kind",)

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What pages call it."""
        return ReceiverKind(self.kind).label


class Delivery(Owed):
    """One message owed to one receiver. Its webhook-id comes from what happened, and is the same in every attempt."""

    repeats: ClassVar[int] = 1_000  # whoever verifies knows a repeat by its id, so a day bounds it and nothing else

    webhook_id = models.CharField(max_length=64, unique=True)
    receiver = models.ForeignKey(Receiver, models.PROTECT, related_name="deliveries")
    event = models.ForeignKey(Event, models.PROTECT, related_name="deliveries")
    host = models.CharField(max_length=260, blank=True, help_text="Where it went, or was to go.")
    subject = models.CharField(max_length=300)
    body = models.TextField(help_text="JSON, as it is sent and signed.")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ("-pk",)
        indexes = (
            models.Index(name="delivery_due", fields=["state", "next_attempt_at"]),
            models.Index(name="delivery_receiver", fields=["receiver", "-id"]),
            models.Index(name="delivery_undelivered", fields=["-id"], condition=models.Q(undelivered=True)),
        )

    def __str__(self) -> str:
        return self.subject

    @property
    def tag(self) -> Tag:
        """Where it stands. Accepted means that the receiver answered so, never more."""
        if self.state == LetterState.SENT:
            return Tag("good", "check", "Accepted by the receiver")
        return LETTER_TAGS[LetterState(self.state)]


class DeliveryAttempt(Try):
    """One try to hand it over, with the number it was answered with; what else the answer said is kept nowhere."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="tries")
    status = models.PositiveSmallIntegerField(null=True)

    class Meta(Try.Meta):
        constraints = (models.UniqueConstraint(name="one_try_a_number", fields=["delivery", "number"]),)
