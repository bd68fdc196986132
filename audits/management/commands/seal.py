"""`manage.py seal`: by hand what the scheduler pokes, and the few things that change about the seal itself."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from approvals.errors import Refused
from audits import seal_changes, sealing
from audits.people import named


class Command(BaseCommand):
    """Without an option: put every event that has no leaf under a signed checkpoint, over the whole record."""

    help = "Put every event under a signed checkpoint. Harmless to repeat."
    requires_system_checks = []  # it is what one runs when they find something

    def add_arguments(self, parser: CommandParser) -> None:
        change = parser.add_mutually_exclusive_group()
        change.add_argument("--new-key", action="store_true", help="Seal with another key from now on.")
        change.add_argument(
            "--acknowledge-restore", action="store_true", help="An older record was restored on purpose: go on from it."
        )
        change.add_argument("--put-triggers-back", action="store_true", help="Put back triggers that are gone.")
        parser.add_argument("--reason", default="", help="One sentence for the record; each of the three needs it.")
        parser.add_argument("--as", dest="person", default="", help="Sign-in name of who does it.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(done(options))
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal


def done(options: dict[str, Any]) -> str:
    """Do what was asked for; what was done, as a sentence. Raises Refused."""
    actor, reason = named(options["person"]), options["reason"]
    if options["new_key"]:
        return f"From now on checkpoints are signed with {seal_changes.change_key(reason, actor)}"
    if options["acknowledge_restore"]:
        return f"Acknowledged. The record goes on as {seal_changes.acknowledge_restore(reason, actor)}"
    if options["put_triggers_back"]:
        return f"Put back: {', '.join(seal_changes.put_triggers_back(reason, actor)) or 'none was missing'}."
    count = sealing.seal(everything=True)
    return f"Sealed {count} events. {sealing.footer() or 'There is no event yet.'}"
