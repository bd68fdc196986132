"""`manage.py why AGENT ACTION [--at TIME] [--json]`: the answer of the record, for whoever holds the machine."""

from __future__ import annotations

import json
import sys
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from approvals import telling, validity
from audits.answer import Answer, Says, answer_typed
from audits.answer_data import as_data
from audits.moments import MomentError, read_moment

EXITS = {Says.WOULD_HAVE_ALLOWED: 0, Says.HELD: 3}
BAD_USE = 2


class Command(BaseCommand):
    """Exit code 0: yes; 3: held for a person; 1: no, or it cannot be said; 2: the question cannot be read."""

    help = "Why was this agent allowed to do that? Exit 0 = yes, 3 = held for a person, 1 = no, 2 = bad use."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("agent", help="the agent's name, such as sentry-dev")
        parser.add_argument("action", help="what it did: a command, a file, a tool, or target(method)")
        parser.add_argument("--at", default="", help="when, in UTC unless it says otherwise; now when left out")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            moment = read_moment(options["at"], ZoneInfo("UTC"), validity.now())
            found = answer_typed(options["agent"], options["action"], moment, None)
        except (MomentError, ValueError) as error:
            raise CommandError(str(error), returncode=BAD_USE) from error
        text = json.dumps(as_data(found), indent=2, ensure_ascii=False) if options["json"] else "\n".join(told(found))
        self.stdout.write(text)
        sys.exit(EXITS.get(found.verdict, 1))


def told(found: Answer) -> list[str]:
    """The answer in lines for a terminal. Text people wrote shows what could not be seen."""
    at = f"{found.at:%a %-d %b %Y %H:%M:%S} UTC"
    rows = [found.sentence, f"Read as: {'within the minute from ' if found.is_whole_minute else ''}{at}"]
    version = found.version
    if version is not None:
        rows += [
            f"Packet: {version}, in force since {_when(version.in_force_from)}, digest {version.digest}",
            f"Job: {version.heading}",
            f"Owner: {version.owner and version.owner.printed_name}",
            f"Identity: {version.identity}",
            f"Run record: {version.run_record_location}, kept {version.retention_days} days",
            f"Ends: {_when(found.ends)}",
            f"Rollback: {version.rollback_owner and version.rollback_owner.printed_name}: {version.rollback_path}",
        ]
    rows += [
        f"Signed by {one.person_name} ({one.person.username}) for {one.role}, under “{one.rule}”, {_when(one.at)}, "
        f"{one.signed_with}, digest {one.digest}"
        for one in found.decisions
    ]
    rows += [
        f"Also: {basis.version}, {basis.placed.field.label}: {basis.placed.line}, ends {_when(basis.ends)}"
        for basis in found.also
    ]
    rows += [f"Near miss: {miss.placed.line}: {miss.sentence}" for miss in found.near_misses]
    return [telling.visible(row) for row in rows]


def _when(instant: Any) -> str:
    return telling.moment_text(instant) if instant else "not set"
