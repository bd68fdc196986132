"""What is told by webhook, how it is signed, and what stands nowhere: address, secret, answer, typed words."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from standardwebhooks import Webhook, WebhookVerificationError

from approvals import tasks, transitions
from approvals.letters.webhooks import posting, receivers
from approvals.models import Delivery, Event, Packet, Receiver
from approvals.vocabulary import EventKind, LetterState, ReceiverKind
from tests.cast import Cast, Clock, Walk, everything
from tests.webhooks.conftest import Telling, announced, ends_of
from tests.webhooks.receiving import HANG, SECRET_PATH, receiving

pytestmark = pytest.mark.django_db
CHAT = ReceiverKind.CHAT


@pytest.mark.databases
def test_a_receiver_gets_what_happened_signed_and_an_outcome_is_an_event(
    telling: Telling, suspended: Walk, settings: LazySettings
) -> None:
    with receiving(settings) as there:
        secret = telling(there.url)
        version = suspended()
        tasks.send_letters()
    assert [json.loads(heard.body)["type"] for heard in there.heard] == [
        "packet.submitted", "packet.approved", "packet.suspended",
    ]  # fmt: skip
    heard = there.heard[-1]
    assert Webhook(secret).verify(heard.body, heard.headers) == json.loads(heard.body)
    assert json.loads(heard.body)["data"] == {
        "packet": version.packet.reference, "version": 1, "agent": "sentry-dev", "digest": version.digest,
        "by": "Ravi Rao", "in_force_from": f"{version.in_force_from:%Y-%m-%dT%H:%M:%S.%fZ}",
        "ends_at": f"{version.ends_at:%Y-%m-%dT%H:%M:%S.%fZ}",
        "url": f"{settings.PUBLIC_URL}{version.get_absolute_url()}",
    }  # fmt: skip
    sent = Event.objects.filter(kind=EventKind.WEBHOOK_SENT)
    assert sent.count() == 3 and {event.version_id for event in sent} == {version.pk}
    assert not Delivery.objects.exclude(state=LetterState.SENT).exists()
    assert tasks.send_letters()["sent"] == 0 and len(there.heard) == 3


def test_a_chat_gets_a_sentence_and_a_link_and_no_markup_of_a_name(
    telling: Telling, cast: Cast, in_force: Walk, settings: LazySettings
) -> None:
    cast.responder.first_name, cast.responder.last_name = "<!channel>", "[x](http://evil.example) *Rao* @here"
    cast.responder.save()
    version = in_force()
    with receiving(settings) as there:
        telling(there.url, CHAT)
        transitions.suspend(version.packet_id, actor=cast.responder, reason="It deleted *everything* <!here>.")
        tasks.send_letters()
    assert json.loads(there.heard[-1].body) == {
        "text": f"{version} sentry-dev is suspended by channel x http evil example Rao here. "
        f"{settings.PUBLIC_URL}{version.get_absolute_url()}"
    }


def test_no_words_that_somebody_typed_are_told(
    telling: Telling, cast: Cast, in_force: Walk, settings: LazySettings
) -> None:
    with receiving(settings) as there:
        telling(there.url), telling(there.url, CHAT)
        version = in_force(job="Watch the QUAGGA project. Then more.")
        transitions.suspend(version.packet_id, actor=cast.responder, reason="ZANDER")
        transitions.resume(version.packet_id, actor=cast.security, reason="ZANDER")
        transitions.revoke(version.packet_id, actor=cast.security, reason="ZANDER")
        tasks.send_letters()
    told = b"".join(heard.body for heard in there.heard)
    assert len(there.heard) == 10 and b"QUAGGA" not in told and b"ZANDER" not in told


def test_an_old_message_is_refused_by_whoever_verifies(
    telling: Telling, in_review: Walk, clock: Clock, settings: LazySettings
) -> None:
    clock.to(datetime.now(UTC) - timedelta(minutes=6))
    with receiving(settings) as there:
        secret = telling(there.url)
        in_review(starts=None, ends=clock.now() + timedelta(days=30))
        tasks.send_letters()
    heard = there.heard[0]
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(heard.body, heard.headers)


def test_both_secrets_sign_for_a_day_after_a_change(
    telling: Telling, cast: Cast, in_force: Walk, clock: Clock, settings: LazySettings
) -> None:
    now = datetime.now(UTC)
    clock.to(now - timedelta(days=1))
    with receiving(settings) as there:
        old = telling(there.url)
        row = Receiver.objects.get()
        new = receivers.rotate(ReceiverKind.MACHINE, actor=cast.admin, seen=receivers.seen_of(row))
        clock.just_before(now)
        version = in_force(ends=now + timedelta(days=30))
        tasks.send_letters()
        clock.to(now)
        transitions.suspend(version.packet_id, actor=cast.responder, reason="It looped.")
        tasks.send_letters()
    during, after = there.heard[0], there.heard[-1]
    for secret in (old, new):
        Webhook(secret).verify(during.body, during.headers)
    Webhook(new).verify(after.body, after.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(after.body, after.headers)


def test_a_reminder_of_several_people_is_one_message(
    telling: Telling, in_force: Walk, cast: Cast, clock: Clock, settings: LazySettings
) -> None:
    with receiving(settings) as there:
        telling(there.url)
        version = in_force()
        clock.to(ends_of(version) - timedelta(days=7))
        tasks.flag_expiring()
        transitions.flag_expiring(version, 7, ["somebody else"])
        kinds = [json.loads(one.body)["type"] for one in announced()]
    assert kinds.count("packet.ends_soon") == 1


def test_ws_21_address_secret_and_answer_stand_nowhere(
    telling: Telling, cast: Cast, in_force: Walk, clock: Clock, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with receiving(settings, 500, HANG, 302, 200) as there:
        secret = telling(there.url)
        version = in_force()
        rotated = receivers.rotate(
            ReceiverKind.MACHINE, actor=cast.admin, seen=receivers.seen_of(Receiver.objects.get())
        )
        posting_patience, posting.LONGEST = posting.LONGEST, 0.3
        try:
            for _ in range(4):
                tasks.send_letters()
                clock.forward(minutes=10)
        finally:
            posting.LONGEST = posting_patience
    assert len(there.heard) > 3 and Packet.objects.contains(version.packet)
    kept = repr(everything()) + "".join(bytes(body).decode() for body in Event.objects.values_list("body", flat=True))
    for hidden in (
        "T0KEN",
        SECRET_PATH,
        secret,
        rotated,
        secret.removeprefix("whsec_"),
        rotated.removeprefix("whsec_"),
    ):
        assert hidden not in kept and hidden not in caplog.text, hidden
    assert f"127.0.0.1:{there.port}" in kept
