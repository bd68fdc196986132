"""A real Chromium: found, or installed, or a sentence that says what to do. Run as a module by `make test`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = Path(__file__).resolve().parents[2] / ".ci" / "packages"

# Nothing but this machine can be reached, so a page that asks a foreign host fails its test.
ARGUMENTS = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost", "--disable-gpu"]


def arguments() -> list[str]:
    """What to start Chromium with; as root it refuses its own sandbox."""
    return [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS


def find() -> str | None:
    """The browser's program: the system's, or the one Playwright installed; None when there is neither."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> bool:
    """Try the distribution's package, then Playwright's own download; whether one of them worked."""
    attempts = ([str(PACKAGES), "chromium"], [sys.executable, "-m", "playwright", "install", "chromium"])
    return any(subprocess.run(attempt, check=False).returncode == 0 and find() for attempt in attempts)


def main() -> int:
    """0 when there is a Chromium to test with."""
    if find() or install():
        return 0
    print(
        "The page tests need Chromium, and it could not be installed. "
        "Install the package chromium as root (.ci/packages chromium), then run make test again.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
