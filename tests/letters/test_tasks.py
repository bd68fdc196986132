"""The scheduler's doors, the same by hand, and the poke that must never hurt."""

from __future__ import annotations

import inspect
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from approvals import events, tasks, transitions
from approvals.models import Event, Letter
from approvals.transitions import Seen
from approvals.vocabulary import EventKind, LetterState, State
from portal.celery import app
from tests.cast import Cast, Clock, Walk, kinds, latest, sign

pytestmark = pytest.mark.django_db
DOORS = ("flag_expiring", "flag_overdue", "expire_due", "close_idle", "send_letters", "forget_working_copies",
         "suspend_unfilled", "flag_unrenewed", "warn_idle")  # fmt: skip


@pytest.mark.parametrize("name", DOORS)
def test_each_door_is_thin_and_has_the_name_the_scheduler_calls(name: str) -> None:
    app.loader.import_default_modules()
    door = app.tasks[f"approvals.tasks.{name}"]
    assert len(inspect.getsource(door.run).splitlines()) < 15


def test_an_end_is_written_down_at_its_instant_and_once(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force()
    assert version.ends_at
    clock.just_before(version.ends_at)
    assert tasks.expire_due() == 0
    clock.to(version.ends_at + timedelta(days=2))
    assert tasks.expire_due() == 1 and tasks.expire_due() == 0
    event = Event.objects.get(kind=EventKind.ENDED)
    assert (event.effective_at, event.recorded_at) == (version.ends_at, clock.moment)


def test_one_version_that_changed_meanwhile_does_not_stop_the_others(
    cast: Cast, clock: Clock, in_force: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = in_force(), in_force()
    clock.forward(days=100)
    of = Seen.of
    monkeypatch.setattr(Seen, "of", lambda version: Seen(0) if version.pk == first.pk else of(version))
    assert tasks.expire_due() == 1
    assert kinds(first)[-1] != EventKind.ENDED and kinds(second)[-1] == EventKind.ENDED


def test_an_idle_review_is_closed_after_21_days(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review()
    clock.just_before(clock.moment + timedelta(days=21))
    assert tasks.close_idle() == 0
    clock.to(clock.moment + timedelta(microseconds=1))
    assert tasks.close_idle() == 1
    assert latest(version).state == State.CLOSED


def test_sweep_does_everything_and_says_so(cast: Cast, clock: Clock, ended: Walk) -> None:
    ended()
    said = StringIO()
    call_command("sweep", stdout=said)
    assert "Ends written down: 1" in said.getvalue() and "sent" in said.getvalue()
    assert "Ends of access written down: 0" in said.getvalue()
    assert f"Events sealed: {Event.objects.count()}" in said.getvalue()
    assert "has ended" in Letter.objects.get(event__kind=EventKind.ENDED).subject
    assert not Letter.objects.exclude(state__in=[LetterState.SENT, LetterState.FAILED]).exists()
    said = StringIO()
    call_command("sweep", stdout=said)
    assert "Ends written down: 0" in said.getvalue()


def test_a_step_that_fails_does_not_stop_the_others(
    cast: Cast, in_review: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> int:
        raise RuntimeError("disk full")

    in_review()
    monkeypatch.setattr(tasks, "expire_due", broken)
    said, complained = StringIO(), StringIO()
    with pytest.raises(CommandError, match="Ends written down"):
        call_command("sweep", stdout=said, stderr=complained)
    assert "disk full" in complained.getvalue() and "3 sent" in said.getvalue()


@pytest.fixture
def pokes(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What would have been asked of the broker."""
    asked: list[dict[str, object]] = []
    monkeypatch.setattr(tasks, "_silent_until", 0.0)
    monkeypatch.setattr(tasks.send_letters, "apply_async", lambda **how: asked.append(how))
    return asked


def test_a_decision_pokes_and_a_letters_own_outcome_does_not(
    cast: Cast, in_review: Walk, pokes: list[dict[str, object]], django_capture_on_commit_callbacks: object
) -> None:
    assert tasks.poke in events.after_commit
    version = in_review()
    tasks.poke(Event.objects.filter(version=version).latest("pk"))
    assert len(pokes) == 1 and pokes[0]["retry"] is False
    tasks.poke(Event(kind=EventKind.LETTER_SENT))
    assert len(pokes) == 1


def test_where_no_broker_is_named_none_is_looked_for(
    pokes: list[dict[str, object]], settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = ""
    tasks.poke(Event(kind=EventKind.SUBMITTED))
    assert pokes == [] and caplog.records == []


def test_a_dead_broker_costs_one_short_attempt_a_minute_and_no_decision(
    cast: Cast, drafted: Walk, monkeypatch: pytest.MonkeyPatch, transactional_db: None, caplog: pytest.LogCaptureFixture
) -> None:
    before, app.conf.broker_url = app.conf.broker_url, "redis://127.0.0.1:9/0"
    app.pool.force_close_all()
    monkeypatch.setattr(tasks, "_silent_until", 0.0)
    try:
        begun = time.monotonic()
        version = drafted()
        transitions.discard(version.pk, seen=Seen.of(version), actor=cast.engineer)
        assert time.monotonic() - begun < 2
    finally:
        app.conf.broker_url = before
        app.pool.force_close_all()
    assert latest(version).state == State.CLOSED
    assert len([record for record in caplog.records if "broker" in record.message]) == 1


def test_a_poke_reaches_a_real_broker_and_asks_for_letters(
    redis_broker: str, redis_socket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import redis

    monkeypatch.setattr(tasks, "_silent_until", 0.0)
    tasks.poke(Event(kind=EventKind.SUBMITTED))
    waiting = redis.Redis(unix_socket_path=redis_socket).lrange("celery", 0, -1)
    assert isinstance(waiting, list) and len(waiting) == 1 and b"approvals.tasks.send_letters" in waiting[0]


def test_an_overdue_answer_is_told_once_to_signers_owner_and_security(
    cast: Cast, clock: Clock, in_review: Walk
) -> None:
    version = in_review(seats={"Security": 2})
    sign(version, cast.security)
    due = latest(version).answer_by
    assert due is not None
    clock.just_before(due)
    assert tasks.flag_overdue() == 0
    clock.to(due)
    assert (tasks.flag_overdue(), tasks.flag_overdue()) == (1, 0)
    tasks.send_letters()
    letters = Letter.objects.filter(event__kind=EventKind.ANSWER_OVERDUE)
    assert set(letters.values_list("recipient__username", flat=True)) == {"engineer", "security", "security2"}
    assert "has waited for an answer since" in letters[0].subject and "still missing: Security" in letters[0].text


def test_an_overdue_answer_does_not_put_off_the_close_of_an_idle_review(
    cast: Cast, clock: Clock, in_review: Walk
) -> None:
    version = in_review()
    clock.to(clock.moment + timedelta(days=10))
    assert tasks.flag_overdue() == 1
    clock.to(clock.moment + timedelta(days=11))
    assert tasks.close_idle() == 1
    assert latest(version).state == State.CLOSED
    assert tasks.flag_overdue() == 0


def test_what_was_decided_in_time_is_never_overdue(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force()
    clock.forward(days=30)
    assert tasks.flag_overdue() == 0 and EventKind.ANSWER_OVERDUE not in kinds(version)
