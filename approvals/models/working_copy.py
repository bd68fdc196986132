"""What somebody has typed into the packet form and not saved."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from approvals.models.version import Version


class WorkingCopy(models.Model):
    """One row for each draft and person, and one for each person's packet that is not there yet: values as typed.

    Not a governed model, on purpose: it has no history and no event. Nothing has been said until it is saved, nobody
    but its person reads it, and a history of it would keep every slip that somebody took back, secrets among them.
    It decides nothing and is thrown away, so its keys do not protect what they name.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    version = models.ForeignKey(
        Version, models.CASCADE, null=True, related_name="working_copies", help_text="Empty: a packet not there yet."
    )
    typed = models.JSONField(help_text="Name of the input to its text, as typed.")
    revision = models.PositiveIntegerField(help_text="The draft's revision that was before their eyes.")
    kept_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "working copies"
        constraints = (
            models.UniqueConstraint(name="one_working_copy_of_a_draft", fields=["person", "version"]),
            models.UniqueConstraint(
                name="one_working_copy_of_a_new_packet", fields=["person"], condition=Q(version__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"What {self.person} typed for {self.version or 'a new packet'}"
