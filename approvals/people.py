"""What the packets need to know of a person; `portal.User` is one. Role groups and teams are told apart here."""

from __future__ import annotations

import zoneinfo

from django.contrib.auth.models import AbstractUser, Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet

from approvals.vocabulary import Role


def check_time_zone(name: str) -> None:
    """Raise ValidationError for a name the time zone database does not have."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"“{name}” is not a time zone. Use a name such as Europe/Berlin.")


class Person(AbstractUser):
    """Someone who owns, signs, asks or audits. Deactivated when they leave, never deleted."""

    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    night_contact = models.CharField(
        "how to reach me at night", max_length=200, blank=True, help_text="A phone number or pager, for the rollback."
    )

    class Meta(AbstractUser.Meta):
        abstract = True

    @property
    def printed_name(self) -> str:
        """The human name as it is printed under a signature; the username when none was given."""
        return self.get_full_name() or self.username

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def roles(self) -> list[str]:
        """Names of the role groups this person is in now."""
        return [name for name in self.group_names() if name in set(Role)]

    def teams(self) -> QuerySet[Group]:
        """The groups that are teams: every group that is not a role."""
        return self.groups.exclude(name__in=list(Role)).order_by("name")

    def group_names(self) -> list[str]:
        """Names of every group of this person, asked once per instance (one request, one answer)."""
        if not hasattr(self, "_group_names"):
            self._group_names = sorted(self.groups.values_list("name", flat=True))
        return self._group_names

    def is_in(self, *names: str) -> bool:
        """Whether this person is active and in one of these groups."""
        return self.is_active and any(name in names for name in self.group_names())
