"""What a version asks and what it grants, between rows and `Content`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from approvals.content import TEAM, Content, Lines, Link, canonical, written
from approvals.errors import Refused
from approvals.models import Grant, Version
from approvals.people import Person
from approvals.scope.grammar import Line, parse_line
from approvals.scope.matching import Placed
from approvals.standing import stands_at
from approvals.vocabulary import Field, Level, Role, State

PLAIN = [
    "job",
    "identity",
    "run_record_location",
    "retention_days",
    "starts",
    "ends",
    "rollback_path",
    "access_revoked",
    "when_wrong",
    "each_run_needs_packet",
    "task",
    "look_at",
    "run_link",
]
PEOPLE = ("owner", "backup_owner", "rollback_owner")


def asked(version: Version) -> Content:
    """The content as its authors wrote it."""
    return _content(version, lines_asked(version))


def lines_asked(version: Version) -> Lines:
    """The lines as its authors wrote them."""
    return {Field(key): tuple(map(parse_line, rows)) for key, rows in version.lines.items()}


def granted(version: Version, moment: datetime) -> Content:
    """The content as it stands at this instant: lines after cuts and give-ups, and the end as granted."""
    content = _content(version, lines_granted(version, moment))
    return content if version.ends_at is None else replace(content, ends=version.ends_at)


def lines_granted(version: Version, moment: datetime) -> Lines:
    """The lines that stand at this instant. The rows may be loaded already."""
    lines: dict[Field, list[Line]] = {}
    for grant in sorted(version.grants.all(), key=lambda grant: grant.pk):
        if stands_at(grant, moment):
            lines.setdefault(Field(grant.field), []).append(line_of(grant))
    return {field: tuple(rows) for field, rows in lines.items()}


def standing_content(version: Version, moment: datetime) -> Content:
    """What stands of it: as granted when it was approved, else as asked."""
    return granted(version, moment) if version.state == State.APPROVED else asked(version)


def _content(version: Version, lines: Lines) -> Content:
    packet = version.packet
    return Content(
        agent=packet.agent.slug,
        level=Level(packet.level),
        parent=packet.parent.reference if packet.parent else "",
        lines=lines,
        human_approval_by=version.human_approval_by.name if version.human_approval_by else TEAM,
        links=tuple(Link(row["url"], row["sha256"]) for row in version.links),
        **_columns(version),
    )


def _columns(version: Version) -> dict[str, Any]:
    """The columns a version and a content share; people by their sign-in name."""
    named = {key: person.username if (person := getattr(version, key)) else "" for key in PEOPLE}
    return {key: getattr(version, key) for key in PLAIN} | named


def put(content: Content, version: Version) -> None:
    """Set the version's columns from a content; the caller saves. Raises Refused for people nobody knows."""
    for key in PLAIN:
        setattr(version, key, getattr(content, key))
    for key in PEOPLE:
        setattr(version, key, find_person(getattr(content, key)))
    version.human_approval_by = find_group(content.human_approval_by)
    version.links = [{"url": link.url, "sha256": link.sha256} for link in content.links]
    version.lines = {field.value: [written(line) for line in rows] for field, rows in content.lines.items() if rows}


def find_person(username: str) -> Person | None:
    """The person of that name, active or awaited; None for an empty name. Raises Refused("unknown_person")."""
    if not username:
        return None
    plain = username.isprintable()  # some databases take no other name, not even to say that nobody has it
    found = get_user_model()._default_manager.filter(username=username).first() if plain else None
    if found is None or found.has_left:
        raise Refused("unknown_person", f"Nobody active here is called “{username}”.", "Use a sign-in name.")
    return found


def find_group(name: str) -> Group | None:
    """The group that answers held calls; None for the agent's team. Raises Refused("unknown_group")."""
    if name in ("", TEAM):
        return None
    groups = Group.objects.exclude(name__in=set(Role) - {Role.SECURITY})
    alike = list(groups.filter(name__iexact=name)) if name.isprintable() else []
    found = next((group for group in alike if group.name == name), alike[0] if len(alike) == 1 else None)
    if found is None:
        raise Refused("unknown_group", f"There is no group called “{name}”.", "Choose the team, Security or a team.")
    return found


def canonical_of(version: Version) -> bytes:
    """The bytes whose digest is signed, made anew from the rows."""
    people = [getattr(version, key) for key in PEOPLE]
    names = {person.username: person.printed_name for person in people if person}
    return canonical(asked(version), reference=version.packet.reference, number=version.number, names=names)


def line_of(grant: Grant) -> Line:
    """The line of one row."""
    return Line(grant.target, grant.method, grant.note)


def placed(grants: Iterable[Grant], source: Any = None) -> list[Placed]:
    """The lines as the matcher reads them; `source` of each is the given one, or its row."""
    return [
        Placed(Field(g.field), line_of(g), source or g, g.position, was=Field(g.was) if g.was else None) for g in grants
    ]


def grants_for(version: Version) -> list[Grant]:
    """Unsaved rows, one for each asked line, in typed order."""
    return [
        Grant(version=version, field=field, position=place, target=line.target, method=line.method, note=line.note)
        for field, lines in asked(version).lines.items()
        for place, line in enumerate(lines, 1)
    ]
