"""The claim: one conditional UPDATE that says whether the version is still as the actor saw it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F, Model

from approvals import access, events, search_index, validity
from approvals.cuts import Cuts, decision_digest, purpose_of
from approvals.errors import Refused
from approvals.models import Packet, Version
from approvals.people import Person
from approvals.vocabulary import EventKind

WRITTEN_BY = (EventKind.DRAFTED, EventKind.EDITED)  # what changes the words under which a packet is found; cuts do too


def stale() -> Refused:
    """Made anew each time: an exception that is raised twice keeps the frames of both."""
    return Refused("stale", "This version changed after you opened the page.", "Look at it again, then decide.")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the actor had before their eyes: content verbs name the revision, decisions the digest, cuts and state."""

    revision: int
    digest: str = ""
    cuts: str = ""
    state: str = ""

    @classmethod
    def of(cls, version: Version) -> Seen:
        return cls(version.revision, version.digest, version.cuts_digest, version.state)

    def as_content(self) -> dict[str, Any]:
        return {"revision": self.revision}

    def as_decision(self) -> dict[str, Any]:
        """A colleague's plain signature changes none of these, so it does not stale anyone's page."""
        return {"digest": self.digest, "cuts_digest": self.cuts, "state": self.state}

    def purpose(self, meaning: str, own: Cuts) -> str:
        """What somebody has to show who they are for before they decide: this content, these cuts, this meaning."""
        return purpose_of(decision_digest(self.digest, self.cuts, own), meaning)


def claim(model: type[Model], pk: int, **seen: Any) -> bool:
    """Take the row's lock if it still is as seen; returns whether it is. The only UPDATE outside `save()`."""
    return bool(model._default_manager.filter(pk=pk, **seen).update(claims=F("claims") + 1))


def fresh(person: Person) -> Person:
    """The person as the database has them now. Asked under the claim, however long that was waited for.

    So somebody deactivated or moved to another group since the page was opened is seen as they are.
    """
    return get_user_model()._default_manager.get(pk=person.pk)


def put_down(row: Any, actor: Person | None) -> None:
    """Save one governed row with the acting person and the one clock's time in its history; None is the system."""
    row._history_user = actor
    row._history_date = validity.now()
    row.save()


@contextmanager
def queued(packet_id: int) -> Iterator[Packet]:
    """Verbs on one packet wait for each other: the packet is claimed before any of its versions."""
    with transaction.atomic():
        claim(Packet, packet_id)
        yield Packet.objects.select_related("agent__team", "parent").get(pk=packet_id)


@contextmanager
def changing(version_id: int, seen: Mapping[str, Any]) -> Iterator[Version]:
    """Claim the version as the actor saw it; what happens inside is saved whole or not at all.

    Raises Refused("stale") when it changed meanwhile.
    """
    packet_id = Version.objects.values_list("packet", flat=True).get(pk=version_id)
    with queued(packet_id) as packet:
        if not claim(Version, version_id, **seen):
            raise stale()
        version = Version.objects.for_page().get(pk=version_id)
        version.packet = packet
        yield version


def finish(
    version: Version, kind: EventKind, actor: Person | None, detail: Mapping[str, Any] | None = None, **event: Any
) -> None:
    """Save the version with its history, settle who sees the packet, and record the event."""
    version.last_event_at = validity.now()
    put_down(version, actor)
    sight = access.settle(version.packet)
    if kind in WRITTEN_BY:
        search_index.settle(version.packet)
    events.record(kind, version=version, actor=actor, detail={**(detail or {}), **sight}, **event)
