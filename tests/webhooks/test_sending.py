"""Webhooks are owed as letters are: written with their event, at least once, under the same webhook-id."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection, transaction

from approvals import tasks, transitions
from approvals.letters import claiming, outbox
from approvals.letters.webhooks import posting, receivers, sending
from approvals.models import Delivery, Event, Letter, Receiver
from approvals.vocabulary import EventKind, LetterState, ReceiverKind
from tests.cast import Cast, Clock, Walk
from tests.webhooks.conftest import Telling, announced, ends_of
from tests.webhooks.receiving import BREAK_OFF, DRIP, HANG, HERE, receiving

pytestmark = pytest.mark.django_db
CHAT = ReceiverKind.CHAT


def outcome() -> dict[str, Any]:
    """The detail of the one event about what became of a webhook, with its kind."""
    event = Event.objects.get(kind__in=sending.OUTCOMES.values())
    detail: dict[str, Any] = json.loads(bytes(event.body))["detail"]
    return detail | {"kind": event.kind}


@pytest.mark.databases
def test_a_transaction_that_is_rolled_back_leaves_nothing_owed(
    telling: Telling, cast: Cast, in_force: Walk, settings: LazySettings
) -> None:
    with receiving(settings) as there:
        telling(there.url)
        version = in_force()
        tasks.send_letters()
        before = len(there.heard), Delivery.objects.count()
        with pytest.raises(RuntimeError), transaction.atomic():
            transitions.suspend(version.packet_id, actor=cast.responder, reason="It looped.")
            outbox.announce_all()
            raise RuntimeError("the server lost its power")
        tasks.send_letters()
    assert (len(there.heard), Delivery.objects.count()) == before


def test_announcing_again_owes_nothing_twice(telling: Telling, in_force: Walk, settings: LazySettings) -> None:
    with receiving(settings) as there:
        telling(there.url)
        in_force()
        first = announced()
        assert announced() == first and len({delivery.webhook_id for delivery in first}) == len(first) == 2


@pytest.mark.parametrize("trouble", [500, 503, 404, 302, HANG, DRIP, BREAK_OFF])
def test_what_is_not_accepted_is_sent_again_under_the_same_id(
    telling: Telling,
    in_review: Walk,
    clock: Clock,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
    trouble: int | str,
) -> None:
    monkeypatch.setattr(posting, "LONGEST", 0.3)
    with receiving(settings, trouble, 204) as there:
        secret = telling(there.url)
        in_review()
        outbox.announce_all()
        sending.send_due()
        delivery = Delivery.objects.get()
        assert delivery.state == LetterState.PENDING and not delivery.undelivered
        assert not Event.objects.filter(kind__in=sending.OUTCOMES.values()).exists()
        clock.just_before(delivery.next_attempt_at)
        assert not sending.send_due()
        clock.to(delivery.next_attempt_at)
        sending.send_due()
    first, second = there.heard
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery.webhook_id
    assert first.body == second.body and first.headers["webhook-timestamp"] < second.headers["webhook-timestamp"]
    assert outcome()["kind"] == EventKind.WEBHOOK_SENT and outcome()["attempts"] == 2
    assert outcome()["may_have_come_twice"] is (trouble in (HANG, DRIP, BREAK_OFF))
    statuses = list(delivery.tries.values_list("status", flat=True))
    assert statuses == [trouble if isinstance(trouble, int) else None, 204]
    assert secret


def test_nobody_who_listens_is_asked_later_and_given_up_after_a_day(
    telling: Telling, cast: Cast, in_review: Walk, clock: Clock, settings: LazySettings
) -> None:
    with receiving(settings) as there:
        telling(there.url)
    in_review()
    settings.WEBHOOK_ALLOWED_NETWORKS = [HERE]
    delivery = announced()[0]
    waits = []
    while delivery.state == LetterState.PENDING:
        clock.to(delivery.next_attempt_at)
        sending.send_due()
        delivery.refresh_from_db()
        waits.append(delivery.next_attempt_at - clock.moment)
    assert [wait.total_seconds() // 60 for wait in waits[:5]] == [1, 5, 15, 60, 60]
    assert delivery.state == LetterState.FAILED and delivery.undelivered
    assert timedelta(days=1) <= clock.moment - delivery.written_at < timedelta(days=1, hours=1)
    assert "Given up after a day: Nobody listens there" in outcome()["server_said"]
    tasks.send_letters()
    assert not Letter.objects.filter(event__kind=EventKind.WEBHOOK_FAILED).exists()


def test_gone_is_taken_as_an_answer_at_once(telling: Telling, in_review: Walk, settings: LazySettings) -> None:
    with receiving(settings, 410) as there:
        telling(there.url)
        in_review()
        tasks.send_letters()
    assert Delivery.objects.get().undelivered and outcome()["kind"] == EventKind.WEBHOOK_FAILED


def test_when_nobody_knows_for_a_day_it_says_so(
    telling: Telling, in_review: Walk, clock: Clock, settings: LazySettings
) -> None:
    with receiving(settings, BREAK_OFF) as there:
        telling(there.url)
        in_review()
        delivery = announced()[0]
        clock.to(delivery.written_at + sending.LIMIT)
        sending.send_due()
    assert outcome()["kind"] == EventKind.WEBHOOK_UNKNOWN
    delivery.refresh_from_db()
    assert delivery.undelivered and delivery.state == LetterState.UNKNOWN


@pytest.mark.databases
def test_what_a_dead_process_held_is_sent_when_its_lease_runs_out(
    telling: Telling, in_review: Walk, clock: Clock, settings: LazySettings
) -> None:
    with receiving(settings) as there:
        telling(there.url)
        in_review()
        delivery = announced()[0]
        assert claiming.claim_delivery(delivery.pk, clock.moment)
        assert claiming.claim_delivery(delivery.pk, clock.moment) is None
        clock.just_before(clock.moment + claiming.LEASE)
        assert not sending.send_due()
        clock.forward(seconds=1)
        assert sending.send_due()["sent"] == 1
    assert len(there.heard) == 1


def test_one_that_does_not_answer_holds_neither_a_letter_nor_the_other_receiver(
    telling: Telling, cast: Cast, in_force: Walk, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "LONGEST", 0.3)
    with receiving(settings, HANG) as slow, receiving(settings) as quick:
        telling(slow.url), telling(quick.url, CHAT)
        in_force()
        began = time.monotonic()
        counts = tasks.send_letters()
        assert time.monotonic() - began < 3
        assert not Letter.objects.exclude(state=LetterState.SENT).exists()
        assert len(slow.heard) == 1 and len(quick.heard) == 2, "the slow one was asked once, the other told everything"
        assert counts["pending"] == 1


def test_no_transaction_is_open_while_a_receiver_is_spoken_to(
    telling: Telling, in_review: Walk, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    depths: list[int] = []
    real = posting.post

    def watched(*given: Any) -> Any:
        depths.append(len(connection.savepoint_ids))
        return real(*given)

    monkeypatch.setattr(posting, "post", watched)
    with receiving(settings) as there:
        telling(there.url)
        in_review()
        outbox.announce_all()
        outside = len(connection.savepoint_ids)
        sending.send_due()
    assert depths == [outside]


def test_what_is_overtaken_is_not_sent(
    telling: Telling, in_force: Walk, cast: Cast, clock: Clock, settings: LazySettings
) -> None:
    with receiving(settings) as there:
        telling(there.url)
        version = in_force()
        tasks.send_letters()
        clock.to(ends_of(version) - timedelta(days=7))
        tasks.flag_expiring()
        owed = announced()[-1]
        assert json.loads(owed.body)["data"]["days"] == 7
        clock.to(ends_of(version))
        sending.send_due()
        owed.refresh_from_db()
        assert owed.state == LetterState.FAILED and not owed.undelivered
        assert owed.server_said.startswith("Not needed any more")
    assert "packet.ends_soon" not in {json.loads(heard.body)["type"] for heard in there.heard}


def test_a_receiver_that_is_off_is_owed_nothing(
    telling: Telling, cast: Cast, in_review: Walk, in_force: Walk, settings: LazySettings
) -> None:
    with receiving(settings) as there:
        telling(there.url)
        in_review()
        pending = announced()
        row = Receiver.objects.get()
        receivers.switch(ReceiverKind.MACHINE, on=False, actor=cast.admin, seen=receivers.seen_of(row))
        in_force(agent="another-bot")
        tasks.send_letters()
    assert not there.heard and announced() == pending
    assert not Delivery.objects.get().undelivered


def test_with_another_key_nothing_is_sent_and_nothing_is_lost(
    telling: Telling, cast: Cast, in_review: Walk, clock: Clock, settings: LazySettings
) -> None:
    with receiving(settings) as there:
        telling(there.url)
        in_review()
        settings.SECRET_KEY = "another key of this installation, long enough"
        tasks.send_letters()
        delivery = Delivery.objects.get()
        assert not there.heard and "SECRET_KEY is not the one" in delivery.server_said
        secret = telling(there.url)
        clock.to(delivery.next_attempt_at + timedelta(hours=1))
        tasks.send_letters()
        assert secret and len(there.heard) == 1
