"""One content of a packet with its lines; once submitted the content never changes."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from approvals.models.packet import Packet
from approvals.people import Account
from approvals.querysets import GrantQuerySet, VersionQuerySet
from approvals.risk.register import DataClass
from approvals.vocabulary import OPEN_STATES, ChangeKind, Field, Severity, State

PERSON = settings.AUTH_USER_MODEL
NO_CUTS = ""


class Version(models.Model):
    """What was asked (columns and `lines`), what is stored of its life, and what was granted (instants and grants)."""

    packet = models.ForeignKey(Packet, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=[(s.value, s.label) for s in State], default=State.DRAFT)
    based_on = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    renews = models.BooleanField(default=False, help_text="Drafted by Renew: the letter says renewed.")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    editors: models.ManyToManyField[Account, Account] = models.ManyToManyField(PERSON, related_name="+")

    owner = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="owned_versions")
    backup_owner = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+")
    job = models.TextField(blank=True)
    lines = models.JSONField(default=dict, help_text="Field to canonical lines, in typed order.")
    human_approval_by = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty: the agent's team."
    )
    identity = models.CharField(max_length=300, blank=True)
    run_record_location = models.CharField(max_length=1000, blank=True)
    retention_days = models.PositiveIntegerField(null=True, blank=True)
    starts = models.DateTimeField(null=True, blank=True)
    ends = models.DateTimeField(null=True, blank=True, help_text="The end that was asked for.")
    rollback_owner = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+")
    rollback_path = models.TextField(blank=True)
    links = models.JSONField(default=list, blank=True)
    access_revoked = models.TextField("how access is revoked", blank=True)
    when_wrong = models.TextField("what happens when the agent is wrong", blank=True)
    each_run_needs_packet = models.BooleanField(default=False)
    task = models.TextField(blank=True)
    look_at = models.TextField("what the reviewer should look at", blank=True)
    run_link = models.CharField(max_length=1000, blank=True)

    revision = models.PositiveIntegerField(default=1, help_text="Raised by every verb but a plain signature.")
    claims = models.PositiveIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+")
    content = models.BinaryField(null=True, blank=True, help_text="Canonical JSON (RFC 8785) as submitted.")
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the content, in hex.")
    findings = models.JSONField(default=list, blank=True)
    tier = models.CharField(max_length=8, blank=True, choices=[(s.value, s.value.capitalize()) for s in Severity])
    data_class = models.CharField(
        max_length=16, blank=True, choices=[(c.value, c.label) for c in DataClass],
        help_text="The gravest class of the data it reaches, by the data register at submit; empty: it names no data.",
    )  # fmt: skip
    change = models.CharField(max_length=16, blank=True, choices=[(c.value, c.label) for c in ChangeKind])
    rules = models.JSONField(default=list, blank=True, help_text="The sign-off rules as they were at submit.")
    answer_by = models.DateTimeField(null=True, blank=True)
    last_event_at = models.DateTimeField(null=True, blank=True)
    cuts_digest = models.CharField(max_length=64, blank=True, default=NO_CUTS)

    in_force_from = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True, help_text="The end as granted.")
    superseded_at = models.DateTimeField(null=True, blank=True)
    reminder_days = models.JSONField(default=list, blank=True)
    end_recorded_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.TextField(blank=True)

    glass_broken_at = models.DateTimeField(null=True, blank=True, help_text="In force from then, signatures missing.")
    glass_broken_by = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+")
    glass_broken_by_name = models.CharField(max_length=150, blank=True)
    glass_reason = models.TextField(blank=True)
    glass_until = models.DateTimeField(null=True, blank=True, help_text="At the latest: a day on, or the own end.")
    glass_over_at = models.DateTimeField(
        null=True, blank=True, help_text="Signed by all, ended by a verdict, or lapsed."
    )

    history = HistoricalRecords(excluded_fields=["content"])
    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ("packet", "-number")
        constraints = (
            models.UniqueConstraint(name="one_number_per_packet", fields=["packet", "number"]),
            models.UniqueConstraint(
                name="one_open_version", fields=["packet"], condition=Q(state__in=list(OPEN_STATES))
            ),
            models.CheckConstraint(
                name="draft_or_complete",
                condition=Q(state__in=[State.DRAFT, State.CLOSED])
                | (
                    Q(owner__isnull=False, rollback_owner__isnull=False, ends__isnull=False)
                    & Q(retention_days__isnull=False, submitted_at__isnull=False, submitted_by__isnull=False)
                    & ~Q(job="")
                    & ~Q(identity="")
                    & ~Q(run_record_location="")
                    & ~Q(rollback_path="")
                    & ~Q(digest="")
                ),
            ),
            models.CheckConstraint(
                name="starts_before_ends",
                condition=Q(state=State.DRAFT)
                | Q(starts__isnull=True)
                | Q(ends__isnull=True)
                | Q(starts__lt=F("ends")),
            ),
            models.CheckConstraint(
                name="approved_has_instants",
                condition=~Q(state=State.APPROVED)
                | Q(in_force_from__isnull=False, ends_at__isnull=False, in_force_from__lt=F("ends_at")),
            ),
            models.CheckConstraint(
                name="glass_broken_whole",
                condition=Q(glass_broken_at__isnull=True, glass_broken_by__isnull=True, glass_until__isnull=True)
                & Q(glass_over_at__isnull=True, glass_reason="")
                | Q(glass_broken_at__lt=F("glass_until"), glass_broken_by__isnull=False) & ~Q(glass_reason=""),
            ),
        )
        indexes = (
            models.Index(
                name="version_glass",
                fields=["packet", "glass_broken_at"],
                condition=Q(glass_broken_at__isnull=False),
            ),
            models.Index(name="version_ends", fields=["state", "ends_at", "id"]),
            models.Index(name="version_of_packet", fields=["packet", "state", "ends_at"]),
            models.Index(name="version_identity", fields=["identity"]),
            models.Index(
                name="version_end_unrecorded",
                fields=["ends_at"],
                condition=Q(state="approved", end_recorded_at__isnull=True),
            ),
            models.Index(name="version_review", fields=["state", "answer_by", "id"]),
        )

    def __str__(self) -> str:
        return f"{self.packet.reference} v{self.number}"

    def get_absolute_url(self) -> str:
        return f"/packets/{self.packet.reference}/v{self.number}/"

    @property
    def heading(self) -> str:
        """The job's first sentence; what a draft without a job is called until it has one."""
        first = self.job.strip().split("\n", 1)[0]
        sentence, stop, _ = first.partition(". ")
        return (sentence + stop.strip()) or "No job written yet"


