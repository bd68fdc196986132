"""Celery's own workers, poked through a real Redis as the scheduler pokes them, on a PostgreSQL that is restarted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import redis
from django.db import connections

from portal.celery import app
from tests.faults.post_office import PostOffice, post_office
from tests.faults.storm import Figures, storm
from tests.house.reading import HERE
from tests.servers.postgresql import restart
from tests.servers.redis import redis_server

POKED = ("approvals.tasks.flag_expiring", "approvals.tasks.send_letters")
EVERY = 0.5  # seconds between two pokes
WORKERS = 2


def under_faults(database: str, place: Path, reminders: int, kills: int, fails: float) -> Figures:
    """The storm with the real things; Redis and PostgreSQL take their turns to fail between two kills."""
    with ExitStack() as brokers, post_office(fails) as office:
        socket = brokers.enter_context(redis_server(place))
        app.conf.broker_url = broker = f"redis+socket://{socket}"
        crew = Crew(office, {"DATABASE_URL": database, "REDIS_URL": broker})
        counts = {"Redis flushed": 0, "Redis restarted, empty": 0, "PostgreSQL restarted": 0}

        def between(number: int) -> None:
            what = list(counts)[number % len(counts)]
            counts[what] += 1
            if what == "Redis flushed":
                redis.Redis(unix_socket_path=socket).flushall()
            elif what == "PostgreSQL restarted":
                connections.close_all()
                restart(database)
            else:
                brokers.close()
                brokers.enter_context(redis_server(place))

        figures = storm(reminders, kills, office, crew.working, between)
    figures.kills *= WORKERS
    figures.other = counts | {f"Mail server: {name}": count for name, count in figures.other.items()}
    return figures


class Crew:
    """The worker group of one machine."""

    def __init__(self, office: PostOffice, environment: dict[str, str]) -> None:
        mail = {"EMAIL_URL": f"smtp://127.0.0.1:{office.port}", "MAIL_FROM": "approvals@example.org"}
        self.environment = os.environ | environment | mail

    @contextmanager
    def working(self, shift: float) -> Iterator[None]:
        """The group works and is poked meanwhile; then every process of it is killed with -9 at once."""
        command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "--concurrency", str(WORKERS),
                   "--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "ERROR"]  # fmt: skip
        group = subprocess.Popen(
            command, cwd=HERE, env=self.environment | {"CLOCK_SHIFT": str(int(shift))}, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        over = threading.Event()
        poking = threading.Thread(target=_poke, args=(over,), daemon=True)
        poking.start()
        try:
            yield
        finally:
            os.killpg(group.pid, signal.SIGKILL)
            group.wait()
            over.set()
            poking.join(10)


def _poke(over: threading.Event) -> None:
    """What the scheduler does; a broker that is gone is no reason to stop."""
    while not over.wait(EVERY):
        for name in POKED:
            with suppress(Exception):
                app.send_task(name, expires=5, retry=False, ignore_result=True)
