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
    """The parts somebody else named this person for, in review or counting, that they have not accepted yet.

    Whoever was named by e-mail before they were here is asked of the draft too, for every part.
    """
    done = {row.part: row.at is not None for row in taken if row.person_id == person.pk}
    shown = [one for one in versions if one.state in OPEN_STATES or _counts(one, now)]
    return [part for part in PARTS if any(_waits(one, part, person, done.get(part)) for one in shown)]


def _waits(version: Version, part: str, person: Person, accepted: bool | None) -> bool:
    """`accepted` None: nobody asked before the version was submitted."""
    if accepted is None:
        return part in ASKED and version.state != State.DRAFT and is_asked(version, part, person.pk)
    return not accepted and _has(version, part, person)


def still_asked(version: Version) -> list[tuple[Person, str]]:
    """Whom this version names by e-mail who has not accepted it yet, each with the part. Submit waits for them."""
    waiting = set(version.packet.parts_accepted.filter(at__isnull=True).values_list("person", "part"))
    named = [(getattr(version, part), part) for part in PARTS]
    return [(person, part) for person, part in named if person is not None and (person.pk, part) in waiting]


def versions_to_accept(person: Person, now: datetime) -> QuerySet[Version]:
    """Versions in review or counting that name this person by somebody else's hand, and they have not accepted.

    Drafts too, of whoever was named by e-mail before they were here. Read by the index of each part: said as one
    condition, it would be met among all versions that count.
    """
    there = Q(state=State.IN_REVIEW) | instants.counting(now)
    standing = Version.objects.filter(packet__revoked_at__isnull=True).order_by()
    rows, drafts = standing.filter(there).exclude(submitted_by=person.pk), standing.filter(state=State.DRAFT)
    by_others = [rows.filter(~Exists(_taken(person, part)), **{part: person.pk}) for part in ASKED]
    by_mail = [
        drafts.filter(Exists(_taken(person, part).filter(at__isnull=True)), **{part: person.pk}) for part in PARTS
    ]
    first, *others = (found.values("pk") for found in (*by_others, *by_mail))
    found: QuerySet[Version] = Version.objects.filter(pk__in=first.union(*others))
    return found


def _taken(person: Person, part: str) -> QuerySet[PartAccepted]:
    return PartAccepted.objects.filter(packet=OuterRef("packet"), person=person, part=part)
