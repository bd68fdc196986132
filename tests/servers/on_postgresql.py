"""Run pytest on a real PostgreSQL: `python -m tests.servers.on_postgresql [what pytest takes]`."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.servers.postgresql import postgresql


def main() -> int:
    """Pytest's exit code."""
    with postgresql() as url:
        command = [sys.executable, "-m", "pytest", *sys.argv[1:]]
        try:
            return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=False).returncode
        except KeyboardInterrupt:
            return 130


if __name__ == "__main__":
    sys.exit(main())
