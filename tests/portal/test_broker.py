"""The broker carries pokes only: it may be slow, full or gone, and nothing owed depends on it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from kombu.exceptions import OperationalError

from portal.celery import app


@pytest.fixture
def no_broker() -> Iterator[None]:
    """A broker that does not answer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")
        app._after_fork()  # forgets its connections
        yield
    app._after_fork()


def test_a_poke_reaches_a_real_redis(redis_broker: str, redis_socket: str) -> None:
    app.send_task("approvals.tasks.send_letters")
    assert redis.Redis(unix_socket_path=redis_socket).llen("celery") == 1


def test_a_broker_that_is_gone_is_noticed_at_once(no_broker: None) -> None:
    begun = time.monotonic()
    with pytest.raises(OperationalError):
        app.send_task("approvals.tasks.send_letters")
    assert time.monotonic() - begun < 1


def test_without_a_broker_of_its_own_a_test_keeps_its_pokes_in_memory() -> None:
    assert app.conf.broker_url == "memory://"


def test_a_task_may_not_run_longer_than_redis_waits_before_it_gives_the_task_away_again() -> None:
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] > settings.CELERY_TASK_TIME_LIMIT


def test_every_poke_of_the_schedule_is_thrown_away_before_the_next() -> None:
    for entry in app.conf.beat_schedule.values():
        assert entry["options"]["expires"] <= entry["schedule"]
