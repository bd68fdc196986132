"""Celery tasks of the portal itself: thin doors."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from approvals import validity
from portal.accounts import access_ends, limits, sessions


@shared_task
def end_access() -> int:
    """Announce the ends of access that are near, and write down those the clock has decided; returns how many ended."""
    access_ends.announce(validity.now())
    return access_ends.write_down(validity.now())


@shared_task
def tidy_sign_in() -> None:
    """Delete what nothing asks for any more: attempts counted long ago, and sessions that have ended."""
    limits.forget()
    call_command("clearsessions")
    sessions.forget()
