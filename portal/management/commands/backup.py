"""`manage.py backup TO`: the whole record in one file, while the portal goes on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from approvals.telling import moment_text
from portal.backups import keys as key_files
from portal.backups.manifest import NotDone
from portal.backups.taking import take


class Command(BaseCommand):
    """A door to taking a backup; the keys go to another place, and only when asked for."""

    help = "Write a backup of the database, without any key, to a file or into a folder. The portal may run meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("to", type=Path, help="A file that is not there yet, or a folder.")
        parser.add_argument("--keys", type=Path, help="Also write the keys to this file. Keep it in another place.")

    def handle(self, *args: Any, to: Path, keys: Path | None, **options: Any) -> None:
        """Say what is in the backup, and what is not."""
        since = time.monotonic()
        try:
            told = self._keys(keys)
            taken = take(to)
        except NotDone as error:
            raise CommandError(str(error)) from None
        held = taken.manifest.holdings
        self.stdout.write(
            f"Written: {taken.path} ({taken.size:,} bytes, {time.monotonic() - since:.1f} seconds)\n"
            f"SHA-256: {taken.sha256}\n"
            f"It holds {held.packets} packets and {held.events} events up to event {held.last_event}, "
            f"as of {moment_text(taken.manifest.taken_at)}.\n{told}"
        )

    def _keys(self, to: Path | None) -> str:
        if to is None:
            return "The keys are not in it. Write them once, and keep them apart: manage.py backup TO --keys FILE"
        return f"Keys ({', '.join(key_files.write(to))}) are in {to}. {key_files.WHY}"
