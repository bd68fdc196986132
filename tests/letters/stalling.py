"""A mail server that stops answering where it is told to, or answers one byte at a time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import LazySettings

from tests.letters.mailserver import use

STAGES = ("connect", "EHLO", "MAIL", "RCPT", "DATA", "text")
ANSWERS = {"EHLO": "250 hello", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", "QUIT": "221 bye"}


class Stalling:
    """Holds every line that reaches `at`; with `drip` it says there one byte every so many seconds, and never ends."""

    def __init__(self, at: str, drip: float = 0) -> None:
        self.at, self.drip = at, drip
        self.over = threading.Event()
        self.asked = 0
        self.listening = socket.create_server(("127.0.0.1", 0))

    def serve(self) -> None:
        while not self.over.is_set():
            try:
                line, _ = self.listening.accept()
            except OSError:
                return
            self.asked += 1
            threading.Thread(target=self._serve_one, args=(line,), daemon=True).start()

    def _serve_one(self, line: socket.socket) -> None:
        with line, suppress(OSError):
            self._talk(line)

    def _talk(self, line: socket.socket) -> None:
        if not self._say(line, "connect", "220 here"):
            return
        heard = line.makefile("rb")
        for row in heard:
            word = row[:4].decode().strip().upper()
            if not self._say(line, word, ANSWERS.get(word, "250 ok")):
                return
            if word == "DATA":
                next(text for text in heard if text == b".\r\n")
                if not self._say(line, "text", "250 taken"):
                    return

    def _say(self, line: socket.socket, stage: str, words: str) -> bool:
        if stage != self.at:
            line.sendall(f"{words}\r\n".encode())
            return True
        while self.drip and not self.over.is_set():
            line.sendall(b"2")
            time.sleep(self.drip)
        self.over.wait(30)
        return False


@contextmanager
def stalling(settings: LazySettings, at: str, drip: float = 0) -> Iterator[Stalling]:
    """The portal sends its letters to this server meanwhile."""
    server = Stalling(at, drip)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    use(settings, server.listening.getsockname()[1])
    try:
        yield server
    finally:
        server.over.set()
        server.listening.shutdown(socket.SHUT_RDWR)
        server.listening.close()
        thread.join(10)
