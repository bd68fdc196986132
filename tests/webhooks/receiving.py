"""A receiver on this machine that answers as the test says, and keeps what it was sent."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

from django.conf import LazySettings

HANG, DRIP, BREAK_OFF = "hang", "drip", "break off"
SECRET_PATH = "/services/T0KEN-nobody-may-see/hook"
HERE = ip_network("127.0.0.0/8")


@dataclass
class Heard:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiving:
    """What it answers, one after the other and the last one again and again; and everything it heard."""

    answers: list[int | str]
    redirect_to: str = ""
    port: int = 0
    scheme: str = "http"
    heard: list[Heard] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{SECRET_PATH}?key=T0KEN-in-the-query"

    def next_answer(self) -> int | str:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def handler(script: Receiving) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            script.heard.append(Heard(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            answer = script.next_answer()
            if answer == HANG:
                script.over.wait(20)
            elif answer == DRIP:
                while not script.over.wait(0.05):
                    self.wfile.write(b"H")
            elif answer != BREAK_OFF:
                self._answer(int(answer))

        def do_GET(self) -> None:
            script.heard.append(Heard(self.path, {}, b""))
            self._answer(200)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            if script.redirect_to:
                self.send_header("Location", script.redirect_to)
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(b"T0KEN-said-by-the-receiver" * 100)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


@contextmanager
def receiving(
    settings: LazySettings, *answers: int | str, redirect_to: str = "", tls: ssl.SSLContext | None = None
) -> Iterator[Receiving]:
    """A receiver on a port of its own; the operator has allowed this machine meanwhile."""
    script = Receiving(list(answers or (200,)), redirect_to, scheme="https" if tls else "http")
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(script))
    server.daemon_threads, server.block_on_close = True, False
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    script.port = server.server_port
    before, settings.WEBHOOK_ALLOWED_NETWORKS = settings.WEBHOOK_ALLOWED_NETWORKS, [HERE]
    serving = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    serving.start()
    try:
        yield script
    finally:
        script.over.set()
        server.shutdown()
        server.server_close()
        settings.WEBHOOK_ALLOWED_NETWORKS = before
