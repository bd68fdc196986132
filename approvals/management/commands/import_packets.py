"""Packets from YAML and JSON files become drafts. Nothing is submitted, and each file stands for itself."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError

from approvals import transitions
from approvals.documents import MAX_BYTES, DocumentError, from_json, from_yaml
from approvals.errors import Refused
from approvals.people import Person


class Command(BaseCommand):
    """`manage.py import_packets --as USER FILE…`; exit 1 when any file could not be imported."""

    help = "Make a draft of each packet document (YAML or JSON). Never submits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="person", required=True, metavar="USER", help="sign-in name of the author")
        parser.add_argument("--team", help="the team of agents nobody knows yet; needed when USER has several teams")
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)

    def handle(self, *, person: str, team: str | None, files: list[Path], **options: Any) -> None:
        author = get_user_model()._default_manager.filter(username=person, is_active=True).first()
        if author is None:
            raise CommandError(f"Nobody active here has the sign-in name “{person}”.")
        group = _team(author, team)
        failed = sum(not self._import(file, author, group) for file in files)
        if failed:
            raise CommandError(f"{failed} of {len(files)} could not be imported; the others are drafts.")

    def _import(self, file: Path, author: Person, team: Group | None) -> bool:
        try:
            version = transitions.draft(read(file), actor=author, team=team)
        except (OSError, DocumentError, Refused) as error:
            self.stderr.write(f"{file}: {error.strerror if isinstance(error, OSError) else error}")
            return False
        self.stdout.write(f"{file}: {version}")
        return True


def _team(author: Person, name: str | None) -> Group | None:
    if name is None:
        return None
    found = next((team for team in author.teams() if team.name == name), None)
    if found is None:
        raise CommandError(f"{author.printed_name} is in no team called “{name}”.")
    return found


def read(file: Path) -> Any:
    """The content of one document. Raises DocumentError, or OSError when the file cannot be read."""
    with file.open("rb") as opened:
        raw = opened.read(MAX_BYTES + 1)
    return from_json(raw) if raw.lstrip()[:1] == b"{" else from_yaml(raw)
