"""`manage.py restore FILE`: a backup back into an empty place."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from approvals.telling import moment_text
from portal.backups import keys as key_files
from portal.backups import restoring
from portal.backups.manifest import NotDone


class Command(BaseCommand):
    """A door to restoring. On PostgreSQL it makes tables, so it runs as the database's owner."""

    help = "Restore a backup into an empty DATA_DIR or database. Nothing is written unless the whole file is right."
    requires_system_checks = []  # the keys may be among what is brought back

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="What manage.py backup wrote.")
        parser.add_argument("--sha256", default="", help="The sum that was printed then; another file is refused.")
        parser.add_argument("--keys", type=Path, help="Bring back the keys from this file, too.")

    def handle(self, *args: Any, file: Path, sha256: str, keys: Path | None, **options: Any) -> None:
        """Say what is there again, what was checked, and how long it took."""
        since = time.monotonic()
        try:
            brought = key_files.missing_here(keys) if keys else {}
            restored = restoring.restore(file, sha256)
            key_files.bring_back(brought)
        except (NotDone, restoring.Doubtful) as error:
            raise CommandError(str(error)) from None
        held = restored.manifest.holdings
        self.stdout.write(
            f"Restored as of {moment_text(restored.manifest.taken_at)} in {time.monotonic() - since:.1f} seconds: "
            f"{held.packets} packets, {held.events} events up to event {held.last_event}, "
            f"{restored.digests} digests checked, the record append-only."
        )
        if brought:
            self.stdout.write(f"Keys brought back: {', '.join(sorted(brought))}.")
        self.stdout.write("Everybody has to sign in again.")
