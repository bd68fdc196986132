"""What a packet says: its fields, their canonical form and the digest that is signed. Pure: no Django here."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import rfc8785

from approvals.scope.grammar import Line
from approvals.vocabulary import RUN_FIELDS, Field, Level

TEAM = "team"
Lines = Mapping[Field, tuple[Line, ...]]


@dataclass(frozen=True, slots=True)
class Link:
    """A link the author adds; `sha256` is the digest they typed beside it, or empty."""

    url: str
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Everything people write in a packet. People are usernames; empty means not given yet."""

    agent: str = ""
    level: Level = Level.SYSTEM
    parent: str = ""
    owner: str = ""
    backup_owner: str = ""
    job: str = ""
    lines: Lines = field(default_factory=dict)
    human_approval_by: str = TEAM
    identity: str = ""
    run_record_location: str = ""
    retention_days: int | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    rollback_owner: str = ""
    rollback_path: str = ""
    links: tuple[Link, ...] = ()
    access_revoked: str = ""
    when_wrong: str = ""
    each_run_needs_packet: bool = False
    task: str = ""
    look_at: str = ""
    run_link: str = ""

    def __post_init__(self) -> None:
        """Instants are kept as they are signed: in UTC, to the second."""
        for key in ("starts", "ends"):
            object.__setattr__(self, key, to_the_second(getattr(self, key)))

    def of(self, place: Field) -> tuple[Line, ...]:
        """The lines of one field; empty when there are none."""
        return tuple(self.lines.get(place, ()))


def to_the_second(moment: datetime | None) -> datetime | None:
    """The instant in UTC without its fraction of a second; None stays None."""
    return None if moment is None else moment.astimezone(UTC).replace(microsecond=0)


def instant(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the second, with Z; None stays None."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def written(line: Line) -> str:
    """A line with its note, as documents and the digest hold it."""
    return f"{line}  # {line.note}" if line.note else str(line)


def document(content: Content) -> dict[str, Any]:
    """The packet as plain data with the keys of YAML and JSON, in the order of the ten labels."""
    rows: dict[str, Any] = {
        "packet": 1,
        "agent": content.agent,
        "level": content.level.value,
        "parent": content.parent,
        "owner": content.owner,
        "backup_owner": content.backup_owner,
        "job": content.job,
    }
    rows |= {place.value: [written(line) for line in content.of(place)] for place in Field if place not in RUN_FIELDS}
    rows |= {
        "human_approval_by": content.human_approval_by,
        "identity": content.identity,
        "run_record": {"location": content.run_record_location, "retention_days": content.retention_days},
        "starts": instant(content.starts),
        "ends": instant(content.ends),
        "rollback": {"owner": content.rollback_owner, "path": content.rollback_path},
        "links": [{"url": link.url, "sha256": link.sha256} for link in content.links],
    }
    return rows | _extras(content)


def _extras(content: Content) -> dict[str, Any]:
    if content.level is Level.SYSTEM:
        return {
            "system": {
                "access_revoked": content.access_revoked,
                "when_wrong": content.when_wrong,
                "each_run_needs_packet": content.each_run_needs_packet,
            }
        }
    lines = {place.value: [written(line) for line in content.of(place)] for place in RUN_FIELDS}
    return {"run": {"task": content.task, **lines, "look_at": content.look_at, "link": content.run_link}}


def canonical(content: Content, *, reference: str, number: int, names: Mapping[str, str]) -> bytes:
    """The bytes that are signed: RFC 8785 JSON, text in NFC. `names` maps usernames to printed names."""
    rows = document(content) | {"reference": reference, "version": number}
    for key, username in (("owner", content.owner), ("backup_owner", content.backup_owner)):
        rows[key] = person(username, names)
    rows["rollback"] = {"owner": person(content.rollback_owner, names), "path": content.rollback_path}
    return rfc8785.dumps(normal(rows))


def person(username: str, names: Mapping[str, str]) -> dict[str, str] | None:
    """A person as the digest holds them, or None when nobody is named."""
    return {"username": username, "name": names.get(username, username)} if username else None


def normal(value: Any) -> Any:
    """The same data with every text in NFC and line ends as LF, so that equal content has equal bytes."""
    match value:
        case str():
            return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
        case dict():
            return {normal(key): normal(item) for key, item in value.items()}
        case list() | tuple():
            return [normal(item) for item in value]
    return value


def digest(body: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(body).hexdigest()


def digest_of(value: Any) -> str:
    """SHA-256 in hex of the RFC 8785 form of plain data."""
    return digest(rfc8785.dumps(normal(value)))
