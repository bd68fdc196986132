"""The filters of the packets list, as they stand in the address: read, told, and turned into questions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import QueryDict

from approvals.models import Packet, Version
from approvals.pages.filter_bar import Box, midnight, read
from approvals.querysets import VersionQuerySet, packets_with
from approvals.standing import standing_at
from approvals.terms import asked_terms
from approvals.vocabulary import Level, Severity, Standing

BOXES = (
    Box("q", "Words", "job, line, identity", kind="search"),
    Box("agent", "Agent", "its whole name", longest=63),
    Box("team", "Team", longest=150, teams=True),
    Box("owner", "Owner", "sign-in name", longest=150),
    Box("identity", "Identity"),
    Box("standing", "Status", choices={standing.value: standing.tag.words for standing in Standing}),
    Box("tier", "Risk", choices={tier.value: tier.tag.words for tier in Severity}),
    Box("level", "Level", choices={level.value: level.label for level in Level}),
    Box("ends_after", "Ends on or after", kind="date"),
    Box("ends_before", "Ends before", kind="date"),
    Box("person", "Person", kind="hidden"),
)


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


@dataclass
class Filters:
    """What was asked of the list and can be answered; `problems` say in sentences what could not."""

    asked: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, given: QueryDict) -> Filters:
        """The filters of an address. What cannot be meant is left out, and said."""
        found = cls(*read(BOXES, given))
        words = found.words
        if words and not asked_terms(words):
            found.problems.append(f"“{words}” holds no letter or digit to look for, so it was left out.")
            del found.asked["q"]
        return found

    @property
    def words(self) -> str:
        return self.asked.get("q", "")

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
