"""Whose approval stands in a version and who has left since: a given signature stays, and is flagged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from approvals.models import Decision, Version
from approvals.vocabulary import Verdict
from approvals.walks import there_is


def who_left() -> QuerySet[Decision]:
    """Approvals by people who have left the group they signed for, or the portal, since."""
    members: Any = get_user_model().groups.through
    there = members._default_manager.filter(user=OuterRef("person"), user__is_active=True, group__name=OuterRef("role"))
    approving = [verdict.value for verdict in Verdict if verdict.approves]
    return Decision.objects.filter(~Exists(there), verdict__in=approving).exclude(role="")


def signer_left() -> Coalesce:
    """Whether one of those who approved the version of a row has left, to be asked with the row."""
    return there_is(who_left().filter(version=OuterRef("pk")))


def told_of(versions: Iterable[Version]) -> dict[int, list[str]]:
    """By key of the version: who approved it and has left since, each as a sentence. One statement for all."""
    found: dict[int, list[str]] = {}
    by_key = {version.pk: version for version in versions}
    for one in who_left().filter(version__in=by_key):
        said = f"{one.person_name} ({one.role}) signed {by_key[one.version_id]}, and has left since."
        found.setdefault(one.version_id, []).append(said)
    return found
