"""What becomes of a letter, whatever the mail server does. At least once, same Message-ID."""

from __future__ import annotations

import json
import smtplib
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection

from approvals import transitions
from approvals.letters import claiming, delivery, outbox, sending
from approvals.letters.answers import Answer, Outcome
from approvals.models import Event, Letter
from approvals.transitions import Seen
from approvals.vocabulary import EventKind, LetterState
from tests.cast import Cast, Clock, Walk
from tests.letters.mailserver import DROP, HANG, TAKE, Script, refusing, serving

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def letter(cast: Cast, clock: Clock, in_review: Walk) -> Letter:
    """One letter that is due: a question to the owner."""
    version = in_review()
    outbox.announce_all()
    for other in Letter.objects.all():
        other.delete()
    transitions.ask(version.pk, "Why all of it?", actor=cast.security)
    outbox.announce_all()
    return Letter.objects.get()


def outcome(letter: Letter) -> dict[str, Any]:
    """The detail of the one event about what became of the letter."""
    event = Event.objects.get(kind__in=sending.OUTCOMES.values())
    detail: dict[str, Any] = json.loads(bytes(event.body))["detail"]
    assert detail["letter"] == letter.key
    return detail | {"kind": event.kind}


def untold() -> bool:
    """Whether no outcome was written down."""
    return not Event.objects.filter(kind__in=sending.OUTCOMES.values()).exists()


def test_a_letter_that_is_taken_is_sent_once_and_recorded(letter: Letter, settings: LazySettings) -> None:
    with serving(Script(TAKE), settings) as server:
        assert sending.send_due() == {"sent": 1}
        assert sending.send_due() == {}
    assert len(server.heard) == 1
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == (LetterState.SENT, 1)
    said = outcome(letter)
    assert said["kind"] == EventKind.LETTER_SENT and said["message_id"] == server.heard[0]["Message-ID"]
    assert letter.text not in json.dumps(said) and "Why all of it?" not in json.dumps(said)


def test_the_mail_has_text_and_html_and_answers_go_to_a_person(letter: Letter, settings: LazySettings) -> None:
    with serving(Script(), settings) as server:
        sending.send_due()
    mail = server.heard[0]
    assert mail["To"] == "engineer@example.org" and mail["Reply-To"] == "security@example.org"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail["Auto-Submitted"] == "auto-generated" and mail["X-Possible-Repeat"] is None


