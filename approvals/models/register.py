"""The data register: what a target holds, how much that matters, and who answers for it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from approvals.risk.register import DataClass, Registered, first_word
from approvals.scope.grammar import LineErrors, parse_line
from approvals.scope.tools import KNOWN_TOOLS


def check_pattern(text: str) -> None:
    """Raise ValidationError unless this is a target, or the beginning of targets up to a sign and one star."""
    try:
        line = parse_line(text)
    except LineErrors as errors:
        raise ValidationError(errors.errors[0].message) from errors
    if line.method is not None or line.note or str(line) != text:
        raise ValidationError("Write a name as it stands in a line, without a method: crm.customers or crm.*")
    if line.target in KNOWN_TOOLS:
        raise ValidationError(f"{line.target} is a tool, no data. Register what it reaches.")
    if "*" in text[:-1] or (text.endswith("*") and text[-2:-1] not in (".", ":", "/", "_", "-")) or text == "*":
        raise ValidationError("A star stands only at the end, after a dot or another sign: crm.* but not cr*")


class DataTarget(models.Model):
    """One entry. Where several cover a line the longest counts; what none covers counts as production data."""

    pattern = models.CharField(
        "target", max_length=300, unique=True, validators=[check_pattern],
        help_text="As it stands in a line: crm.customers, or crm.* for everything that begins so.",
    )  # fmt: skip
    first = models.CharField(max_length=300, editable=False, db_index=True, help_text="The word it is looked up by.")
    name = models.CharField(max_length=120, help_text="What people call this data: Customer records.")
    data_class = models.CharField("class", max_length=16, choices=[(v.value, v.label) for v in DataClass])
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="data owner",
        help_text="A person, or a group below.",
    )  # fmt: skip
    owner_group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(default=True, help_text="Entries are switched off, never deleted.")

    history = HistoricalRecords()

    class Meta:
        verbose_name = "data register entry"
        verbose_name_plural = "data register"
        ordering = ("pattern",)
        constraints = (
            models.CheckConstraint(
                name="data_has_one_owner",
                condition=Q(owner__isnull=False, owner_group__isnull=True)
                | Q(owner__isnull=True, owner_group__isnull=False),
                violation_error_message="Name a data owner: one person or one group.",
            ),
        )

    def __str__(self) -> str:
        return self.pattern

    def save(self, *args: object, **kwargs: object) -> None:
        """The word it is looked up by follows the pattern."""
        self.first = first_word(self.pattern)
        super().save(*args, **kwargs)  # type: ignore[arg-type]  # handed on as it came

    def as_registered(self, owner: str) -> Registered:
        """The entry as findings read it, with its owner's printed name."""
        return Registered(self.pattern, self.name, DataClass(self.data_class), owner)
