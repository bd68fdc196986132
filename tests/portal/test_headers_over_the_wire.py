"""What a stranger writes into headers, byte by byte, against the server the portal is shipped with."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from portal.running import SERVER
from tests.house.reading import HERE
from tests.servers.whole_portal import environment, free_port

ELSEWHERE = "203.0.113.7"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The shipped server with the portal, at an https address and with no proxy to believe."""
    there = free_port()
    settings = {"SECRET_KEY": "k" * 50, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    place = ("--host", "127.0.0.1", "--port", str(there))
    process = subprocess.Popen(
        [sys.executable, "-m", *SERVER, *place, "tests.servers.telling:application"],
        cwd=HERE,
        env=environment(tmp_path_factory.mktemp("wire"), there, PUBLIC_URL="https://approvals.example.org", **settings),
    )
    try:
        wait_for(process, there)
        yield there
    finally:
        process.terminate()
        process.wait(20)


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    """Return once the server answers."""
    until = time.monotonic() + 60
    while True:
        try:
            ask(port, "/healthz")
            return
        except OSError:
            assert process.poll() is None, "the server did not start"
            assert time.monotonic() < until, "the server does not answer"
            process.poll()


def ask(port: int, path: str, *headers: str) -> str:
    """The head of the answer to a request written by hand, in small letters."""
    lines = [f"GET {path} HTTP/1.1", "Host: approvals.example.org", *headers, "Connection: close", "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall("\r\n".join(lines).encode())
        answer = b"".join(iter(lambda: wire.recv(65536), b""))
    return answer.partition(b"\r\n\r\n")[0].decode().lower()


def header(head: str, name: str) -> str:
    found = re.search(rf"^{name}: (.*?)\r?$", head, re.MULTILINE)
    return found[1] if found else ""


@pytest.mark.parametrize("between", ["_", "-"])
def test_ws_15_headers_with_underscores_have_no_effect_over_the_wire(port: int, between: str) -> None:
    """Nor with hyphens: who comes by no proxy of ours is believed in nothing."""
    claims = {
        f"X{between}Forwarded{between}User": "admin", f"Remote{between}User": "admin",
        f"X{between}Forwarded{between}For": ELSEWHERE, f"X{between}Forwarded{between}Proto": "https",
        f"X{between}Forwarded{between}Host": "evil.example",
    }  # fmt: skip
    head = ask(port, "/account/", *(f"{name}: {value}" for name, value in claims.items()))
    assert head.startswith("http/1.1 301"), "not taken for an encrypted request"
    assert header(head, "location") == "https://approvals.example.org/account/"
    assert (header(head, "x-taken-for"), header(head, "x-user")) == ("127.0.0.1", "nobody")


def test_that_underscores_arrive_can_be_found_out(port: int) -> None:
    """Why a proxy has to drop them, and the set-up page asks whether it does: behind one, nobody here could tell."""
    assert header(ask(port, "/healthz", "X_Underscore_Probe: 1"), "x-underscore-probe") == "arrived"
    assert header(ask(port, "/healthz"), "x-underscore-probe") == ""
