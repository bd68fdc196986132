"""What people type into the packet form, and how the tests send it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from portal.models import User

NEW = "/packets/new/"
TYPED = {
    "agent": "sentry-dev",
    "level": "system",
    "owner": "engineer",
    "backup_owner": "",
    "job": "Triage new issues, find the cause. Open a pull request with a test.",
    "data_sources": "crm.customers  # names only\r\nWebFetch(domain:docs.djangoproject.com)",
    "tools": "Bash: git diff *, git log *\r\nmcp__sentry__search_issues",
    "write_actions": "Edit(docs/**)",
    "human_approval": "Bash(git push *)",
    "human_approval_by": "team",
    "never": "Bash(rm -rf *)",
    "identity": "svc-sentry-dev",
    "run_record_location": "https://logs.example.org/agents/sentry-dev/",
    "retention_days": "200",
    "ends": (datetime.now(UTC) + timedelta(days=20)).strftime("%Y-%m-%d 12:00"),
    "starts": "",
    "rollback_owner": "teammate",
    "rollback_path": "1. Suspend this packet.\r\n2. Revert the last merge.",
    "access_revoked": "Disable svc-sentry-dev in the directory.",
    "when_wrong": "A person reviews each pull request.",
    "each_run_needs_packet": "no",
    "links": "https://wiki.example.org/sentry-dev " + "a" * 64,
}


def typed(**changes: Any) -> dict[str, Any]:
    """A complete form as a browser sends it, with these changes."""
    return TYPED | changes


def browser(person: User) -> Client:
    """A signed-in browser that answers errors as the portal does."""
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client
