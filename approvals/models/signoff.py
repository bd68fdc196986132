"""Signing: the rules, the signatures a version needs, what people decided, and what they asked."""

from __future__ import annotations

from typing import NoReturn

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from approvals.models.version import Version
from approvals.querysets import RuleQuerySet, rule_is_kept
from approvals.risk.register import DataClass
from approvals.vocabulary import ChangeKind, Level, RuleOutcome, Severity, Verdict

PERSON = settings.AUTH_USER_MODEL


def default_reminder_days() -> list[int]:
    return [30, 14, 7, 3, 1]


def check_reminder_days(days: object) -> None:
    """Raise ValidationError unless this is a list of whole days, each 1 to 365."""
    if not isinstance(days, list) or not all(type(day) is int and 1 <= day <= 365 for day in days):
        raise ValidationError("Reminder days are a list of whole numbers from 1 to 365, such as [30, 14, 7].")


class SignOffRule(models.Model):
    """When (level, tier, data class, team, kind of change, life) → who (a group and how many), and for how long.

    An empty condition matches anything. Every matching rule counts: per group the highest number, the shortest life,
    all reminder days.
    """

    name = models.CharField(max_length=120, unique=True)
    is_active = models.BooleanField(default=True)
    level = models.CharField(max_length=8, blank=True, choices=[(v.value, v.label) for v in Level])
    tier = models.CharField(max_length=8, blank=True, choices=[(v.value, v.value.capitalize()) for v in Severity])
    data_class = models.CharField(max_length=16, blank=True, choices=[(v.value, v.label) for v in DataClass])
    team = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="+")
    change = models.CharField(max_length=16, blank=True, choices=[(v.value, v.label) for v in ChangeKind])
    life_at_most = models.PositiveIntegerField("asked life at most, in days", null=True, blank=True)
    life_more_than = models.PositiveIntegerField("asked life more than, in days", null=True, blank=True)
    group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty: the agent's team."
    )
    count = models.PositiveSmallIntegerField("signatures needed", default=1)
    longest_life = models.PositiveIntegerField("longest life, in days")
    reminder_days = models.JSONField(default=default_reminder_days, validators=[check_reminder_days])
    answer_within = models.PositiveSmallIntegerField("answer within, in days", default=3)

    history = HistoricalRecords()
    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = "sign-off rule"
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(name="rule_needs_someone", condition=Q(count__gte=1)),
            models.CheckConstraint(name="rule_life_positive", condition=Q(longest_life__gte=1)),
        )

    def __str__(self) -> str:
        return self.name

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        raise rule_is_kept()


class RuleChange(models.Model):
    """One change of a rule: who asked for it and why, what it loosens, and what became of it.

    `before` is empty for a new rule. A change that loosens nothing is applied at once; any other waits for a second
    administrator.
    """

    rule = models.ForeignKey(SignOffRule, models.PROTECT, null=True, blank=True, related_name="changes")
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict)
    loosens = models.JSONField(default=list, blank=True, help_text="Where it asks for less, in sentences.")
    needs_second = models.BooleanField(default=False, help_text="It asks for less somewhere: two have to want it.")
    reason = models.TextField()
    asked_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    asked_by_name = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    outcome = models.CharField(
        max_length=10, choices=[(o.value, o.label) for o in RuleOutcome], default=RuleOutcome.WAITING.value
    )
    decided_by = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+")
    decided_by_name = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_reason = models.TextField(blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                name="loosening_needs_two",
                condition=~Q(outcome="applied") | Q(needs_second=False) | ~Q(decided_by=F("asked_by")),
            ),
        )

    def __str__(self) -> str:
        return str(self.after.get("name") or self.before.get("name") or "a rule")


class Decision(models.Model):
    """One person's recorded verdict on one version, with what they saw and the digest they signed."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="decisions")
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    person_name = models.CharField(max_length=150)
    role = models.CharField(max_length=150, help_text="The group they decided for.")
    verdict = models.CharField(max_length=20, choices=[(v.value, v.label) for v in Verdict])
    reason = models.TextField(blank=True)
    cuts = models.JSONField(default=dict, help_text="What this person cut: lines, moves, never, end.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of version digest, cuts standing then, own cuts.")
    rule = models.CharField(max_length=400, blank=True)
    at = models.DateTimeField()
    shown_by = models.CharField(
        max_length=60, blank=True, help_text="By what they showed who they are. Empty: not asked."
    )
    shown_at = models.DateTimeField(null=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ("at", "pk")
        constraints = (models.UniqueConstraint(name="one_decision_per_person", fields=["version", "person"]),)
        indexes = (models.Index(name="decision_role_at", fields=["role", "-at"]),)

    def __str__(self) -> str:
        return f"{self.version}: {self.person_name} {Verdict(self.verdict).past}"

    @property
    def signed_with(self) -> str:
        """How its person showed who they are: “signed with password and code”."""
        return f"signed with {self.shown_by}" if self.shown_by else "who signed was not asked again then"


class Seat(models.Model):
    """One signature a version needs from a group (pages: signature needed)."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="seats")
    group = models.ForeignKey(Group, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    decision = models.OneToOneField(Decision, models.PROTECT, null=True, blank=True, related_name="seat")

    history = HistoricalRecords()

    class Meta:
        ordering = ("version", "position")
        constraints = (models.UniqueConstraint(name="one_seat_per_position", fields=["version", "position"]),)

    def __str__(self) -> str:
        return f"{self.version}: signature needed: {self.group}"


class Question(models.Model):
    """A question on a version, optionally on one line. It decides nothing; signatures stay."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="questions")
    line = models.CharField(max_length=2048, blank=True)
    text = models.TextField()
    asked_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    asked_by_name = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+")
    answered_by_name = models.CharField(max_length=150, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ("asked_at", "pk")
        constraints = (
            models.CheckConstraint(
                name="answer_has_author",
                condition=Q(answered_at__isnull=True, answer="") | Q(answered_at__gte=F("asked_at")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.version}: question by {self.asked_by_name}"


class Acceptance(models.Model):
    """A signer takes a finding on, with a reason. It lowers no risk and takes no signature away.

    The finding is copied in as it stood in `version.findings`, which never changes after the submission.
    """

    version = models.ForeignKey(Version, models.PROTECT, related_name="acceptances")
    place = models.PositiveSmallIntegerField(help_text="Place of the finding in the version's findings, from 0.")
    finding = models.JSONField()
    reason = models.TextField()
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=150)
    role = models.CharField(max_length=150, help_text="The group they accepted it for.")
    at = models.DateTimeField()

    history = HistoricalRecords()

    class Meta:
        ordering = ("place",)
        constraints = (models.UniqueConstraint(name="one_acceptance_per_finding", fields=["version", "place"]),)

    def __str__(self) -> str:
        return f"{self.version}: finding accepted by {self.by_name}"
