"""Since when somebody has been in a group, and who put them there: read from the history of accounts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef

from approvals.models import Decision


@dataclass(frozen=True, slots=True)
class Held:
    """From when on, and by whom; `by` is empty for what no signed-in person did, such as the first set-up."""

    since: datetime
    by: str


def of_signers(decisions: Iterable[Decision]) -> dict[int, Held]:
    """For each decision (by key) since when its person had held the group they signed for, and who gave it.

    One statement per signing group. A decision whose person was in no such group then is not in the answer.
    """
    by_group: dict[str, list[Decision]] = {}
    for one in decisions:
        by_group.setdefault(one.role, []).append(one)
    found: dict[int, Held] = {}
    for group, signed in by_group.items():
        held = held_at([one.person_id for one in signed], group, max(one.at for one in signed))
        found |= {one.pk: held[one.person_id] for one in signed if one.person_id in held}
    return found


def held_at(people: Iterable[int], group: str, moment: datetime) -> dict[int, Held]:
    """Of these people (by key) those who were in the group at that instant, each with the beginning of that stay.

    One statement for all of them; it reads the accounts' history up to the instant.
    """
    found: dict[int, Held] = {}
    for row in _rows(people, group, moment):
        if not row.was_in:
            found.pop(row.id, None)
        elif row.id not in found:
            found[row.id] = Held(row.history_date, row.history_user.printed_name if row.history_user else "")
    return found


def _rows(people: Iterable[int], group: str, moment: datetime) -> Any:
    """Every state of these accounts up to the instant, oldest first, each with whether it was in the group."""
    history: Any = get_user_model().history
    through: Any = history.model.groups.model
    inside = through.objects.filter(history=OuterRef("pk"), group__name=group)
    rows = history.filter(id__in=list(people), history_date__lte=moment).select_related("history_user")
    return rows.annotate(was_in=Exists(inside)).order_by("history_id").only("id", "history_date", "history_user")
