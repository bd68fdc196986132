"""The project as a whole: migrations in step with the models, and not one warning in production form."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.environment import OURS
from tests.house.reading import HERE

PRODUCTION = {
    "SECRET_KEY": "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "PUBLIC_URL": "https://approvals.example.org",
    "TRUSTED_PROXIES": "10.0.0.1",
    "EMAIL_URL": "smtp+tls://approvals:word@mail.example.org",
    "MAIL_FROM": "approvals@example.org",
    "REDIS_URL": "redis://redis.example.org:6379/0",
}


def manage(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as production would, with nothing of the tests in its environment."""
    kept = {
        name: value for name, value in os.environ.items() if name not in OURS | {"DEMO", "DJANGO_ALLOW_ASYNC_UNSAFE"}
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=HERE,
        env=kept | PRODUCTION | {"DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_migrations_are_in_step_with_the_models(tmp_path: Path) -> None:
    outcome = manage(tmp_path, "makemigrations", "--check", "--dry-run")
    assert outcome.returncode == 0, (
        f"Run manage.py makemigrations and read what it wrote.\n{outcome.stdout}{outcome.stderr}"
    )


def test_the_deploy_check_has_nothing_to_say(tmp_path: Path) -> None:
    outcome = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING")
    assert outcome.returncode == 0, outcome.stderr
    assert "no issues" in outcome.stdout
