"""Health: signs of life stand in the database, what is late is said, and nobody reads it who should not."""

from __future__ import annotations

import re
import socket
import time
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from celery.signals import after_task_publish
from django.conf import LazySettings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from approvals import pulses, tasks, transitions
from approvals.letters import outbox
from approvals.models import Event, Letter, Pulse
from approvals.transitions import Seen
from audits import sealing
from portal import tasks as of_portal
from portal.health import judging, looking, owed, ready, scheduling
from portal.health.judging import Condition
from tests.cast import Cast, Clock, Walk
from tests.house.reading import HERE
from tests.letters.mailserver import Script, refusing, serving

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-some-length-for-tests"


@pytest.fixture(autouse=True)
def with_a_broker(settings: LazySettings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"


def page_of(person: Any, address: str = "/health/") -> str:
    client = Client()
    client.force_login(person)
    return client.get(address).content.decode()


def late(clock: Clock) -> list[str]:
    return [sign.name for sign in judging.late(owed.read(), clock.now())]


def all_alive() -> None:
    for name in (*judging.PROCESSES, *judging.SERVERS, *judging.STEPS):
        pulses.beat(name)


# Signs of life


def test_each_step_of_the_sweep_gives_a_sign_of_life_and_one_that_fails_gives_none(
    cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.expire_due()
    of_portal.end_access()
    assert set(Pulse.objects.values_list("name", "at")) == {("expire_due", clock.now()), ("end_access", clock.now())}
    clock.forward(minutes=1)
    tasks.expire_due()
    monkeypatch.setattr("approvals.letters.reminders.flag", lambda now: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tasks.flag_expiring()
    assert Pulse.objects.get(name="expire_due").at == clock.now()
    assert not Pulse.objects.filter(name="flag_expiring").exists()


def test_every_step_that_is_asked_for_is_on_the_page_and_no_other(settings: LazySettings) -> None:
    poked = set(settings.DUE) | {"end_access", "seal_record"}
    assert set(judging.STEPS) == poked


def test_a_sign_of_life_is_one_statement(cast: Cast) -> None:
    pulses.beat("worker")
    with CaptureQueriesContext(connection) as asked:
        pulses.beat("worker", count=3)
    assert len(asked) == 1 and Pulse.objects.get(name="worker").count == 3


def test_a_sign_of_life_that_cannot_be_written_fails_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(Pulse.objects, "bulk_create", refuse)
    pulses.beat("worker")


def test_the_scheduler_lives_when_the_broker_takes_what_it_sends(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "_last", -scheduling.EVERY * 1.0 - time.monotonic())
    monkeypatch.setattr(scheduling, "close_old_connections", lambda: None)
    scheduling.connect()
    try:
        assert not Pulse.objects.exists()
        tasks.expire_due.apply_async()
        assert Pulse.objects.filter(name="scheduler").exists()
    finally:
        after_task_publish.disconnect(scheduling.published)


# What a worker finds


def test_a_mail_server_that_answers_is_well_and_gets_no_letter(cast: Cast, settings: LazySettings) -> None:
    script = Script()
    with serving(script, settings):
        looking.look_at_mail()
    assert Pulse.objects.get(name="mail").is_well and script.asked == 0


def test_a_mail_server_that_refuses_or_hangs_is_late_within_seconds(
    cast: Cast, clock: Clock, settings: LazySettings
) -> None:
    refusing(settings)
    looking.look_at_mail()
    assert late(clock) == ["mail"]
    assert "It did not answer (ConnectionRefusedError)." in page_of(cast.admin)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = silent.getsockname()[1], 1
        begun = time.monotonic()
        looking.look_at_mail()
    assert time.monotonic() - begun < 3 and not Pulse.objects.get(name="mail").is_well


def test_the_queue_is_counted_in_a_real_redis_and_a_dead_one_is_late(
    cast: Cast, clock: Clock, settings: LazySettings, redis_broker: str
) -> None:
    settings.REDIS_URL = redis_broker
    tasks.expire_due.apply_async()
    tasks.expire_due.apply_async()
    looking.look_at_broker()
    assert Pulse.objects.get(name="broker").count == 2 and late(clock) == []
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    looking.look_at_broker()
    assert late(clock) == ["broker"]


# What is late


def test_nothing_is_late_at_its_limit_and_a_moment_later_it_is(cast: Cast, clock: Clock) -> None:
    all_alive()
    begun = clock.now()
    for name, (_, _, most, _) in judging.PROCESSES.items():
        clock.to(begun + most)
        assert name not in late(clock)
        clock.to(begun + most + timedelta(microseconds=1))
        assert name in late(clock)


def test_a_letter_and_an_event_that_wait_too_long_are_late(cast: Cast, clock: Clock, in_review: Walk) -> None:
    in_review()
    sealing.seal()
    clock.forward(minutes=5)
    assert late(clock) == []
    clock.forward(seconds=1)
    assert late(clock) == ["events"]
    outbox.announce_all()
    assert late(clock) == []
    clock.forward(minutes=31)
    assert late(clock) == ["letters"]
    Letter.objects.update(state="sent")
    assert late(clock) == []


def test_an_event_that_is_not_sealed_is_late_after_two_minutes_and_its_age_is_said(
    cast: Cast, clock: Clock, client: Client, settings: LazySettings, in_review: Walk
) -> None:
    in_review()
    clock.forward(minutes=2)
    assert late(clock) == []
    clock.forward(seconds=1)
    assert late(clock) == ["seal"]
    page = page_of(cast.security)
    assert "Record: the oldest event under no signed checkpoint" in page and "manage.py seal" in page
    said = scraped(client, settings)
    assert "approvals_oldest_unsealed_event_seconds 121.0" in said and 'approvals_late{part="seal"} 1.0' in said
    call_command("sweep", stdout=StringIO())
    assert "seal" not in late(clock) and sealing.unsealed_since() is None
    assert "approvals_oldest_unsealed_event_seconds 0.0" in scraped(client, settings)


def test_who_sweeps_by_hand_has_no_scheduler_that_could_be_late(
    cast: Cast, clock: Clock, settings: LazySettings
) -> None:
    all_alive()
    clock.forward(hours=1)
    settings.REDIS_URL = ""
    assert not {"scheduler", "worker", "broker"} & set(late(clock))
    assert set(judging.STEPS) <= set(late(clock))


# Who reads what


def test_an_administrator_finds_it_on_home_and_nobody_else_does(cast: Cast, clock: Clock) -> None:
    all_alive()
    assert "Something owed is late" not in page_of(cast.admin, "/")
    clock.forward(hours=1)
    assert "Something owed is late" in page_of(cast.admin, "/")
    for person in (cast.engineer, cast.security, cast.auditor):
        assert "Something owed is late" not in page_of(person, "/")


def test_the_page_says_what_is_late_and_what_to_do(cast: Cast, clock: Clock) -> None:
    all_alive()
    assert "Everything owed is on time" in page_of(cast.security)
    clock.forward(minutes=4)
    page = page_of(cast.security)
    assert "One thing is late" in page and "Start the scheduler again" in page
    assert "Nothing is lost: what is due stands in the database" in page


def test_home_and_health_keep_within_ten_statements(cast: Cast, clock: Clock, in_review: Walk) -> None:
    for _ in range(3):
        in_review()
    client = Client()
    client.force_login(cast.admin)
    for address in ("/", "/health/"):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        assert len(asked) <= 10, [query["sql"][:90] for query in asked]


# What machines ask


def test_ready_means_database_and_tables_and_not_the_worker(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "_tables_fit", False)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"ready\n")
    monkeypatch.setattr(ready, "_tables_fit", False)
    monkeypatch.setattr(ready, "_missing_migrations", lambda: 2)
    answer = client.get("/readyz")
    assert answer.status_code == 503 and b"2 migrations are not applied. Run manage.py migrate." in answer.content


def test_without_its_database_it_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise DatabaseError("gone, with a password in the text")

    monkeypatch.setattr(connection, "cursor", gone)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"The database does not answer.\n")


def test_metrics_are_off_until_somebody_turns_them_on(client: Client) -> None:
    assert client.get("/metrics").status_code == 404


def test_metrics_with_a_token_are_for_whoever_shows_it(client: Client, settings: LazySettings) -> None:
    settings.METRICS_TOKEN = TOKEN
    for shown in ("", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN[:-1]}", "Bearer", f"Bearer {TOKEN} x"):
        assert client.get("/metrics", headers={"Authorization": shown}).status_code == 404, shown
    assert client.get(f"/metrics?token={TOKEN}").status_code == 404
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/plain; version=0.0.4")


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("203.0.113.7", {}, 404),
        ("", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 404),
    ],
)
def test_metrics_on_loopback_are_for_this_machine_and_no_proxy_on_it(
    client: Client, settings: LazySettings, address: str, headers: dict[str, str], status: int
) -> None:
    settings.METRICS_ON_LOOPBACK = True
    assert client.get("/metrics", REMOTE_ADDR=address, headers=headers).status_code == status


