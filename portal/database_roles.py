"""What the portal's role may do in PostgreSQL: work with every table, and add to the record without changing it.

The owner of the database makes and changes tables; the portal signs in as another role, which owns nothing. So not
even a hole in the portal changes an event, takes a trigger off, or rewrites who changed which field.
"""

from __future__ import annotations

import re

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper

from audits.guards import GUARDED
from portal.backups.contents import MIGRATIONS

ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def only_added_to() -> list[str]:
    """The tables in which rows are added and read, and never changed: the record, its seal, every field's history."""
    histories = (model for model in apps.get_models() if hasattr(model, "instance_type"))
    return sorted({*(one.table for one in GUARDED), *(model._meta.db_table for model in histories)})


def grants(role: str, connection: BaseDatabaseWrapper) -> list[str]:
    """The statements that leave this role exactly these rights; to be run by the owner after each migrate.

    Raises ValueError when the role's name is none.
    """
    if not ROLE.fullmatch(role):
        raise ValueError("The name of a role is small letters, digits and _.")
    quote = connection.ops.quote_name
    growing = ", ".join(map(quote, only_added_to()))
    return [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {quote(role)}",
        f"REVOKE ALL ON SCHEMA public FROM {quote(role)}",
        f"GRANT USAGE ON SCHEMA public TO {quote(role)}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quote(role)}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {quote(role)}",
        f"REVOKE UPDATE, DELETE ON {growing} FROM {quote(role)}",
        f"REVOKE INSERT, UPDATE, DELETE ON {quote(MIGRATIONS)} FROM {quote(role)}",
    ]
