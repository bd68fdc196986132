"""A server on this machine that answers as it is told, and counts who asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answering:
    """What it says next, and the paths it was asked for."""

    status: int = 200
    body: bytes = b"ok\n"
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0  # seconds before it says anything
    asked: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def answering(**says: object) -> Iterator[Answering]:
    """It runs meanwhile; `url` is where."""
    told = Answering(**says)  # type: ignore[arg-type]  # the fields above

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            time.sleep(told.wait)
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # nobody waits for it any more
                self.wfile.write(told.body)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