def scraped(client: Client, settings: LazySettings) -> str:
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    return answer.content.decode()


def test_metrics_say_what_is_owed_and_nothing_about_people_or_packets(
    cast: Cast, clock: Clock, client: Client, settings: LazySettings, in_review: Walk
) -> None:
    pulses.beat("broker", count=7)
    version = in_review()
    outbox.announce_all()
    transitions.withdraw(version.pk, seen=Seen.of(version), actor=cast.engineer)
    clock.forward(hours=1)
    said = scraped(client, settings)
    assert f"approvals_letters_unsent {Letter.objects.count()}.0" in said
    assert "approvals_oldest_unsent_letter_seconds 3600.0" in said
    waiting = Event.objects.filter(announced__isnull=True).count()
    assert waiting and f"approvals_events_unannounced {waiting}.0" in said and "approvals_queue_length 7.0" in said
    assert 'approvals_late{part="letters"} 1.0' in said and 'approvals_late{part="worker"} 0.0' in said
    told = [version.packet.agent.slug, version.packet.reference, version.identity]
    told += [word for person in cast.everyone() for word in (person.email, person.last_name)]
    assert not [word for word in told if word in said]


def test_every_rule_in_the_docs_asks_for_a_metric_that_is_there(
    cast: Cast, client: Client, settings: LazySettings
) -> None:
    all_alive()
    pulses.beat("broker", count=0)
    said = scraped(client, settings)
    there = set(re.findall(r"^# TYPE (\w+) gauge", said, re.M))
    text = (HERE / "docs" / "alerts.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\bapprovals_\w+", text))
    assert named == there, "docs/alerts.md and portal/health/metrics.py name different metrics."
    parts = set(re.findall(r'part="(\w+)"', said))
    asked = {part for found in re.findall(r'part=~?"([\w|]+)"', text) for part in found.split("|")}
    assert asked and asked <= parts
    assert Condition.LATE.tag.words == "Late"


def test_a_database_that_is_down_is_503_for_a_monitor_too(
    client: Client, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> bytes:
        raise DatabaseError("gone")

    settings.METRICS_TOKEN = TOKEN
    monkeypatch.setattr("portal.health.metrics.text", gone)
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 503
