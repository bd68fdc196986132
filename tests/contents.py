"""Complete contents to begin from: a system packet of `sentry-dev`, and a run inside one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from approvals import validity
from approvals.content import Content
from approvals.models import Packet
from approvals.scope.grammar import parse
from approvals.vocabulary import Field, Level


def content(**changes: Any) -> Content:
    """A complete system packet of the agent `sentry-dev`. Lines are given as text: tools="Bash(git diff *)"."""
    lines = {
        "data_sources": "crm.customers",
        "tools": "Bash(git diff *)\nBash(git log *)",
        "write_actions": "Edit(docs/**)",
    }
    lines |= {place: changes.pop(place) for place in list(Field) if place in changes}
    columns: dict[str, Any] = {
        "agent": "sentry-dev",
        "owner": "engineer",
        "job": "Triage new errors. Drafts a fix for the ones it understands.",
        "lines": {Field(place): parse(text) for place, text in lines.items() if text},
        "identity": "svc-sentry-dev",
        "run_record_location": "https://runs.example.org/sentry-dev/",
        "retention_days": 90,
        "ends": working_day(60),
        "rollback_owner": "teammate",
        "rollback_path": "Revert the merge requests labelled sentry-dev.",
        "access_revoked": "Disable svc-sentry-dev in the directory.",
        "when_wrong": "A person reviews each merge request, so nothing wrong is merged.",
    }
    return Content(**columns | changes)


def run_content(parent: Packet, **changes: Any) -> Content:
    """A complete run packet inside this system packet."""
    columns: dict[str, Any] = {"level": Level.RUN, "parent": parent.reference, "access_revoked": "", "when_wrong": ""}
    columns |= {
        "task": "Fix SENTRY-12.",
        "look_at": "The change in the parser.",
        "ends": validity.now() + timedelta(hours=8),
    }
    columns |= {"data_sources": "", "tools": "", "write_actions": "", "commands": "Bash(git diff HEAD)"}
    return content(**columns | changes)


def working_day(days: int) -> datetime:
    """Noon UTC, that many days from now."""
    return (validity.now() + timedelta(days=days)).replace(hour=12, minute=0, second=0, microsecond=0)
