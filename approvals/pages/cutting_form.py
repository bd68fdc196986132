"""Tick boxes for cuts: one row a line that stands, and an earlier end. Signers and owners use the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import QueryDict

from approvals.cuts import Cut, Cuts
from approvals.errors import Refused
from approvals.models import Grant, Version
from approvals.standing import stands_at
from approvals.vocabulary import Field

FATES: dict[str, tuple[str, Field | None]] = {
    "remove": ("Remove", None),
    "human": ("A person each time", Field.HUMAN_APPROVAL),
    "never": ("Never", Field.NEVER),
}


@dataclass(frozen=True, slots=True)
class Box:
    """One tick box: what it sends, what it says, and whether it was ticked."""

    value: str
    label: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class CutRow:
    """One line that stands, with what may become of it."""

    text: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class CutGroup:
    """The lines of one field."""

    label: str
    rows: tuple[CutRow, ...]


def cut_groups(version: Version, moment: datetime, typed: QueryDict | None = None) -> list[CutGroup]:
    """The lines that can be cut, field by field, with what was ticked before a refusal."""
    ticked = set(typed.getlist("cut")) if typed else set()
    groups = []
    for field in Field:
        rows = [grant for grant in version.grants.all() if grant.field == field and stands_at(grant, moment)]
        if rows and _fates(field):
            groups.append(CutGroup(field.label, tuple(_row(grant, field, ticked) for grant in rows)))
    return groups


def _fates(field: Field) -> Sequence[str]:
    if field.allows:
        return tuple(FATES)
    return ("never",) if field is Field.HUMAN_APPROVAL else ()


def _row(grant: Grant, field: Field, ticked: set[str]) -> CutRow:
    values = ((f"{grant.pk}-{fate}", FATES[fate][0]) for fate in _fates(field))
    return CutRow(str(grant), tuple(Box(value, label, value in ticked) for value, label in values))


def cuts_in(data: QueryDict, version: Version) -> Cuts:
    """What was ticked and typed. Raises Refused for a line that is not there and an end that is no date."""
    grants = {str(grant.pk): grant for grant in version.grants.all()}
    lines = []
    for value in data.getlist("cut"):
        key, _, fate = value.partition("-")
        if key not in grants or fate not in FATES:
            raise Refused("no_such_line", "A line you ticked is not in this version.", "Look at the page again.")
        lines.append(Cut(Field(grants[key].field), str(grants[key]), FATES[fate][1]))
    return Cuts(tuple(lines), (), end_in(data.get("ends", "")))


def end_in(typed: str) -> datetime | None:
    """The instant of a date and time field, in UTC; a bare date is 00:00. None when it is empty."""
    if not typed.strip():
        return None
    try:
        moment = datetime.fromisoformat(typed.strip())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # no date, or one that leaves the calendar on its way to UTC
        raise Refused(
            "bad_end", "The earlier end is not a date.", "Write it such as 2026-12-24 12:00, in UTC."
        ) from None
