"""`manage.py stop AGENT --reason TEXT`: suspend every packet of an agent, when no browser is at hand."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import BaseCommand, CommandError, CommandParser

from approvals import events, transitions
from approvals.errors import Refused
from approvals.models import Agent
from approvals.people import Person
from approvals.vocabulary import EventKind, Role

OPERATOR = "command-line"


class Command(BaseCommand):
    """A door to the same verb as the button; whoever may run it may stop any agent, and can start none."""

    help = "Suspend every packet of an agent at once. Security can resume each of them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("agent", help="The agent's name.")
        parser.add_argument("--reason", required=True, help="One sentence. It is kept in the record.")
        parser.add_argument("--as", dest="person", help="Sign-in name of who stops it. Without it: the command line.")

    def handle(self, *args: Any, agent: str, reason: str, person: str | None, **options: Any) -> None:
        found = Agent.objects.filter(slug=agent).first()
        if found is None:
            raise CommandError(f"There is no agent called “{agent}”.")
        try:
            stopped = transitions.suspend_agent(found, actor=_person(person) if person else _operator(), reason=reason)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Suspended: {', '.join(str(packet) for packet in stopped)}. Security can resume them.")


def _person(username: str) -> Person:
    found = get_user_model()._default_manager.filter(username=username, is_active=True).first()
    if found is None:
        raise CommandError(f"Nobody active here is called “{username}”.")
    return found


def _operator() -> Person:
    """The account that stands in the record for the command line: it cannot sign in, and it can only stop."""
    operator, made = get_user_model()._default_manager.get_or_create(
        username=OPERATOR, defaults={"first_name": "Command", "last_name": "line", "password": "!"}
    )
    if made:
        operator.groups.add(Group.objects.get(name=Role.RESPONDERS))
        detail = {"person": OPERATOR, "added": [Role.RESPONDERS.value], "removed": []}
        events.record(EventKind.MEMBERSHIP_CHANGED, actor=None, detail=detail, system="command line")
    return operator
