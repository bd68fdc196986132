"""A portal with the demo in it, for a whole file of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from tests.servers.demo import demo_rows, seal_of_the_demo
from tests.walk.demo import Demo
from tests.walk.places import places


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Demo]:
    """One server with the demo for the whole file, whose tests change nothing; the database is put back behind them."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: None)
        with demo_rows():
            server = LiveServer("127.0.0.1")
            yield Demo(server.url, places())
            server.stop()


@pytest.fixture(autouse=True)
def own_seal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What looks at the demo looks at it with the seal it was made with."""
    if "demo" in request.fixturenames:
        request.getfixturevalue("demo")
        monkeypatch.setattr(settings, "SEAL_DIR", seal_of_the_demo())