def test_rm_6_nobody_listening_is_asked_again_each_minute_and_delivered_once(
    letter: Letter, clock: Clock, settings: LazySettings
) -> None:
    refusing(settings)
    waits = []
    for _ in range(5):
        sending.send_due()
        letter.refresh_from_db()
        assert letter.state == LetterState.PENDING
        waits.append((letter.next_attempt_at - clock.moment) // MINUTE)
        assert sending.send_due() == {}
        clock.to(letter.next_attempt_at)
    assert waits == [1, 1, 1, 1, 1] and untold()
    with serving(Script(), settings) as server:
        sending.send_due()
    assert len(server.heard) == 1 and outcome(letter)["attempts"] == 6


def test_rm_6_a_letter_that_is_put_off_waits_longer_each_time(
    letter: Letter, clock: Clock, settings: LazySettings
) -> None:
    waits = []
    with serving(Script("451 Try later"), settings) as server:
        for _ in range(5):
            sending.send_due()
            letter.refresh_from_db()
            waits.append((letter.next_attempt_at - clock.moment) // MINUTE)
            clock.just_before(letter.next_attempt_at)
            assert sending.send_due() == {}
            clock.to(letter.next_attempt_at)
    assert waits == [1, 5, 15, 60, 60] and untold() and len(server.heard) == 5


@pytest.mark.parametrize("code", ["421 Busy", "450 Try later", "451 Oh", "452 Full"])
def test_rm_6_a_temporary_refusal_is_tried_again(
    letter: Letter, clock: Clock, settings: LazySettings, code: str
) -> None:
    with serving(Script(code, TAKE), settings) as server:
        sending.send_due()
        assert untold()
        clock.to(clock.moment + MINUTE)
        sending.send_due()
    assert outcome(letter)["kind"] == EventKind.LETTER_SENT
    assert len({mail["Message-ID"] for mail in server.heard}) == 1


@pytest.mark.parametrize("code", ["550 No such user", "552 Too large", "553 Not allowed"])
def test_rm_7_a_permanent_refusal_fails_and_somebody_else_hears(
    letter: Letter, settings: LazySettings, code: str, cast: Cast
) -> None:
    with serving(Script(at_recipient=code), settings):
        sending.send_due()
    letter.refresh_from_db()
    assert letter.state == LetterState.FAILED and letter.server_said == code
    assert outcome(letter)["undeliverable"] is True
    outbox.announce_all()
    forwarded = Letter.objects.get(state=LetterState.PENDING)
    assert forwarded.recipient == cast.teammate and "Why all of it?" in forwarded.text
    assert "could not be delivered to Erin Ek" in forwarded.text


def test_the_line_of_those_who_hear_has_an_end(letter: Letter, settings: LazySettings) -> None:
    with serving(Script(at_recipient="550 No such user"), settings):
        for _ in range(6):
            sending.send_due()
            outbox.announce_all()
    states = Letter.objects.values_list("recipient__username", "state")
    assert dict(states)["security2"] == LetterState.FAILED and not states.filter(state=LetterState.PENDING).exists()


def test_rm_9_a_line_dropped_after_the_text_is_unknown_and_sent_once_more(
    letter: Letter, clock: Clock, settings: LazySettings
) -> None:
    with serving(Script(DROP, TAKE), settings) as server:
        sending.send_due()
        assert sending.send_due() == {} and untold()
        clock.to(clock.moment + sending.AGAIN)
        sending.send_due()
    first, second = server.heard
    assert first["Message-ID"] == second["Message-ID"] and second["X-Possible-Repeat"] == "yes"
    said = outcome(letter)
    assert said["kind"] == EventKind.LETTER_SENT and said["may_have_come_twice"] is True


def test_rm_9_dropped_twice_the_outcome_stays_unknown(letter: Letter, clock: Clock, settings: LazySettings) -> None:
    with serving(Script(DROP), settings) as server:
        for _ in range(5):
            sending.send_due()
            clock.to(clock.moment + timedelta(hours=1))
    letter.refresh_from_db()
    assert len(server.heard) == 2 and letter.state == LetterState.UNKNOWN
    assert outcome(letter)["kind"] == EventKind.LETTER_UNKNOWN


def test_rm_8_a_server_that_hangs_after_the_text_is_left_after_the_time_out(
    letter: Letter, settings: LazySettings
) -> None:
    with serving(Script(HANG), settings):
        settings.EMAIL_TIMEOUT = 0.3
        begun = time.monotonic()
        sending.send_due()
        assert time.monotonic() - begun < 5
    letter.refresh_from_db()
    assert letter.state == LetterState.SENDING and "lost" in letter.server_said


def test_what_is_put_off_for_three_days_is_given_up(letter: Letter, clock: Clock, settings: LazySettings) -> None:
    with serving(Script("451 Try later"), settings):
        clock.just_before(letter.written_at + sending.LIMIT)
        sending.send_due()
        letter.refresh_from_db()
        assert letter.state == LetterState.PENDING
        clock.to(letter.next_attempt_at)
        sending.send_due()
    assert outcome(letter)["undeliverable"] is True


def test_a_server_that_is_down_for_a_week_costs_no_letter(letter: Letter, clock: Clock, settings: LazySettings) -> None:
    refusing(settings)
    clock.to(letter.written_at + timedelta(days=7))
    sending.send_due()
    assert untold()
    clock.forward(minutes=1)
    with serving(Script(), settings):
        sending.send_due()
    assert outcome(letter)["kind"] == EventKind.LETTER_SENT


def test_a_wrong_password_fails_no_letter(letter: Letter, monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed:
        def open(self) -> None:
            raise smtplib.SMTPAuthenticationError(535, b"wrong password")

        def close(self) -> None:
            pass

    monkeypatch.setattr(delivery, "get_connection", Closed)
    sending.send_due()
    letter.refresh_from_db()
    assert letter.state == LetterState.PENDING and untold()


@pytest.mark.databases
def test_a_claimed_letter_is_nobody_elses_until_its_lease_runs_out(letter: Letter, clock: Clock) -> None:
    assert claiming.claim(letter.pk, clock.moment) is not None
    assert claiming.claim(letter.pk, clock.moment) is None
    clock.just_before(clock.moment + claiming.LEASE)
    assert claiming.claim(letter.pk, clock.moment) is None
    assert claiming.claim(letter.pk, clock.forward(seconds=1)) is not None


@pytest.mark.databases
def test_whoever_lost_the_lease_settles_nothing(letter: Letter, clock: Clock) -> None:
    late = claiming.claim(letter.pk, clock.moment)
    clock.to(clock.moment + claiming.LEASE)
    other = claiming.claim(letter.pk, clock.moment)
    assert late and other
    sending.finish(late, LetterState.FAILED, "too late")
    assert untold()
    sending.finish(other, LetterState.SENT, "Accepted.")
    assert outcome(letter)["kind"] == EventKind.LETTER_SENT


@pytest.mark.databases
def test_rm_8_no_transaction_is_open_while_the_server_is_asked(
    letter: Letter, monkeypatch: pytest.MonkeyPatch, transactional_db: None
) -> None:
    seen = []

    def attempt(letter: Letter, leaves: object, *, repeat: bool) -> Outcome:
        seen.append(connection.in_atomic_block)
        return Outcome(Answer.TAKEN, "Accepted.")

    monkeypatch.setattr(delivery, "attempt", attempt)
    sending.send_due()
    assert seen == [False]


@pytest.mark.databases
def test_rm_3_many_workers_at_once_send_each_letter_once(
    transactional_db: None, cast: Cast, in_review: Walk, settings: LazySettings
) -> None:
    for _ in range(3):
        in_review()
    errors: list[Exception] = []

    def work() -> None:
        try:
            outbox.announce_all()
            sending.send_due()
        except Exception as error:  # told below, in the thread of the test
            errors.append(error)
        finally:
            connection.close()

    with serving(Script(), settings) as server:
        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        work()
    names = [mail["Message-ID"] for mail in server.heard]
    assert not errors and len(names) == len(set(names)) == 9


def test_rm_13_who_left_meanwhile_gets_nothing_and_somebody_else_hears(letter: Letter, cast: Cast) -> None:
    cast.engineer.is_active = False
    cast.engineer.save()
    sending.send_due()
    assert outcome(letter)["undeliverable"] is True
    outbox.announce_all()
    assert Letter.objects.get(state=LetterState.PENDING).recipient == cast.teammate


def test_who_may_not_see_the_packet_any_more_gets_nothing(cast: Cast, in_review: Walk) -> None:
    in_review()
    outbox.announce_all()
    cast.security2.groups.clear()
    sending.send_due()
    states = dict(Letter.objects.values_list("recipient__username", "state"))
    assert states["security"] == LetterState.SENT and states["security2"] == LetterState.FAILED
    assert "may not see" in Letter.objects.get(recipient=cast.security2).server_said


def test_rm_15_a_letter_overtaken_by_events_is_not_sent(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    outbox.announce_all()
    transitions.withdraw(version.pk, seen=Seen.of(version), actor=cast.engineer)
    sending.send_due()
    gone = Letter.objects.filter(event__kind=EventKind.SUBMITTED)
    assert {row.state for row in gone} == {LetterState.FAILED}
    assert all("Not needed any more" in row.server_said for row in gone)
    outbox.announce_all()
    assert not Letter.objects.filter(state=LetterState.PENDING).exists()
