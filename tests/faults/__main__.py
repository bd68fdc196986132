"""`make faults`: Celery's own workers under kill -9, Redis flushed, PostgreSQL restarted, a mail server that fails.

    python -m tests.faults [--reminders 300] [--kills 6] [--faults 20]

Prints what was due, what went wrong, and what came of it (FG-5). Fails when a reminder is missed, comes twice more
often than a process was killed, comes again under another Message-ID, or leaves later than one sweep after recovery.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.servers.postgresql import postgresql


def ready(url: str) -> None:
    """Django as the tests have it, on this server, with its tables made."""
    os.environ["DATABASE_URL"] = url
    import tests.environment  # noqa: F401, I001 - it has to come before Django reads the settings
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def main() -> int:
    """1 when the promise was not kept."""
    asks = argparse.ArgumentParser(prog="make faults", description="Reminders under faults of every kind.")
    asks.add_argument("--reminders", type=int, default=300)
    asks.add_argument("--kills", type=int, default=6, help="how often the workers are killed, all at once")
    asks.add_argument("--faults", type=int, default=20, help="of a hundred letters, how many the mail server fails")
    given = asks.parse_args()
    with postgresql() as url, tempfile.TemporaryDirectory(prefix="redis-", dir="/tmp") as place:
        ready(url)
        from tests.faults.celery_crew import under_faults

        figures = under_faults(url, Path(place), given.reminders, given.kills, given.faults / 100)
    print("\n".join(figures.lines()))
    return 0 if figures.hold() else 1


if __name__ == "__main__":
    sys.exit(main())
