"""A process that dies while it sends: before the text went out nothing is repeated, after it once, and flagged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import LazySettings

from approvals.letters import claiming, sending, settling
from approvals.letters.answers import Answer
from approvals.letters.trial import send_trial
from approvals.models import Event, Letter
from approvals.vocabulary import EventKind
from tests.cast import Cast, Clock
from tests.letters.mailserver import Script, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(cast: Cast, clock: Clock) -> Letter:
    return send_trial(cast.admin)


def outcome() -> dict[str, Any]:
    """The detail of the one event about what became of the letter, with its kind."""
    event = Event.objects.get(kind__in=sending.OUTCOMES.values())
    detail: dict[str, Any] = json.loads(bytes(event.body))["detail"]
    return detail | {"kind": event.kind}


def crash(letter: Letter, clock: Clock, *, text_left: bool) -> None:
    """A process claims the letter and dies, before or after the text went out; its lease runs out."""
    claimed = claiming.claim(letter.pk, clock.moment)
    assert claimed
    if text_left:
        settling.text_leaves(claimed)
    clock.to(clock.moment + claiming.LEASE)


@pytest.mark.databases
def test_rm_2_a_crash_after_the_text_went_out_sends_it_once_more(
    letter: Letter, clock: Clock, settings: LazySettings
) -> None:
    crash(letter, clock, text_left=True)
    with serving(Script(), settings) as server:
        sending.send_due()
        sending.send_due()
    assert len(server.heard) == 1 and server.heard[0]["X-Possible-Repeat"] == "yes"
    said = outcome()
    assert said["may_have_come_twice"] is True
    assert [one["answer"] for one in said["tries"]] == ["", Answer.TAKEN]


@pytest.mark.databases
def test_a_crash_before_the_text_went_out_is_no_repeat_however_often(
    letter: Letter, clock: Clock, settings: LazySettings
) -> None:
    for _ in range(3):
        crash(letter, clock, text_left=False)
    with serving(Script(), settings) as server:
        sending.send_due()
    assert len(server.heard) == 1 and server.heard[0]["X-Possible-Repeat"] is None
    assert outcome()["may_have_come_twice"] is False


def test_crashing_again_and_again_ends_as_unknown(letter: Letter, clock: Clock, settings: LazySettings) -> None:
    for _ in range(2):
        crash(letter, clock, text_left=True)
    with serving(Script(), settings) as server:
        sending.send_due()
    assert outcome()["kind"] == EventKind.LETTER_UNKNOWN and not server.heard
