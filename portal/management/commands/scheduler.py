"""`manage.py scheduler`: pokes the workers, in production."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand

from portal import running


class Command(BaseCommand):
    """Becomes the scheduler. It decides nothing: what is due stands in the database."""

    help = "Poke the workers every few seconds. Runs until it is stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        running.become(running.scheduler())
