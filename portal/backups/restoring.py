"""Brings a backup back into an empty place, and looks whether it is what it says."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from approvals import append_only, events
from approvals.telling import moment_text
from approvals.vocabulary import EventKind
from portal.backups import archive, contents
from portal.backups.manifest import Manifest, NotDone
from portal.backups.taking import KINDS


@dataclass(frozen=True, slots=True)
class Restored:
    """What is there again."""

    manifest: Manifest
    digests: int
    """Submitted versions whose content was hashed again and is what was signed."""


def restore(path: Path, sha256: str = "") -> Restored:
    """Check the file and the place, then fill the place, bring its tables up to date, check it and record it.

    Raises NotDone, with nothing written, when the file is not whole or not ours, when its sum is not `sha256`, or
    when the place is in use.
    """
    with archive.opened(path) as reader:
        _refuse_another_file(path, sha256)
        _refuse_what_does_not_fit(reader.manifest)
        contents.refuse_used_place()
        KINDS[connection.vendor].load(reader)
        described = reader.manifest
    call_command("migrate", interactive=False, verbosity=0)
    looked = _look(described)
    _record(described)
    return Restored(described, looked)


def _refuse_another_file(path: Path, sha256: str) -> None:
    if sha256:
        with path.open("rb") as file:
            if archive.sum_of(file)[1] != sha256.lower():
                raise NotDone(f"{path} is not the file with this SHA-256.")


def _refuse_what_does_not_fit(described: Manifest) -> None:
    if described.database != connection.vendor:
        raise NotDone(
            f"This backup is of {described.database}, and DATABASE_URL names {connection.vendor}. "
            "Restore it into a database of its own kind."
        )
    ours = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations or ()}
    if unknown := [name for name in described.migrations if name not in ours]:
        raise NotDone(f"This backup was taken by a later version of the portal: {unknown[0]} is not known here.")


def _look(described: Manifest) -> int:
    """The digests checked. What is wrong here was wrong when the backup was taken; it is said, and kept as it is."""
    looked, wrong = contents.wrong_digests()
    with connection.cursor() as cursor:
        missing = append_only.missing(cursor, connection.vendor)
    if wrong or missing:
        found = [f"the content of {', '.join(wrong)} is not what was signed"] if wrong else []
        found += [f"the record lacks {', '.join(missing)}"] if missing else []
        raise Doubtful(f"The backup is restored as it was taken, but {' and '.join(found)}.")
    return looked


class Doubtful(Exception):
    """The database is there again, and something in it is not as it should be."""


def _record(described: Manifest) -> None:
    held = described.holdings
    detail = {
        "sentence": f"as it was on {moment_text(described.taken_at)}: {held.packets} packets, {held.events} events up "
        f"to {held.last_event}. What happened after that is not in it",
        "taken_at": described.taken_at.isoformat(),
        **asdict(held),
    }
    events.record(EventKind.RESTORED, actor=None, system="restore", detail=detail)
