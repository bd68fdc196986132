"""Takes a backup while the portal runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType

from django.db import connection

from approvals import events, validity
from approvals.vocabulary import EventKind
from portal.backups import archive, postgresql, sqlite
from portal.backups.manifest import POSTGRESQL, SQLITE, Manifest

KINDS: dict[str, ModuleType] = {SQLITE: sqlite, POSTGRESQL: postgresql}


@dataclass(frozen=True, slots=True)
class Taken:
    """A finished backup."""

    path: Path
    size: int
    sha256: str
    manifest: Manifest


def take(to: Path) -> Taken:
    """Write the backup to this file, or into this folder under a name with the time, and record that it was taken.

    Raises NotDone, and leaves nothing behind, when it cannot be written.
    """
    taken = written(to)
    _record(taken)
    return taken


def written(to: Path) -> Taken:
    """The same without a trace in the record: what is only tried is no backup that anybody could count on."""
    now = validity.now()
    path = to / f"approvals-{now:%Y-%m-%dT%H%M%SZ}.zip" if to.is_dir() else to
    with archive.written(path) as writer:
        held, migrations = KINDS[connection.vendor].save(writer)
        described = Manifest(now, connection.vendor, migrations, held, tuple(writer.parts))
        writer.close(described)
    with path.open("rb") as file:
        return Taken(path, *archive.sum_of(file), described)


def _record(taken: Taken) -> None:
    """What was taken; where it lies is nobody's business who can read the record."""
    held = taken.manifest.holdings
    detail = {
        "sentence": f"{held.packets} packets, {held.events} events up to {held.last_event}, {taken.size} bytes, "
        f"SHA-256 {taken.sha256}",
        "size": taken.size,
        "sha256": taken.sha256,
        **asdict(held),
    }
    events.record(EventKind.BACKED_UP, actor=None, system="backup", detail=detail, effective_at=taken.manifest.taken_at)
