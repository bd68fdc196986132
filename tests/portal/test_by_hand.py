"""The commands of docs/operate.md as somebody types them: a process of their own, on a data folder of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import OURS
from tests.house.reading import HERE

KEY = "0123456789-abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder nobody has used yet."""
    return tmp_path_factory.mktemp("by-hand") / "data"


def by_hand(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command with nothing of the tests in its environment."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS | {"DEMO"}}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=HERE,
        env=kept | {"DATA_DIR": str(folder), "SECRET_KEY": KEY} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_database_without_tables_is_a_sentence(tmp_path: Path) -> None:
    for words in (["why", "docs-writer", "git diff"], ["seed_demo"], ["stop", "docs-writer", "--reason", "Stop."]):
        outcome = by_hand(tmp_path, *words)
        assert outcome.returncode == 1
        assert "The database cannot be used" in outcome.stderr and "manage.py migrate" in outcome.stderr
        assert "Traceback" not in outcome.stderr


def test_the_demo_is_refused_where_others_can_reach_the_portal(tmp_path: Path) -> None:
    outcome = by_hand(tmp_path, "seed_demo", PUBLIC_URL="https://approvals.example.org", TRUSTED_PROXIES="127.0.0.1")
    assert outcome.returncode == 1 and "for this machine only" in outcome.stderr


def test_a_fresh_folder_is_filled_asked_stopped_and_swept(folder: Path) -> None:
    assert by_hand(folder, "migrate", "--verbosity", "0").returncode == 0
    made = by_hand(folder, "seed_demo")
    assert made.returncode == 0 and made.stderr == ""
    found = re.search(r"Sign in as engineer, .*\nPassword of all of them: (\S{12,})\n", made.stdout)
    assert found is not None and (folder / "demo_password").read_text().strip() == found[1]
    again = by_hand(folder, "seed_demo")
    assert again.returncode == 1 and "already" in again.stderr

    yes = by_hand(folder, "why", "docs-writer", "git diff HEAD", "--json")
    assert (yes.returncode, json.loads(yes.stdout)["verdict"]) == (0, "would_have_allowed")
    stopped = by_hand(folder, "stop", "docs-writer", "--reason", "It writes where it should not.")
    assert stopped.returncode == 0 and stopped.stdout.startswith("Suspended: AP-") and stopped.stderr == ""
    no = by_hand(folder, "why", "docs-writer", "git diff HEAD", "--json")
    assert (no.returncode, json.loads(no.stdout)["verdict"]) == (1, "not_allowed")
    swept = by_hand(folder, "sweep")
    assert swept.returncode == 0 and re.search(r"Letters: .*\d+ sent", swept.stdout)
