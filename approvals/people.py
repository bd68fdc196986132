"""What the packets need to know of a person. Role groups and teams are told apart here.

`Account` is what `portal.User` is made of; `Person` is how everything in approvals calls one.
"""

from __future__ import annotations

import zoneinfo
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractUser, Group, Permission
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q

from approvals.vocabulary import Role

LONGEST_NAME = 150

__all__ = ["Account", "Person", "check_time_zone"]


def check_time_zone(name: str) -> None:
    """Raise ValidationError for a name the time zone database does not have."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"“{name}” is not a time zone. Use a name such as Europe/Berlin.")


class Account(AbstractUser):
    """Someone who owns, signs, asks or audits. Deactivated when they leave, never deleted."""

    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    night_contact = models.CharField(
        "how to reach me at night", max_length=200, blank=True, help_text="A phone number or pager, for the rollback."
    )

    access_ends = models.DateTimeField(
        "access ends", null=True, blank=True,
        help_text="From this instant on they are out and cannot sign in (UTC). Auditors need one.",
    )  # fmt: skip

    awaited = models.BooleanField(
        "named by e-mail, not here yet", default=False,
        help_text="Somebody named this address in a packet. The account opens nothing until its person is let in.",
    )  # fmt: skip

    class Meta(AbstractUser.Meta):
        abstract = True
        constraints = (
            models.CheckConstraint(name="awaited_is_not_let_in", condition=Q(awaited=False) | Q(is_active=False)),
        )

    @property
    def has_left(self) -> bool:
        """Whether the account was let in once, and is closed now."""
        return not self.is_active and not self.awaited

    def may_enter(self, moment: datetime) -> bool:
        """Whether the account lets its person in at this instant: active, and before its end."""
        return self.is_active and (self.access_ends is None or self.access_ends > moment)

    @property
    def printed_name(self) -> str:
        """The human name as it is printed under a signature, as long as the record holds one; else the username."""
        return (self.get_full_name() or self.username)[:LONGEST_NAME].strip()

    def accounts(self) -> set[int]:
        """Keys of every account with this person's address, this one among them. Asked once per instance."""
        if not hasattr(self, "_accounts"):
            same = type(self)._default_manager.filter(email__iexact=self.email) if self.email else ()
            self._accounts = {self.pk, *(other.pk for other in same)}
        return self._accounts

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def roles(self) -> list[str]:
        """Names of the role groups this person is in now."""
        return [group.name for group in self.memberships() if group.name in set(Role)]

    def teams(self) -> list[Group]:
        """The groups that are teams: every group that is not a role."""
        return [group for group in self.memberships() if group.name not in set(Role)]

    def memberships(self) -> list[Group]:
        """This person's groups by name, each with `broad`: whether it may view every packet.

        Asked once per instance: one request, one answer. Verbs read the person anew before they decide.
        """
        if not hasattr(self, "_memberships"):
            broad = Permission.objects.filter(group=OuterRef("pk"), codename="view_every_packet")
            self._memberships = list(self.groups.annotate(broad=Exists(broad)).order_by("name"))
        return self._memberships

    def is_in(self, *names: str) -> bool:
        """Whether this person is active and in one of these groups."""
        return self.is_active and any(group.name in names for group in self.memberships())


if TYPE_CHECKING:
    # For types only: which class fills AUTH_USER_MODEL is the portal's choice, and mypy has to know it.
    from portal.models import User as Person
else:
    Person = Account
