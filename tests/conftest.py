"""What every test may ask for: a database that is put back, real servers, a real browser, and no way out of here."""

from __future__ import annotations

import ipaddress
import itertools
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from tests.servers import chromium, pristine
from tests.servers.postgresql import postgresql
from tests.servers.redis import redis_server

pytest_plugins = ["tests.cast"]

SEALS = itertools.count()
PROOFS_FULL = os.environ.get("PROOFS") == "full"


@pytest.fixture(scope="session")
def full_scale() -> bool:
    """Whether proofs run at full scale (`make proofs`), or small enough for every day (at most five seconds each)."""
    return PROOFS_FULL


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database; a test that commits gets it back as the migrations left it."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        kept = pristine.keep()
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: kept.restore())
        yield
        kept.discard()


@pytest.fixture(autouse=True)
def own_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a seal of its own: what is kept outside the database is not put back with it."""
    from django.conf import settings

    monkeypatch.setattr(settings, "SEAL_DIR", settings.DATA_DIR / "seals" / f"{os.getpid()}-{next(SEALS)}")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """DATABASE_URL of a real PostgreSQL of this test process, for what needs a second database."""
    with postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def redis_socket() -> Iterator[str]:
    """The socket of a real Redis of this test process."""
    with redis_server() as path:
        yield path


@pytest.fixture
def redis_broker(redis_socket: str) -> Iterator[str]:
    """Celery speaks to a real, empty Redis during this test; gives its REDIS_URL. Without it pokes stay in memory."""
    import redis

    from portal.celery import app

    redis.Redis(unix_socket_path=redis_socket).flushall()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app.conf, "broker_url", f"redis+socket://{redis_socket}")
        app._after_fork()  # forgets its connections
        yield app.conf.broker_url
    app._after_fork()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Chromium as this machine has it."""
    return browser_type_launch_args | {"executable_path": chromium.find(), "args": chromium.arguments()}


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    """A test that speaks to another machine fails, so that none ever depends on one."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def refuse(here: socket.socket, address: Any) -> None:
        if here.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(str(address[0])):
            raise RuntimeError(f"A test tried to reach {address[0]}. Start what it needs on 127.0.0.1 instead.")

    def guarded(here: socket.socket, address: Any) -> None:
        refuse(here, address)
        connect(here, address)

    def guarded_ex(here: socket.socket, address: Any) -> int:
        refuse(here, address)
        return connect_ex(here, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        patch.setattr(socket.socket, "connect_ex", guarded_ex)
        yield


def is_loopback(host: str) -> bool:
    """Whether this host is the machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
