"""What the set-up page has to know of the rows, in one statement.

Who can sign, who keeps the portal, which rules hold, and when the last backup was taken.

People are counted as distinct people who can get in: two accounts with one address are one person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from approvals.models import Event, SignOffRule
from approvals.together import Part, together
from approvals.vocabulary import EventKind, Role
from portal.accounts.backend import FACTORS
from portal.models import SecondFactorRule, User


@dataclass(frozen=True, slots=True)
class Member:
    """One account that may come in now. `person` is what two accounts of one person have in common."""

    name: str
    address: str
    person: str
    can_show: bool  # has a way to show who they are; without one nobody signs
    has_factor: bool
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everyone of Security and Administrators, the roles that need a second factor, and how many rules hold."""

    members: tuple[Member, ...]
    needing_factor: tuple[str, ...]
    rules: int
    backup_at: datetime | None = None  # when the last one that was finished was begun

    def of(self, role: Role) -> list[Member]:
        return [one for one in self.members if role in one.roles]


def facts(now: datetime) -> Facts:
    """As they are at this moment."""
    has_role = {role: Exists(_in_role(role)) for role in (Role.SECURITY, Role.ADMINISTRATORS)}
    people = User.objects.filter(is_active=True, groups__name__in=list(has_role)).distinct()
    beside = (*_ways(), *((f"in_{role}", there) for role, there in has_role.items()))
    columns = ("id", "username", "first_name", "last_name", "email", "is_active", "access_ends")
    last = Event.objects.filter(kind=EventKind.BACKED_UP).order_by("-pk").values("pk")[:1]
    needing, rules, backups, found = together(
        Part(SecondFactorRule.objects.filter(required=True), ("id",), (("role", F("group__name")),)),
        Part(SignOffRule.objects.filter(is_active=True), ("id",)),
        Part(Event.objects.filter(pk__in=last), ("id", "effective_at")),
        Part(User.objects.filter(pk__in=people.values("pk")), columns, beside),
    )
    members = (
        _member(one, frozenset(role for role in has_role if getattr(one, f"in_{role}")))
        for one in found
        if one.may_enter(now)
    )
    taken = [one.effective_at for one in backups]
    return Facts(tuple(members), tuple(rule.role for rule in needing), len(rules), *taken)


def able(group: int, now: datetime) -> set[str]:
    """The distinct people of a group, whichever it is, who may come in and can show who they are."""
    people = User.objects.filter(is_active=True, groups=group).annotate(**dict(_ways()))
    return {one.person for one in (_member(row) for row in people if row.may_enter(now)) if one.can_show}


def distinct(members: Iterable[Member]) -> list[str]:
    """The names of those who can show who they are, each person once."""
    return list({one.person: one.name for one in members if one.can_show}.values())


def _in_role(role: Role) -> QuerySet[Any]:
    rows: QuerySet[Any] = User.groups.through._default_manager.filter(user=OuterRef("pk"), group__name=role)
    return rows


def _ways() -> tuple[tuple[str, Any], ...]:
    """How somebody could show who they are, as `portal.accounts.reauthentication.ways` says it of one person."""
    has = Authenticator.objects.filter(user=OuterRef("pk"))
    linked = SocialAccount.objects.filter(user=OuterRef("pk"), provider=settings.OIDC_PROVIDER)
    password = ~Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return (
        ("has_password", ExpressionWrapper(password, output_field=BooleanField())),
        ("has_passkey", Exists(has.filter(type=Authenticator.Type.WEBAUTHN))),
        ("has_factor", Exists(has.filter(type__in=FACTORS))),
        ("is_linked", Exists(linked)),
    )


def _member(one: Any, roles: frozenset[str] = frozenset()) -> Member:
    linked = one.is_linked and bool(settings.SOCIALACCOUNT_PROVIDERS)
    can_show = bool(one.has_password or one.has_passkey or linked)
    person = one.email.lower() or f"#{one.pk}"
    return Member(one.printed_name, one.email, person, can_show, bool(one.has_factor), roles)
