"""The filters of the packets list, as they stand in the address: read, told, and turned into questions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import QueryDict

from approvals.models import Packet, Version
from approvals.querysets import VersionQuerySet, packets_with
from approvals.standing import standing_at
from approvals.terms import asked_terms
from approvals.vocabulary import Level, Severity, Standing

LONGEST = 200
LABELS = {
    "q": "Words", "agent": "Agent", "team": "Team", "owner": "Owner", "person": "Person", "identity": "Identity",
    "level": "Level", "tier": "Risk", "standing": "Status",
    "ends_before": "Ends before", "ends_after": "Ends on or after",
}  # fmt: skip
CHOICES: dict[str, dict[str, str]] = {
    "level": {level.value: level.label for level in Level},
    "tier": {tier.value: tier.tag.words for tier in Severity},
    "standing": {standing.value: standing.tag.words for standing in Standing},
}
DATES = ("ends_before", "ends_after")


def named(username: str) -> Q:
    """Versions that name this person as owner, backup owner or rollback owner."""
    person = get_user_model()._default_manager.filter(username=username).values("pk")
    return Q(owner__in=person) | Q(backup_owner__in=person) | Q(rollback_owner__in=person)


# Where each is found: a name stands in one column.
OF_PACKET = {"agent": "agent__slug", "team": "agent__team__name", "level": "level"}
OF_VERSION: dict[str, Callable[[str], Q]] = {
    "owner": lambda name: Q(owned_by=name),
    "person": named,
    "identity": lambda name: Q(runs_as=name),
    "tier": lambda name: Q(tier=name),
    "ends_before": lambda day: Q(end__lt=midnight(day)),
    "ends_after": lambda day: Q(end__gte=midnight(day)),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is on: what it says, and the address of the same list without it."""

    words: str
    url: str


@dataclass
class Filters:
    """What was asked of the list and can be answered; `problems` say in sentences what could not."""

    asked: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, given: QueryDict) -> Filters:
        """The filters of an address. What cannot be meant is left out, and said."""
        found = cls()
        for name, label in LABELS.items():
            value = given.get(name, "").strip()
            problem = _problem(name, label, value) if value else ""
            if problem:
                found.problems.append(problem)
            elif value:
                found.asked[name] = value
        return found

    @property
    def words(self) -> str:
        return self.asked.get("q", "")

    def told(self, name: str, value: str) -> str:
        """The chip's words."""
        shown = CHOICES[name][value] if name in CHOICES else f"{value} 00:00 UTC" if name in DATES else value
        return f"{LABELS[name]}: {shown}"

    def packets(self) -> Q:
        """The condition on packets, words aside."""
        return Q(**{column: self.asked[name] for name, column in OF_PACKET.items() if name in self.asked})

    def terms(self) -> list[bytes]:
        return asked_terms(self.words)

    def versions(self, rows: VersionQuerySet, now: datetime) -> VersionQuerySet:
        """Of these versions, each the one its row shows, those that match."""
        if "standing" in self.asked:
            rows = standing_at(rows, Standing(self.asked["standing"]), now)
        # Said as expressions, so that a version is read by its packet: by an owner's or identity's index it would be
        # every version of theirs, again for each packet on the way.
        rows = rows.annotate(
            end=Coalesce("ends_at", "ends"), owned_by=Coalesce("owner__username", Value("")),
            runs_as=Coalesce("identity", Value("")),
        )  # fmt: skip
        return rows.filter(*(asks(self.asked[name]) for name, asks in OF_VERSION.items() if name in self.asked))

    def asks_versions(self) -> bool:
        """Whether any filter speaks of a version."""
        return any(name in self.asked for name in (*OF_VERSION, "standing"))

    def sets(self) -> list[QuerySet[Any]]:
        """Where the list may begin to read: keys of packets, each set answered by one index."""
        found: list[QuerySet[Any]] = [packets_with(term) for term in self.terms()]
        if name := next((name for name in ("agent", "team") if name in self.asked), ""):
            found.append(Packet.objects.filter(**{OF_PACKET[name]: self.asked[name]}).values("pk"))
        for column, name in (("owner__username", "owner"), ("identity", "identity")):
            if name in self.asked:
                found.append(Version.objects.filter(**{column: self.asked[name]}).values("packet"))
        if "person" in self.asked:
            found.append(Version.objects.filter(named(self.asked["person"])).values("packet"))
        return found


def _problem(name: str, label: str, value: str) -> str:
    """Why this filter cannot be meant, in a sentence; empty when it can."""
    if len(value) > LONGEST:
        return f"{label} was longer than {LONGEST} characters, so it was left out."
    if not value.isprintable():
        return f"{label} held characters that no name has, so it was left out."
    if name in CHOICES and value not in CHOICES[name]:
        return f"“{value}” is not one of the choices for {label}, so it was left out."
    if name in DATES and midnight(value) is None:
        return f"“{value}” is not a date such as 2026-12-31, so “{label}” was left out."
    if name == "q" and not asked_terms(value):
        return f"“{value}” holds no letter or digit to look for, so it was left out."
    return ""


def midnight(day: str) -> datetime | None:
    """00:00 UTC of that day; None when it is no date."""
    try:
        return datetime.combine(date.fromisoformat(day), time(), UTC)
    except ValueError:
        return None
