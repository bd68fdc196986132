"""The lasting number of one piece of an agent's authority, who sees it, and its suspensions."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase
from simple_history.models import HistoricalRecords

from approvals.models.agent import Agent
from approvals.querysets import PacketQuerySet
from approvals.vocabulary import Level


class Packet(models.Model):
    """Agent, level, parent, suspensions, revocation: what outlives any one version."""

    reference = models.CharField(max_length=12, unique=True)
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="packets")
    level = models.CharField(max_length=8, choices=[(level.value, level.label) for level in Level])
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="runs")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_reason = models.TextField(blank=True)
    claims = models.PositiveIntegerField(default=0, help_text="Raised by each verb, so that verbs on one packet queue.")

    history = HistoricalRecords()
    objects = PacketQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        permissions = (("view_every_packet", "Can view every packet"),)
        constraints = (
            models.CheckConstraint(
                name="packet_run_has_parent",
                condition=Q(level="system", parent__isnull=True) | Q(level="run", parent__isnull=False),
            ),
            models.CheckConstraint(
                name="packet_revoked_whole",
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True) | Q(revoked_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return f"/packets/{self.reference}/"


class Suspension(models.Model):
    """A stop of the whole packet: from an instant, until someone of Security resumes it. `by` None is the system."""

    packet = models.ForeignKey(Packet, models.PROTECT, related_name="suspensions")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=150)
    reason = models.TextField()
    resumed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    resumed_reason = models.TextField(blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ("-since",)
        constraints = (
            models.UniqueConstraint(name="one_open_suspension", fields=["packet"], condition=Q(until__isnull=True)),
            models.CheckConstraint(
                name="suspension_ends_after_start", condition=Q(until__isnull=True) | Q(until__gte=models.F("since"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.packet} suspended since {self.since:%Y-%m-%d %H:%M} UTC"


class PacketShare(models.Model):
    """Someone the owner lets see the packet. Undone by an instant, never by deletion."""

    packet = models.ForeignKey(Packet, models.PROTECT, related_name="shares")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="one_open_share", fields=["packet", "person"], condition=Q(until__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.packet} shared with {self.person}"


class PartAccepted(models.Model):
    """Somebody named by somebody else accepts it: once for each part of a packet, whatever its version.

    Without an instant it is still asked of somebody named by e-mail before they were here: submit waits for it.
    """

    packet = models.ForeignKey(Packet, models.PROTECT, related_name="parts_accepted")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    part = models.CharField(
        max_length=20,
        choices=[("owner", "Agent owner"), ("backup_owner", "Backup owner"), ("rollback_owner", "Rollback owner")],
    )
    at = models.DateTimeField(null=True, blank=True, help_text="Empty: asked, not accepted yet, and submit waits.")

    history = HistoricalRecords()

    class Meta:
        constraints = (models.UniqueConstraint(name="one_acceptance_a_part", fields=["packet", "person", "part"]),)

    def __str__(self) -> str:
        return f"{self.packet}: {self.person} accepts {self.part}"


class PacketUserSight(UserObjectPermissionBase):
    """guardian's row: this person may see this packet. Written by `access` only."""

    content_object = models.ForeignKey(Packet, models.CASCADE, related_name="user_sights")

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False


class PacketGroupSight(GroupObjectPermissionBase):
    """guardian's row: this group may see this packet. Written by `access` only."""

    content_object = models.ForeignKey(Packet, models.CASCADE, related_name="group_sights")
    group = models.ForeignKey(Group, models.CASCADE, related_name="+")

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
