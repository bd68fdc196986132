"""The test servers themselves: a committed change is gone in the next test, and nothing reaches another machine."""

from __future__ import annotations

import socket
import urllib.request

import pytest
import redis
from django.contrib.auth.models import Group
from django.db import connection
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.databases


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_test_commits_is_gone_afterwards(turn: str) -> None:
    assert not Group.objects.filter(name="Left behind").exists()
    Group.objects.create(name="Left behind")
    connection.close()
    assert Group.objects.filter(name="Left behind").count() == 1


@pytest.mark.django_db(transaction=True)
def test_rows_of_the_migrations_survive_a_test_that_commits() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_content_type")
        assert cursor.fetchone()[0] > 0


def test_another_machine_cannot_be_reached() -> None:
    with pytest.raises(RuntimeError, match="tried to reach"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_redis_is_real(redis_socket: str) -> None:
    client = redis.Redis(unix_socket_path=redis_socket)
    assert client.set("a", "1")
    assert "redis_version" in client.info()


@pytest.mark.browser
def test_chromium_reads_a_page_of_ours(live_server: LiveServer, page: Page) -> None:
    page.goto(f"{live_server.url}/healthz")
    expect(page.get_by_text("ok")).to_be_visible()
    assert urllib.request.urlopen(f"{live_server.url}/healthz", timeout=5).status == 200
