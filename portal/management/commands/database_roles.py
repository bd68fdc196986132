"""`manage.py database_roles`: the rights of the portal's role in PostgreSQL, printed or given."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection, transaction

from portal import database_roles


class Command(BaseCommand):
    """Run as the owner of the database, after each migrate: a new table is nobody's until then."""

    help = "Print the GRANT statements for the role the portal signs in with; --apply gives them at once."
    requires_system_checks = []  # the owner runs it, without the keys of the portal

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", default="approvals", help="The role of the portal; approvals when not given.")
        parser.add_argument("--apply", action="store_true", help="Run them on DATABASE_URL, which names the owner.")

    def handle(self, *args: Any, role: str, apply: bool, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("DATABASE_URL does not name a PostgreSQL. SQLite knows no roles.")
        try:
            statements = database_roles.grants(role, connection)
            if apply:
                self._apply(statements)
        except (ValueError, DatabaseError) as error:
            raise CommandError(f"Nothing was granted: {str(error).strip()}") from None
        self.stdout.write("".join(f"{statement};\n" for statement in statements), ending="")

    @transaction.atomic
    def _apply(self, statements: list[str]) -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
