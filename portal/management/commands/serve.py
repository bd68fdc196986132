"""`manage.py serve`: the pages, in production."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser

from portal import running


class Command(BaseCommand):
    """Becomes the web server, once every check has nothing against it."""

    help = "Serve the pages to a proxy that ends TLS. Runs until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="Where the proxy reaches it; only the proxy should.")
        parser.add_argument("--port", type=int, default=settings.PORT, help="The port; PORT when not given.")
        parser.add_argument("--workers", type=int, default=2, help="Processes that answer at the same time.")

    def handle(self, *args: Any, host: str, port: int, workers: int, **options: Any) -> None:
        running.become(running.web(host, port, workers))
