"""What is wrong with the record, asked before anything starts: triggers that are gone, and a record from before."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from django.core.checks import ERROR, CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder

from approvals.errors import Refused
from audits.guards import SEALING, gone
from audits.models import Checkpoint
from audits.restored import refuse_if_restored

logger = logging.getLogger(__name__)


@register(Tags.database)
def check_record(app_configs: object, databases: Iterable[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """For `manage.py check --database default`."""
    return problems() if databases else []


def problems() -> list[CheckMessage]:
    """Triggers that are gone keep the portal from starting; an older record keeps it from sealing."""
    found: list[CheckMessage] = []
    if lost := gone():
        found.append(
            Error(
                f"These triggers of the record are gone or were changed: {', '.join(lost)}. Rows of the record may "
                "have been changed meanwhile.",
                hint="Run manage.py verify_record, then manage.py seal --put-triggers-back --reason TEXT.",
                id="audits.E001",
            )
        )
    if SEALING in MigrationRecorder(connection).applied_migrations():
        try:
            refuse_if_restored(Checkpoint.objects.first())
        except Refused as refusal:
            found.append(Warning(refusal.message, hint=refusal.remedy, id="audits.W001"))
    return found


def refuse_to_start() -> None:
    """Raise ImproperlyConfigured for what is an error, and log what is a warning. /healthz tells of a dead database."""
    try:
        found = problems()
    except DatabaseError as error:
        logger.warning("the record could not be looked at", extra={"error": str(error)})
        return
    finally:
        connection.close()
    for one in found:
        logger.error("%s %s", one.msg, one.hint)
    if any(one.level >= ERROR for one in found):
        raise ImproperlyConfigured("\n".join(f"{one.msg} {one.hint}" for one in found))
