"""The line of what waits for a person, in one order everywhere: Home, the list, the packet page and the way on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from approvals.models import Version
from approvals.people import Person

MOST_WAITING = 100  # nobody counts further, and neither does the database


@dataclass(frozen=True, slots=True)
class Waiting:
    """One version that waits for a signature of this person."""

    pk: int
    packet_id: int
    reference: str
    number: int

    def __str__(self) -> str:
        return f"{self.reference} v{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("version", args=[self.reference, self.number])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a version stands in the line: its number from 1, how many there are, and its neighbours."""

    number: int
    count: str
    before: Waiting | None
    after: Waiting | None


def in_line(person: Any) -> list[Waiting]:
    """What waits for this person, the answer that is due first in front; asked anew."""
    rows = Version.objects.waiting_for(person).order_by("answer_by", "pk")
    found = rows.values_list("pk", "packet_id", "packet__reference", "number")[:MOST_WAITING]
    return [Waiting(*row) for row in found]


def line_of(person: Person) -> list[Waiting]:
    """The same, asked once per request: the number in the navigation and the page's own words are one answer."""
    if not hasattr(person, "_line"):
        person._line = in_line(person)  # type: ignore[attr-defined]
    line: list[Waiting] = person._line  # type: ignore[attr-defined]
    return line


def counted(line: list[Waiting]) -> str:
    """How many, in words; empty for none."""
    return f"{MOST_WAITING - 1}+" if len(line) >= MOST_WAITING else str(len(line) or "")


def place_of(version: Version | Waiting, line: list[Waiting]) -> Place | None:
    """The place of this version, or None when it does not wait for the person."""
    keys = [one.pk for one in line]
    if version.pk not in keys:
        return None
    here = keys.index(version.pk)
    after = line[here + 1] if here + 1 < len(line) else None
    return Place(here + 1, counted(line), line[here - 1] if here else None, after)


def next_after(version: Version, before: list[Waiting], now: list[Waiting]) -> Waiting | None:
    """Where to go on after a decision: what stood behind this version, else the front of the line; None at its end."""
    keys = [one.pk for one in before]
    behind = keys[keys.index(version.pk) + 1 :] if version.pk in keys else []
    return next((one for one in now if one.pk in behind), next(iter(now), None))
