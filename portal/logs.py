"""How a log line looks: one line each, whatever a visitor sent, and without any secret."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

# C0 and C1 control characters, line separators and bidirectional controls could forge a second line or hide a part.
CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "request", "server_time"}


class OneLine(logging.Formatter):
    """Time, level, logger, message and what `extra` added, with control characters written as escapes."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", "%Y-%m-%dT%H:%M:%S%z", style="{")
        self._secrets = sorted({secret for secret in secrets if len(secret) >= 4}, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of text."""
        added = {name: value for name, value in vars(record).items() if name not in STANDARD}
        line = super().format(record) + "".join(f" {name}={value}" for name, value in added.items())
        for secret in self._secrets:
            line = line.replace(secret, "[secret]")
        return CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), line)
