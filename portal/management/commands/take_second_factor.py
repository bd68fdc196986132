"""`manage.py take_second_factor USER --reason TEXT`: for somebody who has lost device and recovery codes."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import transaction

from approvals.vocabulary import EventKind
from portal.accounts import recorded
from portal.models import User


class Command(BaseCommand):
    """Each factor that goes is an event and an e-mail to its person, who can then set up a new one."""

    help = "Take app, passkeys and recovery codes away from somebody who has lost them. The password stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="The sign-in name.")
        parser.add_argument("--reason", required=True, help="One sentence: how you know that it is them. It is kept.")

    @transaction.atomic
    def handle(self, *args: Any, username: str, reason: str, **options: Any) -> None:
        person = User.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"Nobody here is called “{username}”.")
        if not reason.strip():
            raise CommandError("Say in one sentence how you know that it is them.")
        factors = list(Authenticator.objects.filter(user=person).order_by("pk"))
        if not factors:
            raise CommandError(f"{username} has no second factor.")
        for one in factors:
            recorded.factor(EventKind.FACTOR_REMOVED, person, one, taken=reason.strip())
            one.delete()
        self.stdout.write(f"Taken from {username}: {', '.join(recorded.FACTORS[one.type] for one in factors)}.")
