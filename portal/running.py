"""The command line of each process: one place for `manage.py up`, for production, and for the container."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from django.core.management import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

PYTHON = (sys.executable, "-m")
SERVER = ("granian", "--interface", "wsgi", "--blocking-threads", "1", "--no-ws")


def web(host: str, port: int, workers: int = 1) -> list[str]:
    """The pages, for a proxy on the same private network."""
    address = ("--workers", str(workers), "--host", host, "--port", str(port))
    return [*PYTHON, *SERVER, *address, "portal.wsgi:application"]


def worker(concurrency: int = 1) -> list[str]:
    """Does what it is poked to do."""
    alone = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return [*PYTHON, "celery", "-A", "portal", "worker", "--concurrency", str(concurrency), *alone]


def scheduler() -> list[str]:
    """Pokes. Any number of them is harmless."""
    in_memory = ("--scheduler", "celery.beat:Scheduler")
    return [*PYTHON, "celery", "-A", "portal", "beat", *in_memory, "--pidfile", ""]


def become(command: list[str]) -> NoReturn:
    """This process goes on as that one, so a supervisor watches and stops the right one. Needs tables of today."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError(
            "The tables are not those of this version of the portal. Run manage.py migrate first, as the owner of "
            "the database."
        )
    connection.close()
    os.execv(command[0], command)  # noqa: S606 - our own command, without a shell
