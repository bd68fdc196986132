"""The whole portal as `make run` starts it, in processes of its own."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.environment import OURS
from tests.house.reading import HERE


def environment(folder: Path, port: int, **more: str) -> dict[str, str]:
    """What a person's shell would hold."""
    kept = {
        name: value for name, value in os.environ.items() if name not in OURS | {"DEMO", "DJANGO_ALLOW_ASYNC_UNSAFE"}
    }
    return kept | {"DATA_DIR": str(folder), "PORT": str(port), "DEMO_PASSWORD": "a long demo password", **more}


def free_port() -> int:
    """A port nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(pid: int) -> dict[int, str]:
    """Everything that was started by this process, directly or not: its id and its command line."""
    rows = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            rows.append((int(folder.name), parent, (folder / "cmdline").read_text().replace("\0", " ")))
    found: dict[int, str] = {}
    while more := {one: words for one, parent, words in rows if parent in {pid, *found} and one not in found}:
        found |= more
    return found


def alive(pids: dict[int, str]) -> list[int]:
    """Those that still run; one that has ended and only waits for its parent's notice does not."""
    found = []
    for pid in pids:
        with suppress(OSError):
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            found += [pid] if state != "Z" else []
    return found


@dataclass
class Running:
    """A portal that was started and has said that it is ready."""

    process: subprocess.Popen[str]
    port: int
    folder: Path
    greeting: str

    def ask(self, path: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return int(answer.status)

    def stopped(self) -> tuple[int, str]:
        """Wait until it has stopped; its exit code and what it said."""
        output, complaint = self.process.communicate(timeout=60)
        return self.process.returncode, output + complaint


def ignore_ctrl_c() -> None:
    """Runs in the new process: what a script starts with & begins like this, and must stop when asked all the same."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def up(folder: Path, **more: str) -> Iterator[Running]:
    """Start the portal and wait for its greeting."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=HERE,
        env=environment(folder, port, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=ignore_ctrl_c,
    )
    assert process.stdout
    assert process.stderr
    greeting = ""
    try:
        for line in process.stdout:
            greeting += line
            if "Ctrl-C" in line:
                break
        else:
            pytest.fail(f"The portal did not start: {greeting}{process.stderr.read()}")
        yield Running(process, port, folder, greeting)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def filled(folder: Path) -> Path:
    """A data folder as a first start leaves it, the demo in it; that start happens once in a whole test run."""
    model = Path(os.environ["DATA_DIR"]) / "filled"
    with model.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not model.exists():
            with up(model):
                pass
    shutil.copytree(model, folder, ignore=shutil.ignore_patterns("logs", "up.lock"))
    return folder
