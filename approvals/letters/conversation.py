"""A conversation with the mail server that has an end: EMAIL_TIMEOUT bounds one answer, not all of them."""

from __future__ import annotations

import smtplib
import socket
import threading
from contextlib import suppress
from typing import Any

from django.core.mail.backends import smtp

LONGEST = 30.0  # seconds from the first knock to the goodbye


class Bounded(smtplib.SMTP):
    """Hangs up after LONGEST seconds, whatever the server is doing; one byte a second is no time-out by itself."""

    def __init__(self, *address: Any, **options: Any) -> None:
        self.hung_up = False
        self._end = threading.Timer(LONGEST, self._hang_up)
        self._end.daemon = True
        self._end.start()
        try:
            super().__init__(*address, **options)
        except BaseException:
            self._end.cancel()
            raise

    def _hang_up(self) -> None:
        """Runs in a thread of its own: whoever waits for the server reads the end of the line."""
        self.hung_up = True
        with suppress(OSError, AttributeError):  # there may be no line yet, or none any more
            self.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]

    def getreply(self) -> tuple[int, bytes]:
        """As smtplib's. Raises TimeoutError once we have hung up."""
        try:
            answer = super().getreply()
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            if self.hung_up:
                raise self._too_slow() from error
            raise
        if self.hung_up:  # half an answer, cut off by us, is none
            raise self._too_slow()
        return answer

    @staticmethod
    def _too_slow() -> TimeoutError:
        return TimeoutError(f"The mail server had not finished after {LONGEST:g} seconds.")

    def close(self) -> None:
        self._end.cancel()
        super().close()


class BoundedTLS(Bounded, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


class Backend(smtp.EmailBackend):
    """Django's own, over conversations that have an end."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return BoundedTLS if self.use_ssl else Bounded
