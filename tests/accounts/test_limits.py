"""WS-24: how often a door may be tried. Counted in the database, so it holds across processes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from portal.accounts import limits
from portal.accounts.limits import ADDRESS, CODE, MAIL, PASSWORD, Counted, Limit
from portal.models import Attempts
from tests.accounts.entering import ELSEWHERE, code, enter, entered, who, with_app
from tests.cast import MONDAY, Cast, Clock
from tests.cast import PASSWORD as RIGHT

pytestmark = pytest.mark.databases


def test_the_sixth_attempt_in_a_minute_is_refused_even_with_the_right_password(cast: Cast, clock: Clock) -> None:
    for _ in range(5):
        assert enter(password="wrong").status_code == 200
        clock.forward(seconds=5)
    client = Client()
    response = enter(client=client)
    assert (response.status_code, response["Retry-After"]) == (429, "35")
    assert "Too many attempts" in response.content.decode()
    assert who(client) == ""
    clock.to(MONDAY + timedelta(seconds=60))
    assert enter().status_code == 302


def test_a_right_password_counts_for_nothing(cast: Cast, clock: Clock) -> None:
    for _ in range(8):
        entered()


def test_right_ones_in_between_do_not_help_somebody_who_guesses(cast: Cast, clock: Clock) -> None:
    for number in range(5):
        enter(password="wrong")
        if number < 4:
            entered()
    assert enter(password="wrong").status_code == 429


def test_other_accounts_and_other_places_are_not_kept_out(cast: Cast, clock: Clock) -> None:
    for _ in range(6):
        enter(password="wrong")
    assert enter().status_code == 429
    assert enter("teammate").status_code == 302
    assert enter(address=ELSEWHERE).status_code == 302


@pytest.mark.parametrize("spelling", [" engineer", "ENGINEER", "engineer "])
def test_a_name_spelt_otherwise_is_counted_as_the_same(cast: Cast, clock: Clock, spelling: str) -> None:
    for _ in range(5):
        enter(spelling, "wrong")
    assert enter().status_code == 429


def test_many_names_from_one_place_are_refused(cast: Cast, clock: Clock) -> None:
    for number in range(30):
        assert enter(f"nobody{number}", "wrong").status_code == 200
    assert enter().status_code == 429
    assert enter(address=ELSEWHERE).status_code == 302


def test_a_claimed_forwarded_address_changes_nothing(cast: Cast, clock: Clock) -> None:
    client = Client(headers={"X-Forwarded-For": "203.0.113.9"})
    for _ in range(5):
        enter(password="wrong")
    assert enter(client=client).status_code == 429


def test_codes_are_counted_by_account_wherever_they_come_from(cast: Cast, clock: Clock) -> None:
    secret = with_app(cast.engineer)
    for number in range(5):
        client = entered(address=f"192.0.2.{number}")
        assert client.post("/sign-in/second-factor/", {"code": "000000"}).status_code == 200
    response = client.post("/sign-in/second-factor/", {"code": code(secret)})
    assert response.status_code == 429
    assert who(client) == ""


def test_the_password_asked_again_is_counted(cast: Cast, clock: Clock) -> None:
    client = entered()
    for _ in range(5):
        assert client.post("/account/again/", {"password": "wrong"}).status_code == 200
    assert client.post("/account/again/", {"password": RIGHT}).status_code == 429


def test_asking_for_passkey_challenges_is_counted(cast: Cast, clock: Clock) -> None:
    answers = [Client().get("/sign-in/passkey/", headers={"Accept": "application/json"}) for _ in range(31)]
    assert {answer.status_code for answer in answers[:30]} == {200}
    assert answers[30].status_code == 429


def test_who_cannot_be_counted_is_not_let_in(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*args: Any) -> None:
        raise DatabaseError("the table is gone")

    monkeypatch.setattr(limits, "_take", down)
    client = Client()
    response = enter(client=client)
    assert response.status_code == 503
    assert "lets nobody in" in response.content.decode()
    assert who(client) == ""


def test_the_table_tells_neither_names_nor_addresses(cast: Cast) -> None:
    enter(password="wrong")
    rows = str(list(Attempts.objects.values_list()))
    assert "engineer" not in rows
    assert "127.0.0.1" not in rows


def test_what_no_limit_asks_for_is_forgotten(db: None, clock: Clock) -> None:
    limits.take([Counted("old", PASSWORD)])
    clock.forward(hours=3)
    limits.take([Counted("new", PASSWORD)])
    assert limits.forget() == 1
    assert [row.key for row in Attempts.objects.all()] == [Counted("new", PASSWORD).key]
    longest = max(limit.seconds for one in (PASSWORD, ADDRESS, CODE, MAIL) for limit in one)
    assert limits.FORGET_AFTER.total_seconds() > longest


def test_the_wait_ends_when_it_says(db: None, clock: Clock) -> None:
    counted = [Counted("x", (Limit(2, 60), Limit(3, 600)))]
    assert [limits.take(counted) for _ in range(3)] == [0, 0, 60]
    clock.forward(seconds=59)
    assert limits.take(counted) == 1
    clock.forward(seconds=1)
    assert limits.take(counted) == 0
    clock.forward(seconds=60)
    assert limits.take(counted) == 480


@pytest.mark.django_db(transaction=True)
def test_of_twenty_at_once_five_go_on() -> None:
    barrier = threading.Barrier(20)

    def attempt(_: int) -> int:
        barrier.wait()
        try:
            return limits.take([Counted("at once", PASSWORD)])
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        waits = list(pool.map(attempt, range(20)))
    assert sorted(wait > 0 for wait in waits) == [False] * 5 + [True] * 15


TAKE = """
import django, sys
import tests.environment
django.setup()
from django.conf import settings
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from portal.accounts.limits import PASSWORD, Counted, take
print(take([Counted("two processes", PASSWORD)]))
"""


@pytest.mark.django_db(transaction=True)
def test_another_process_goes_on_counting_where_this_one_stopped() -> None:
    for _ in range(5):
        assert limits.take([Counted("two processes", PASSWORD)]) == 0
    said = subprocess.run(
        [sys.executable, "-c", TAKE, str(connection.settings_dict["NAME"])],
        env=os.environ | {"PYTEST_XDIST_WORKER": "child"}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert int(said) > 0
