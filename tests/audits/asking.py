"""Asking the record in tests, and the words of what nearly counted."""

from __future__ import annotations

from datetime import datetime

from approvals import validity
from audits.answer import Answer, answer
from portal.models import User

DIFF = "git diff HEAD"


def ask(typed: str = DIFF, at: datetime | None = None, viewer: User | None = None, **kwargs: bool) -> Answer:
    """The answer for sentry-dev; without a viewer, as the system."""
    return answer("sentry-dev", typed, at or validity.now(), viewer, **kwargs)


def misses(found: Answer) -> str:
    """Every near miss in one text."""
    return " ".join(miss.sentence for miss in found.near_misses)
