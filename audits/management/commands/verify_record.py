"""`manage.py verify_record [--since FILE]`: every event, leaf and checkpoint again. Exit 0, 1 wrong, 2 bad use."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from audits import verifying
from audits.guards import gone
from audits.note import Unreadable
from audits.verifying import Report, Wrong

BAD_USE = 2


class Command(BaseCommand):
    """Says what agrees with what, never more than that."""

    help = "Verify the record. Exit 0 = it agrees, 1 = it does not (the first bad index is named), 2 = bad use."
    requires_system_checks = []  # it says itself what they would

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since", metavar="FILE", default="",
            help="A checkpoint somebody kept, or an e-mail with one at its foot: only what came after is read.",
        )  # fmt: skip

    def handle(self, *args: Any, since: str, **options: Any) -> None:
        begun = time.monotonic()
        try:
            point = verifying.claimed(Path(since).read_text(encoding="utf-8", errors="replace")) if since else None
        except (OSError, Unreadable) as error:
            raise CommandError(f"{since} holds no checkpoint: {error}", returncode=BAD_USE) from None
        try:
            found = verifying.verify(point, self._progress)
        except Wrong as wrong:
            raise CommandError(f"The record is NOT what was sealed. {wrong}") from None
        self.stdout.write("\n".join(told(found, time.monotonic() - begun)))
        if lost := gone():
            raise CommandError(
                f"These triggers are gone or were changed: {', '.join(lost)}. What is sealed agrees all the same."
            )

    def _progress(self, done: int, size: int) -> None:
        if self.stderr.isatty():
            bar = "#" * (done * 40 // size)
            self.stderr.write(f"\r[{bar:<40}] {done:,} of {size:,}", ending="" if done < size else "\n")


def told(found: Report, seconds: float) -> list[str]:
    """The report in lines."""
    if not found.size:
        return ["Nothing is sealed yet."]
    origin, _, root, *rest = found.last.split("\n")
    rows = [
        f"{found.size - found.begun:,} events and {found.checkpoints:,} checkpoints agree with each other "
        f"({seconds:.1f} seconds).",
        f"Checkpoint: {origin} {found.size} {root}, {rest[0]}",
        *(f"The record agrees with {what}." for what in found.agrees_with),
    ]
    rows += [f"{found.unsealed:,} events wait to be sealed; nothing is said of them."] if found.unsealed else []
    return [*rows, "It is tamper-evident to anyone who holds an earlier checkpoint: compare with one that you hold."]
