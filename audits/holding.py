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
    """From when on, and by whom; `by` is empty for what no signed-in person did, such as the first set-up.

    `left` says whether the person has left the group, or the portal, since.
    """

    since: datetime
    by: str
    left: bool = False


def of_signers(decisions: Iterable[Decision]) -> dict[int, Held]:
    """For each decision (by key) since when its person had held the group they signed for, and who gave it.

    One statement, whatever the number of groups. A decision whose person was in no such group then is not in the
    answer.
    """
    signed = list(decisions)
    groups = sorted({one.role for one in signed})
    rows = _rows({one.person_id for one in signed}, groups, max(one.at for one in signed)) if signed else []
    found: dict[int, Held] = {}
    for one in signed:
        mine = (row for row in rows if row.id == one.person_id and row.history_date <= one.at)
        stay = _stay(mine, groups.index(one.role))
        found |= {one.pk: stay} if stay else {}
    return found


def held_at(people: Iterable[int], group: str, moment: datetime) -> dict[int, Held]:
    """Of these people (by key) those who were in the group at that instant, each with the beginning of that stay.

    One statement for all of them; it reads the accounts' history up to the instant.
    """
    wanted = list(people)
    rows = _rows(wanted, [group], moment)
    stays = {person: _stay((row for row in rows if row.id == person), 0) for person in wanted}
    return {person: stay for person, stay in stays.items() if stay}


def _stay(rows: Iterable[Any], group: int) -> Held | None:
    """The stay that goes on after the last of these states, oldest first; None when the person was out."""
    stay: Held | None = None
    for row in rows:
        if not getattr(row, f"in_{group}"):
            stay = None
        elif stay is None:
            by = row.history_user.printed_name if row.history_user else ""
            stay = Held(row.history_date, by, left=not getattr(row, f"there_{group}"))
    return stay


def _rows(people: Iterable[int], groups: list[str], moment: datetime) -> list[Any]:
    """Every state of these accounts up to the instant, oldest first, each with whether it was in each group."""
    history: Any = get_user_model().history
    through: Any = history.model.groups.model
    inside = {
        f"in_{place}": Exists(through.objects.filter(history=OuterRef("pk"), group__name=group))
        for place, group in enumerate(groups)
    }
    today: Any = get_user_model().groups.through
    inside |= {
        f"there_{place}": Exists(
            today._default_manager.filter(user=OuterRef("id"), group__name=group, user__is_active=True)
        )
        for place, group in enumerate(groups)
    }
    rows = history.filter(id__in=list(people), history_date__lte=moment).select_related("history_user")
    return list(rows.annotate(**inside).order_by("history_id").only("id", "history_date", "history_user"))
