"""`make bench`: what each page costs at 100,000 packets, for each role: statements, p50, p95, and how much of a limit.

    python -m tests.bench [--packets 100000] [--rounds 7] [--postgresql]

The limit is the packets page whose keys come straight from the index of one owner, measured in the same run. It fails
when a page asks more than ten times, or a list costs more than the budget of the design allows.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def database(postgresql: bool) -> Iterator[None]:
    """The server the environment will name, for as long as it is needed."""
    if not postgresql:
        yield
        return
    from tests.servers.postgresql import postgresql as server

    with server() as url:
        os.environ["DATABASE_URL"] = url
        yield


def ready() -> None:
    """Django as the tests have it, in a data folder of its own, but without what watches pages at the cost of time."""
    import tests.environment  # noqa: F401, I001 - it has to come before Django reads the settings
    import django
    from django.conf import settings
    from django.test.utils import setup_test_environment

    settings.INSTALLED_APPS.remove("zeal")
    settings.MIDDLEWARE.remove("zeal.middleware.zeal_middleware")
    django.setup()
    setup_test_environment()


def main() -> int:
    """1 when a budget is broken."""
    asks = argparse.ArgumentParser(prog="make bench", description="What each page costs in a large installation.")
    asks.add_argument("--packets", type=int, default=100_000)
    asks.add_argument("--rounds", type=int, default=7)
    asks.add_argument("--postgresql", action="store_true")
    given = asks.parse_args()
    with database(given.postgresql):
        ready()
        from tests.bench import measuring

        return measuring.report(given.packets, given.rounds)


if __name__ == "__main__":
    sys.exit(main())
