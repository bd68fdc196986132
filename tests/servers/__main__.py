"""Before the tests: whatever program they need and this machine lacks is installed, or a sentence says what to do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.servers import chromium, redis

PACKAGES = str(Path(__file__).resolve().parents[2] / ".ci" / "packages")
PLAYWRIGHT = [sys.executable, "-m", "playwright", "install", "chromium"]

# What is needed, how to find it, and the ways to get it: the distribution's package first.
NEEDS: list[tuple[str, Callable[[], str | None], list[list[str]]]] = [
    ("chromium", chromium.find, [[PACKAGES, "chromium"], PLAYWRIGHT]),
    ("redis-server", redis.find, [[PACKAGES, "redis-server"]]),
]


def main() -> int:
    """0 when everything is there."""
    missing = [name for name, find, ways in NEEDS if not find() and not install(find, ways)]
    for name in missing:
        print(
            f"The tests need {name}, and it could not be installed. "
            f"Install the package {name} as root (.ci/packages {name}), then run make test again.",
            file=sys.stderr,
        )
    return 1 if missing else 0


def install(find: Callable[[], str | None], ways: list[list[str]]) -> bool:
    """Try one way after the other; whether one of them worked."""
    return any(subprocess.run(way, check=False).returncode == 0 and find() for way in ways)


if __name__ == "__main__":
    sys.exit(main())
