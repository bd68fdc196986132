"""Migrations to zero and forward again, on a database that is full, with SQLite and with PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.conftest import PROOFS_FULL

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def empty_postgresql(postgres_url: str) -> str:
    """DATABASE_URL of a database of its own on the real server."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS back_and_forth")
        server.execute("CREATE DATABASE back_and_forth")
    return urlsplit(postgres_url)._replace(path="/back_and_forth").geturl()


def back_and_forth(folder: Path, database: str, steps: str = "there and back") -> None:
    """Run it in a process of its own; what it says is shown when it fails."""
    ours = {"DATA_DIR": str(folder), "DATABASE_URL": database, "DEMO": "1", "SECRET_KEY": "only-for-tests-" * 4}
    command = [sys.executable, "-m", "tests.life.back_and_forth", steps]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | ours, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]


def test_back_and_forth_on_sqlite(tmp_path: Path) -> None:
    back_and_forth(tmp_path, f"sqlite:///{tmp_path / 'portal.sqlite3'}")


@pytest.mark.parametrize("steps", ["there", "there and back"][: 2 if PROOFS_FULL else 1])
def test_back_and_forth_on_postgresql(tmp_path: Path, empty_postgresql: str, steps: str) -> None:
    """Every day to the full database and no further: going back there takes a minute and a half, in `make proofs`."""
    back_and_forth(tmp_path, empty_postgresql, steps)
