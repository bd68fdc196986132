"""`manage.py worker`: sends letters and writes down ends, in production."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandParser

from portal import running


class Command(BaseCommand):
    """Becomes a worker. Any number of them is harmless."""

    help = "Do what the scheduler pokes: letters, reminders, ends. Runs until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=1, help="Tasks at the same time.")

    def handle(self, *args: Any, concurrency: int, **options: Any) -> None:
        running.become(running.worker(concurrency))
