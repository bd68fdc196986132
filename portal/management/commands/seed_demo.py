"""`manage.py seed_demo`: the demo accounts and a packet in every state, into an empty database only."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import transaction

from approvals import pulses, tasks
from portal import demo
from portal.checks import LOOPBACK
from portal.datafolder import remembered
from portal.models import User


class Command(BaseCommand):
    """Makes the demo."""

    help = "Put the demo accounts and packets into an empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--password",
            default=settings.DEMO_PASSWORD,
            help="The one password of all demo accounts; without one it is made up.",
        )

    def handle(self, *args: Any, password: str, verbosity: int, **options: Any) -> None:
        """All or nothing. Refused where people are, or where others can reach the portal."""
        if urlsplit(settings.PUBLIC_URL).hostname not in LOOPBACK:
            raise CommandError(
                f"The demo is for this machine only, and the portal answers at {settings.PUBLIC_URL}. "
                "Unset PUBLIC_URL, and name an empty database."
            )
        if User._default_manager.exists():
            raise CommandError("There are accounts in this database already, so the demo stays out of it.")
        kept = settings.DATA_DIR / "demo_password"
        kept.unlink(missing_ok=True)
        password = remembered(kept, password or secrets.token_urlsafe(12))
        with transaction.atomic():
            people = demo.make_people(password)
            with demo.days_ago(120):
                demo.fill_register(people)
            demo.tell(people, after=write_letters)
            pulses.forget()  # the demo's days are past: they are no sign of life of today's worker
        if verbosity:
            self.stdout.write(f"The demo is made. Sign in as {', '.join(people)}.\nPassword of all of them: {password}")


def write_letters() -> None:
    """What the worker of that day would have done: ends written down, owners reminded, letters sent."""
    tasks.expire_due()
    tasks.flag_expiring()
    tasks.send_letters(everything=True)
