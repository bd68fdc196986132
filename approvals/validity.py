"""The one clock. Pages, verbs and tasks ask it; SQL never asks its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings


def now() -> datetime:
    """This instant in UTC, moved by CLOCK_SHIFT seconds (demo and tests only; a system check refuses it elsewhere)."""
    return datetime.now(UTC) + timedelta(seconds=settings.CLOCK_SHIFT)
