"""`manage.py seed_demo`: the demo accounts and a packet in every state, into an empty database only."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import transaction

from approvals import tasks
from portal import demo
from portal.models import User


class Command(BaseCommand):
    """Makes the demo."""

    help = "Put the demo accounts and packets into an empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--password", default=settings.DEMO_PASSWORD, help="The one password of all demo accounts.")

    def handle(self, *args: Any, password: str, **options: Any) -> None:
        """All or nothing. Refused where people are, or where the demo is not allowed."""
        if not settings.DEMO:
            raise CommandError("The demo is for this machine only. Use `make run`, or set DEMO=1 on an empty database.")
        if User._default_manager.exists():
            raise CommandError("There are accounts in this database already, so the demo stays out of it.")
        if not password:
            raise CommandError("The demo accounts need a password. Set DEMO_PASSWORD, or give --password.")
        with transaction.atomic():
            demo.tell(demo.make_people(password), after=write_letters)
        logging.getLogger(__name__).info("demo made")


def write_letters() -> None:
    """What the worker of that day would have done: ends written down, owners reminded, letters sent."""
    tasks.expire_due()
    tasks.flag_expiring()
    tasks.send_letters(everything=True)
