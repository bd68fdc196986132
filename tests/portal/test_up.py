"""`manage.py up` for real: it starts everything, answers, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import redis

from tests.house.reading import HERE
from tests.servers.whole_portal import Running, alive, environment, family, free_port, up

ROLES = {"broker": "valkey-server", "web": "granian", "worker": "celery -A portal worker", "scheduler": "portal beat"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for all: the first start makes the demo, and the next ones find it."""
    return tmp_path_factory.mktemp("up") / "data"


def test_one_command_starts_all_and_ctrl_c_leaves_nothing(folder: Path) -> None:
    with up(folder) as portal:
        assert portal.ask("/healthz") == 200
        assert re.search(rf"ready at http://127.0.0.1:{portal.port} \(\d+\.\d seconds\)", portal.greeting)
        assert "engineer" in portal.greeting
        assert "a long demo password" in portal.greeting
        assert str(folder / "mail") in portal.greeting
        started = family(portal.process.pid)
        for role, command in ROLES.items():
            assert any(command in words for words in started.values()), f"There is no {role} among {started}."
        again = subprocess.run(
            [sys.executable, "manage.py", "up"],
            cwd=HERE,
            env=environment(folder, free_port()),
            capture_output=True,
            text=True,
            check=False,
        )
        assert again.returncode == 1
        assert f"already runs on the data folder {folder} (process {portal.process.pid})" in again.stderr

        portal.process.send_signal(signal.SIGINT)
        code, said = portal.stopped()

    assert (code, "Everything is stopped." in said) == (0, True)
    assert alive(started) == []
    assert private(folder)


def test_a_broker_that_dies_is_started_again_and_any_other_stops_the_rest(folder: Path) -> None:
    with up(folder) as portal:
        broker = its(portal, "broker")
        os.kill(broker, signal.SIGKILL)
        until = time.monotonic() + 30
        while (another := its(portal, "broker")) in (0, broker):
            assert portal.process.poll() is None and portal.ask("/healthz") == 200 and time.monotonic() < until
        assert is_served(another)
        started = family(portal.process.pid)
        worker = min(pid for pid, words in started.items() if ROLES["worker"] in words)
        os.kill(worker, signal.SIGKILL)
        code, said = portal.stopped()

    assert code == 1
    assert "The broker was killed by signal 9." in said and "It is started again." in said
    assert "The worker was killed by signal 9." in said
    assert str(folder / "logs" / "worker.log") in said
    assert alive(started) == []


def test_killing_the_start_itself_leaves_nothing_either(folder: Path) -> None:
    with up(folder) as portal:
        started = family(portal.process.pid)
        portal.process.kill()
        portal.process.wait()
        for pid in started:
            wait_for_end(pid)
    assert alive(started) == []


def test_a_port_in_use_is_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        outcome = subprocess.run(
            [sys.executable, "manage.py", "up"],
            cwd=HERE,
            env=environment(tmp_path, port),
            capture_output=True,
            text=True,
            check=False,
        )
    assert outcome.returncode == 1
    assert f"Port {port} cannot be used (Address already in use)." in outcome.stderr
    assert f"PORT={port + 1} make run" in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert not (tmp_path / "portal.sqlite3").exists()


def its(portal: Running, role: str) -> int:
    """The process of this role; 0 while there is none."""
    return min((pid for pid, words in family(portal.process.pid).items() if ROLES[role] in words), default=0)


def is_served(broker: int) -> bool:
    """Whether worker or scheduler have found the new broker, by the socket its command line names."""
    socket_path = re.search(r"/[^\0 ]*broker\.sock", Path(f"/proc/{broker}/cmdline").read_text())
    assert socket_path
    there, until = redis.Redis(unix_socket_path=socket_path[0]), time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(redis.ConnectionError):
            if any("brpop" in client["cmd"].lower() for client in there.client_list()):
                return True
        time.sleep(0.05)
    return False


def private(folder: Path) -> bool:
    """Whether nobody else can read what stands here: the folder itself is closed, and so is every secret in it."""
    secret = [
        folder,
        folder / "secret_key",
        folder / "demo_password",
        folder / "portal.sqlite3",
        *folder.glob("logs/*"),
    ]
    return all(not stat.S_IMODE(path.stat().st_mode) & 0o077 for path in secret)


def wait_for_end(pid: int) -> None:
    """Return when the process is gone; it is not ours to wait for, so the kernel is asked through a descriptor."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ended, _, _ = select.select([descriptor], [], [], 30)
        assert ended, f"Process {pid} still runs."
    finally:
        os.close(descriptor)
