"""The processes of `manage.py up`: started in order, watched, stopped in reverse order."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from portal.datafolder import fresh_log

HERE = Path(__file__).resolve().parent.parent
PATIENCE = 10  # seconds a process has to stop by itself
BREATH = 5  # seconds between two starts of one that may be started again
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Died(Exception):
    """A process that should run has stopped."""


@dataclass
class Child:
    """One process with a session and a log of its own."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes]
    again: bool
    """Whether the others go on without it until it is started again."""
    started_at: float

    def why_dead(self) -> str | None:
        """A sentence that names the log, or None while it runs."""
        code = self.process.poll()
        if code is None:
            return None
        how = f"was killed by signal {-code}" if code < 0 else f"stopped with exit code {code}"
        return f"The {self.name} {how}. Its log says why: {self.log}"

    def stop(self) -> None:
        """Ask it to stop, then insist; what it started goes with it."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
        with suppress(ProcessLookupError):  # the usual case: nobody of its session is left
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class Children:
    """All processes of one start; leaving the block stops them."""

    logs: Path
    environment: Mapping[str, str]
    running: list[Child] = field(default_factory=list)

    def start(self, name: str, *command: str, again: bool = False) -> None:
        """Start one more, after those that it needs; one that may be started `again` does not end the others."""
        log = fresh_log(self.logs, name)
        child = Child(name, list(command), log, self._process(command, log), again, time.monotonic())
        self.running.append(child)

    def _process(self, command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            return subprocess.Popen(  # noqa: S603 - our own command
                command,
                cwd=HERE,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=stop_with_parent,  # safe: this process has one thread
            )

    def raise_if_dead(self, *, also_spare: bool = True) -> None:
        """Raise Died, naming the log, when one of them has stopped."""
        for child in self.running:
            if (also_spare or not child.again) and (reason := child.why_dead()):
                raise Died(reason)

    def start_again(self, tell: Callable[[str], None]) -> None:
        """Start what may be started again and has stopped, and say so; not before it had time to breathe."""
        for child in self.running:
            rested = time.monotonic() - child.started_at >= BREATH
            if child.again and rested and (reason := child.why_dead()):
                tell(f"{reason}\nIt is started again. Pages, signatures and ends went on without it.")
                child.process, child.started_at = self._process(child.command, child.log), time.monotonic()

    def watch(self, tell: Callable[[str], None]) -> None:
        """Return never; raise Died when one of them stops that the others need. `tell` says what went on."""
        while True:
            self.start_again(tell)
            self.raise_if_dead(also_spare=False)
            time.sleep(0.2)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)  # a second Ctrl-C must not leave anything behind
        for child in reversed(self.running):
            child.stop()


def stop_with_parent() -> None:
    """Runs in the new process: the kernel stops it when `up` itself is killed (Linux only)."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