class Grant(models.Model):
    """One line of a submitted version (pages: line), and from when until when it stands.

    Asked lines have no `since`. A cut or a give-up sets `until`; a moved line is a new row that names the field it
    was asked in.
    """

    version = models.ForeignKey(Version, models.PROTECT, related_name="grants")
    field = models.CharField(max_length=16, choices=[(f.value, f.label) for f in Field])
    was = models.CharField(max_length=16, blank=True, choices=[(f.value, f.label) for f in Field])
    position = models.PositiveIntegerField(help_text="Place in its field, from 1.")
    target = models.CharField(max_length=1024)
    method = models.CharField(max_length=1024, null=True, blank=True)
    note = models.CharField(max_length=1024, blank=True)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords()
    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ("version", "field", "position", "pk")
        indexes = (models.Index(name="grant_target", fields=["target", "method", "version"]),)

    def __str__(self) -> str:
        return self.target if self.method is None else f"{self.target}({self.method})"


class GivenUp(models.Model):
    """Authority its owner dropped while it was in force: at once, and without a new signature."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="given_up")
    at = models.DateTimeField()
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=150)
    reason = models.TextField(blank=True)
    cuts = models.JSONField(default=dict)

    history = HistoricalRecords()

    class Meta:
        ordering = ("at",)

    def __str__(self) -> str:
        return f"{self.version}: given up by {self.by_name}"
