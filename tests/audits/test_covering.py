"""The proof card of Why?: which checkpoint, and whether one over these events has left to be held against it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals import validity
from approvals.letters import outbox
from approvals.models import Letter
from audits import covering, note, sealing
from audits.models import Checkpoint
from portal.models import User
from tests.audits.reading import QUESTION, signed_in, text_of
from tests.cast import Cast, Clock, Walk

pytestmark = pytest.mark.django_db


def card(person: User) -> str:
    page = text_of(signed_in(person).get("/why/", QUESTION))
    return page.partition('id="proof"')[2].partition("</section>")[0]


@pytest.fixture
def sealed(cast: Cast, clock: Clock, in_force: Walk) -> Any:
    """A packet in force, under a checkpoint; the clock goes on."""
    version = in_force()
    clock.forward(hours=1)
    sealing.seal()
    clock.forward(minutes=3)
    return version


def mailed(clock: Clock) -> None:
    outbox.announce_all()
    clock.forward(minutes=1)
    Letter.objects.exclude(state="sent").update(state="sent", settled_at=validity.now())


def test_before_any_left_the_card_says_so(cast: Cast, clock: Clock, sealed: Any) -> None:
    assert "No e-mail with a checkpoint over them has left yet." in card(cast.auditor)
    assert "No e-mail to you with a checkpoint over them has left yet." in card(cast.engineer)
    outbox.announce_all()
    assert Letter.objects.exists() and "has left yet" in card(cast.auditor), "written is not sent"


@pytest.mark.databases
def test_the_card_names_the_first_e_mail_that_left_and_what_it_says_is_compared(
    cast: Cast, clock: Clock, sealed: Any, in_review: Walk
) -> None:
    mailed(clock)
    point = note.read(str(Checkpoint.objects.all()[0].note))
    first = Letter.objects.order_by("written_at", "pk")[0]
    said = card(cast.auditor)
    assert "The record kept here matches the checkpoint e-mailed on" in said and "10:04" in said
    assert f"to {first.recipient.printed_name}, over {point.size} events" in said
    assert f'href="/letters/{first.pk}/"' in said
    assert "Check it yourself" in said and "This page cannot show that." in said
    assert "to you, over" in card(cast.engineer) and "the first of yours" in card(cast.engineer)
    clock.forward(days=1)
    in_review()
    sealing.seal()
    mailed(clock)
    assert "10:04" in card(cast.auditor), "later ones change nothing"


def test_a_checkpoint_that_was_not_looked_for_is_not_said_to_match(
    cast: Cast, clock: Clock, sealed: Any, in_review: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_review()
    sealing.seal()
    mailed(clock)
    assert "The record kept here matches" in card(cast.auditor)
    monkeypatch.setattr(covering, "HELD_AGAINST", 1)
    said = card(cast.auditor)
    assert "Hold the record against the checkpoint e-mailed on" in said and "match" not in said


def test_a_record_that_does_not_match_what_was_mailed_is_said_not_to(cast: Cast, clock: Clock, sealed: Any) -> None:
    mailed(clock)
    for letter in Letter.objects.all():
        rest, foot, (origin, size, root, *more) = _foot(letter.text)
        Letter.objects.filter(pk=letter.pk).update(text=f"{rest}{foot}{origin} {size} {'A' * 43}= {' '.join(more)}")
        assert root
    assert "<b>The record kept here does not match</b> the checkpoint e-mailed on" in card(cast.auditor)


def _foot(text: str) -> tuple[str, str, list[str]]:
    rest, foot, tail = text.partition("Checkpoint of the record: ")
    return rest, foot, tail.split()


def test_what_the_card_costs_does_not_grow_with_the_e_mails(cast: Cast, clock: Clock, sealed: Any) -> None:
    mailed(clock)

    reader = signed_in(cast.auditor)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert "e-mailed on" in text_of(reader.get("/why/", QUESTION))
        return len(asked)

    few, letter = cost(), Letter.objects.all()[0]
    for number in range(50):
        letter.pk, letter.key = None, f"more-{number}"
        letter._state.adding = True
        letter.save()
    assert cost() == few <= 10
