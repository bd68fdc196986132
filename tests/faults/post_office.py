"""A mail server that keeps what it took, fails a share of the time, and can be told what to do at the worst moment."""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from random import Random
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.whole_portal import free_port

logging.getLogger("mail.log").setLevel(logging.WARNING)  # it tells of every line of every letter
REFUSALS, DROP = ("421 Going away", "450 Busy", "451 Oh", "452 Full"), "line dropped"


class PostOffice:
    """Who got which Message-ID, how often and when. `fails` is the share of letters that meet a fault."""

    def __init__(self, fails: float = 0) -> None:
        self.fails, self.random, self.port = fails, Random(5), free_port()
        self.taken: dict[str, list[tuple[str, float]]] = defaultdict(list)  # by recipient: Message-ID and when
        self.repeats: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.dropped: set[str] = set()
        self.before_reply: Callable[[], None] = lambda: None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.random.random() < self.fails:
            fault = self._fault(envelope.rcpt_tos[0])
            self.faults[fault] += 1
            if fault == DROP:
                server.transport.abort()  # type: ignore[union-attr]  # there is one while a letter arrives
            return fault
        mail = message_from_bytes(bytes(envelope.content or b""))  # type: ignore[arg-type]
        to = envelope.rcpt_tos[0]
        self.taken[to].append((str(mail["Message-ID"]), time.monotonic()))
        self.repeats[to] += mail["X-Possible-Repeat"] == "yes"
        self.before_reply()
        return "250 Accepted"

    def _fault(self, to: str) -> str:
        """Each letter is dropped once at most: dropped twice, its outcome is unknown for good (RM-9 shows that)."""
        fault = self.random.choice([*REFUSALS, DROP])
        if fault == DROP and to in self.dropped:
            return REFUSALS[0]
        self.dropped |= {to} if fault == DROP else set()
        return fault

    def has_taken(self, letters: int) -> bool:
        return self.accepted >= letters

    @property
    def accepted(self) -> int:
        """Letters taken, each as often as it came."""
        return sum(map(len, self.taken.values()))

    @property
    def duplicates(self) -> int:
        return self.accepted - len(self.taken)

    def all_alike(self) -> bool:
        """Whether every letter that came again came under its own Message-ID."""
        return all(len({key for key, _ in came}) == 1 for came in self.taken.values())

    def last_at(self) -> float:
        """When the last recipient got their letter for the first time."""
        return max(came[0][1] for came in self.taken.values())


@contextmanager
def post_office(fails: float = 0) -> Iterator[PostOffice]:
    """Open meanwhile, on a port of its own."""
    office = PostOffice(fails)
    controller: Any = Controller(office, hostname="127.0.0.1", port=office.port)
    controller.start()
    try:
        yield office
    finally:
        controller.stop(no_assert=True)
