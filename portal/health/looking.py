"""Asks the servers the portal needs whether they answer. Done by a worker, within seconds, and stored for the pages."""

from __future__ import annotations

import redis
from django.conf import settings
from django.core.mail import get_connection

from approvals import pulses
from portal.celery import app

PATIENCE = 3  # seconds


def look_at_mail() -> None:
    """Connect and sign in to the mail server as every letter does; nothing is sent. EMAIL_TIMEOUT bounds each step."""
    connection = get_connection()
    try:
        connection.open()
        connection.close()
    except Exception as error:  # refused, hanging, wrong password, no TLS: no letter would leave either
        pulses.beat("mail", is_well=False, said=type(error).__name__)
    else:
        pulses.beat("mail")


def look_at_broker() -> None:
    """How many tasks wait for a worker. Without a broker of its own there is nothing to look at."""
    if not settings.REDIS_URL or settings.REDIS_URL.startswith("memory:"):
        return
    try:
        with _client(settings.REDIS_URL) as client:
            waiting = int(client.llen(str(app.conf.task_default_queue)))
    except (redis.RedisError, OSError) as error:
        pulses.beat("broker", is_well=False, said=type(error).__name__)
    else:
        pulses.beat("broker", count=waiting)


def _client(url: str) -> redis.Redis:
    """Celery writes a socket's address in its own way."""
    there = url.replace("redis+socket://", "unix://", 1)
    return redis.Redis.from_url(there, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)
