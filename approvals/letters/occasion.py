"""What one event is about: its version, what was true then, and the words the wording needs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from approvals import signers, validity
from approvals.letters.message import Block, subject_moment, told
from approvals.models import Event, Packet, Version
from approvals.people import Person
from approvals.vocabulary import ENDS, IDENTITY, JOB, OWNER, ROLLBACK, EventKind


@dataclass
class Occasion:
    """An event with the version it is about (a packet's own events are about its newest one)."""

    event: Event
    version: Version

    @classmethod
    def of(cls, event: Event) -> Occasion | None:
        """None for an event that is about no version at all, such as a new agent."""
        versions = Version.objects.for_page()
        if event.version_id:
            return cls(event, versions.get(pk=event.version_id))
        newest = versions.filter(packet=event.packet_id).order_by("-number").first() if event.packet_id else None
        return cls(event, newest) if newest else None

    @property
    def kind(self) -> EventKind:
        return EventKind(self.event.kind)

    @property
    def packet(self) -> Packet:
        return self.version.packet

    @cached_property
    def detail(self) -> dict[str, Any]:
        """What the verb wrote beside the event."""
        return detail_of(self.event)

    @property
    def who(self) -> str:
        return self.event.actor_name

    @property
    def agent(self) -> str:
        return self.packet.agent.slug

    @property
    def name(self) -> str:
        """AP-0042 v2 sentry-dev, as subjects begin."""
        return f"{self.version} {self.agent}"

    @cached_property
    def now(self) -> datetime:
        return validity.now()

    @property
    def ends(self) -> datetime | None:
        """The end as granted, else as asked."""
        return self.version.ends_at or self.version.ends

    @property
    def suspended(self) -> bool:
        return any(row.until is None for row in self.packet.suspensions.all())

    def said(self, instant: datetime) -> str:
        """The instant as subjects have it."""
        return subject_moment(instant, self.now)


def detail_of(event: Event) -> dict[str, Any]:
    """What the verb wrote beside the event."""
    return dict(json.loads(bytes(event.body))["detail"])


def facts(version: Version, reader: Person) -> tuple[tuple[str, str], ...]:
    """Agent, job, identity and end, with the labels they have everywhere."""
    ends = version.ends_at or version.ends
    return (
        ("Packet", f"{version}"),
        ("Agent", version.packet.agent.slug),
        (OWNER, version.owner.printed_name if version.owner else "not set"),
        (JOB, version.job or "not written yet"),
        (IDENTITY, version.identity or "not set"),
        (ENDS, told(ends, reader) if ends else "not set"),
    )


def rollback(version: Version) -> Block:
    """Who rolls back, how to reach them at night, and the steps."""
    person = version.rollback_owner
    who = "Nobody is named." if person is None else f"{person.printed_name}, {person.email or 'no e-mail address'}"
    night = f"At night: {person.night_contact}" if person and person.night_contact else ""
    return Block(ROLLBACK, tuple(row for row in (who, night, version.rollback_path) if row))


def foot(version: Version) -> tuple[str, ...]:
    """Version and digest."""
    return (f"{version}, SHA-256 {version.digest}" if version.digest else f"{version}, not submitted yet",)


def signers_gone(version: Version) -> tuple[Block, ...]:
    """Who approved this version and has left since; nothing when all are there."""
    return tuple(Block("Left since they signed", tuple(said)) for said in signers.told_of([version]).values())


def quoted(heading: str, text: str) -> tuple[Block, ...]:
    """A person's words in full; nothing when they wrote none."""
    return (Block(heading, (text,), "quote"),) if text.strip() else ()


def accepted(occasion: Occasion) -> tuple[Block, ...]:
    """The findings a signer took on by then, each with who and why."""
    rows = occasion.version.acceptances.filter(at__lte=occasion.event.recorded_at)
    told_of = tuple(
        f"{row.finding['line'] + ': ' if row.finding.get('line') else ''}{row.finding['sentence']} "
        f"Accepted by {row.by_name} ({row.role}): {row.reason}"
        for row in rows
    )
    return (Block("Findings accepted", told_of),) if told_of else ()
