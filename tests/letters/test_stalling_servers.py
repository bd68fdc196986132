"""A mail server that hangs, at every step and one byte at a time: the worker is free soon, and nothing is lost."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.conf import LazySettings

from approvals.letters import conversation, sending
from approvals.letters.answers import Answer
from approvals.letters.trial import send_trial
from approvals.models import Letter
from approvals.vocabulary import LetterState
from tests.cast import Cast, Clock
from tests.letters.mailserver import Script, serving
from tests.letters.stalling import STAGES, stalling

pytestmark = pytest.mark.django_db
UNSURE = ("DATA", "text")  # from the command on, the text may have arrived


@pytest.fixture
def letter(cast: Cast, clock: Clock) -> Letter:
    return send_trial(cast.admin)


def sent_within(seconds: float) -> None:
    begun = time.monotonic()
    sending.send_due()
    assert time.monotonic() - begun < seconds


@pytest.mark.parametrize("stage", STAGES)
def test_rm_8_a_server_that_hangs_costs_one_time_out_and_no_letter(
    letter: Letter, clock: Clock, settings: LazySettings, stage: str
) -> None:
    with stalling(settings, stage) as server:
        settings.EMAIL_TIMEOUT = 0.2
        sent_within(2)
        assert server.asked == 1
    letter.refresh_from_db()
    attempt = letter.tries.get()
    assert (attempt.text_left_at is not None) is (attempt.answer == Answer.UNKNOWN) is (stage in UNSURE)
    assert letter.state == (LetterState.SENDING if stage in UNSURE else LetterState.PENDING)
    clock.forward(minutes=1)
    with serving(Script(), settings) as healthy:
        sending.send_due()
    assert len(healthy.heard) == 1 and (healthy.heard[0]["X-Possible-Repeat"] == "yes") is (stage in UNSURE)


@pytest.mark.parametrize("stage", ["connect", "RCPT", "text"])
def test_rm_8_one_byte_at_a_time_is_hung_up_on(
    letter: Letter, settings: LazySettings, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "LONGEST", 0.4)
    with stalling(settings, stage, drip=0.05):
        settings.EMAIL_TIMEOUT = 5
        sent_within(2)
    assert "had not finished after 0.4 seconds" in letter.tries.get().said


def test_rm_8_a_letter_that_hangs_does_not_hold_the_next(
    letter: Letter, cast: Cast, clock: Clock, settings: LazySettings
) -> None:
    other = send_trial(cast.engineer)
    with stalling(settings, "RCPT") as server:
        settings.EMAIL_TIMEOUT = 0.2
        sent_within(3)
        assert server.asked == 2
    with serving(Script(), settings) as healthy:
        sending.send_due()
        clock.to(clock.moment + timedelta(minutes=1))
        sending.send_due()
    assert {mail["To"] for mail in healthy.heard} == {letter.address, other.address}
