"""Celery tasks of the portal itself: thin doors."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from approvals import pulses, validity
from approvals.pulses import beating
from portal.accounts import access_ends, limits, sessions
from portal.health import looking


@shared_task
@beating
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


@shared_task
def look_around() -> None:
    """A worker's sign of life, and how the servers it needs answer. Looked at here, so that no page waits for them."""
    pulses.beat("worker")
    looking.look_at_broker()
    looking.look_at_mail()
