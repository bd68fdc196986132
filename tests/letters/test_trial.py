"""The test e-mail: to oneself alone, and by the same way as every other."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client

from approvals import tasks
from approvals.letters.trial import send_trial
from approvals.models import Event, Letter
from approvals.vocabulary import EventKind, LetterState
from tests.cast import Cast, Clock, no_trace, refused
from tests.letters.mailserver import Script, serving

pytestmark = pytest.mark.django_db


def ask(cast: Cast, name: str = "admin") -> str:
    """Press the button; the page one is led to."""
    client = Client()
    client.force_login(getattr(cast, name))
    answer = client.post("/letters/try/", follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_goes_to_whoever_asks_and_its_page_says_what_became_of_it(cast: Cast, settings: LazySettings) -> None:
    assert "Waiting to be sent" in ask(cast) and "The test e-mail is written." in ask(cast, "engineer")
    with serving(Script(), settings) as server:
        assert tasks.send_letters()["sent"] == 2
    assert {mail["To"] for mail in server.heard} == {"admin@example.org", "engineer@example.org"}
    client = Client()
    client.force_login(cast.admin)
    page = client.get(f"/letters/{Letter.objects.get(recipient=cast.admin).pk}/").content.decode()
    assert "Accepted by the mail server" in page and Letter.objects.count() == 2


def test_asking_again_within_the_minute_writes_no_second_one(cast: Cast, clock: Clock) -> None:
    first = send_trial(cast.admin)
    clock.forward(seconds=59)
    with no_trace():
        assert send_trial(cast.admin) == first
    clock.forward(seconds=1)
    assert send_trial(cast.admin) != first
    assert Event.objects.filter(kind=EventKind.LETTER_TRIED).count() == 2


def test_without_an_address_it_is_refused_and_nothing_is_written(cast: Cast) -> None:
    cast.admin.email = "nobody"
    cast.admin.save()
    with no_trace(), refused("no_address"):
        send_trial(cast.admin)
    assert "has no e-mail address" in ask(cast)


def test_a_test_that_nobody_delivers_is_told_to_nobody_else(cast: Cast, settings: LazySettings) -> None:
    send_trial(cast.admin)
    with serving(Script(at_recipient="550 No such user"), settings):
        tasks.send_letters()
        tasks.send_letters()
    assert Letter.objects.get().state == LetterState.FAILED
