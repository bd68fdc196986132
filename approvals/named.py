"""Whom a packet names: owner, backup owner and rollback owner, and what somebody who leaves is still named for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from approvals import instants
from approvals.models import Packet, PartAccepted, Version
from approvals.people import Person
from approvals.vocabulary import OPEN_STATES, State

PARTS = {"owner": "Agent owner", "backup_owner": "Backup owner", "rollback_owner": "Rollback owner"}
ASKED = ("owner", "rollback_owner")  # whoever somebody else names for these is asked to accept it


def parts_of(version: Version, person: Person) -> list[str]:
    """The parts this person has in the version. The ones left empty in a draft of what named them count too."""
    before = version.based_on if version.state == State.DRAFT else None
    return [part for part in PARTS if _has(version, part, person) or _had(version, before, part, person)]


def _has(version: Version, part: str, person: Person) -> bool:
    return bool(getattr(version, f"{part}_id") == person.pk)


def _had(version: Version, before: Version | None, part: str, person: Person) -> bool:
    return before is not None and getattr(version, f"{part}_id") is None and _has(before, part, person)


def version_to_hand_over(versions: Iterable[Version], person: Person, now: datetime) -> Version | None:
    """Of a packet's versions the open one, else the last that counts, if it names this person; None else."""
    rows = sorted(versions, key=lambda one: one.number, reverse=True)
    found = next((one for one in rows if one.state in OPEN_STATES or _counts(one, now)), None)
    return found if found is not None and parts_of(found, person) else None


def _counts(version: Version, now: datetime) -> bool:
    ended = [end for end in (version.ends_at, version.superseded_at) if end is not None and end <= now]
    return version.state == State.APPROVED and not ended


def packets_naming(person: Person, now: datetime) -> QuerySet[Packet]:
    """Packets not revoked, with an open version or one that counts that names this person. O(their versions)."""
    named = Q(owner=person) | Q(backup_owner=person) | Q(rollback_owner=person)
    open_or_counting = Q(state__in=OPEN_STATES) | instants.counting(now)
    rows = Version.objects.filter(named, open_or_counting, packet=OuterRef("pk"))
    found: QuerySet[Packet] = Packet.objects.filter(Exists(rows), revoked_at__isnull=True)
    return found


def is_asked(version: Version, part: str, person_id: int | None) -> bool:
    """Whether this person is named for the part by somebody else: who submits has named themselves."""
    named = getattr(version, f"{part}_id")
    return named is not None and named == person_id and version.submitted_by_id not in (None, named)


def parts_to_accept(
    versions: Iterable[Version], taken: Iterable[PartAccepted], person: Person, now: datetime
) -> list[str]:
    """The parts somebody else named this person for, in review or counting, that they have not accepted yet."""
    done = {row.part for row in taken if row.person_id == person.pk}
    rows = [one for one in versions if one.state == State.IN_REVIEW or _counts(one, now)]
    return [part for part in ASKED if part not in done and any(is_asked(one, part, person.pk) for one in rows)]


def versions_to_accept(person: Person, now: datetime) -> QuerySet[Version]:
    """Versions in review or counting that name this person by somebody else's hand, and they have not accepted.

    Read by the index of each part: said as one condition, it would be met among all versions that count.
    """
    there = Q(state=State.IN_REVIEW) | instants.counting(now)
    rows = Version.objects.filter(there, packet__revoked_at__isnull=True).exclude(submitted_by=person.pk).order_by()
    first, *others = (rows.filter(~Exists(_taken(person, part)), **{part: person.pk}).values("pk") for part in ASKED)
    found: QuerySet[Version] = Version.objects.filter(pk__in=first.union(*others))
    return found


def _taken(person: Person, part: str) -> QuerySet[PartAccepted]:
    return PartAccepted.objects.filter(packet=OuterRef("packet"), person=person, part=part)
