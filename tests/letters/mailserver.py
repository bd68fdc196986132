"""A mail server that does as it is told, in this process: refuses, defers, hangs, or drops the line."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import LazySettings

TAKE, DROP, HANG = "250 Accepted", "drop", "hang"


class Script:
    """Says to each letter what the script says next (the last word again and again), and keeps what it took."""

    def __init__(self, *answers: str, at_recipient: str = "") -> None:
        self.answers, self.at_recipient = list(answers) or [TAKE], at_recipient
        self.heard: list[EmailMessage] = []  # every letter whose text arrived, taken or not
        self.asked = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.asked += 1
        if self.at_recipient:
            return self.at_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.heard.append(message_from_bytes(bytes(envelope.content or b""), policy=policy.default))  # type: ignore[arg-type]
        if answer == DROP:
            server.transport.abort()  # type: ignore[union-attr]  # there is one while a letter arrives
        if answer == HANG:
            await asyncio.sleep(30)
        return answer


@contextmanager
def serving(script: Script, settings: LazySettings) -> Iterator[Script]:
    """The portal sends its letters to this script meanwhile."""
    controller: Any = Controller(script, hostname="127.0.0.1", port=0)
    controller.port = _free_port()
    controller.start()
    use(settings, controller.port)
    try:
        yield script
    finally:
        controller.stop(no_assert=True)


def refusing(settings: LazySettings) -> None:
    """Nobody listens where the portal sends its letters."""
    use(settings, _free_port())


def use(settings: LazySettings, port: int) -> None:
    """The portal sends its letters to this port from now on."""
    settings.EMAIL_BACKEND = "approvals.letters.conversation.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 2


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
