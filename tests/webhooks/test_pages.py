"""The pages of webhooks: who may look, who may change, what is shown once, and what is never shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings

from approvals import tasks
from approvals.letters import outbox
from approvals.letters.webhooks import receivers
from approvals.models import Delivery, Event, Letter, Receiver
from approvals.vocabulary import EventKind, LetterState, ReceiverKind
from portal.set_up import beside
from tests.cast import Cast, Walk, no_trace, refused
from tests.pages.asking import signed_in
from tests.pages.test_statements import statements
from tests.webhooks.conftest import Telling
from tests.webhooks.receiving import HANG, SECRET_PATH, receiving

pytestmark = pytest.mark.django_db
PUBLIC = "https://93.184.216.34/services/T0KEN-nobody-may-see"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page runs beside itself is run at once: another thread would wait for this test's transaction."""

    def start(key: str, test: Callable[[], Any]) -> Any:
        return test()

    monkeypatch.setattr(beside, "start", start)


def shown(person: Any, address: str = "/webhooks/") -> str:
    answer = signed_in(person).get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def post(person: Any, what: str, kind: str = "machine", **form: Any) -> Any:
    row = Receiver.objects.filter(kind=kind).first()
    return signed_in(person).post(f"/webhooks/{kind}/{what}/", {"seen": receivers.seen_of(row), **form})


def test_setting_an_address_shows_the_secret_once_and_the_address_never(cast: Cast) -> None:
    answer = post(cast.admin, "address", url=PUBLIC)
    page = answer.content.decode()
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    secret = page.partition("whsec_")[2].partition("<")[0]
    assert len(secret) == 44 and "T0KEN" not in page
    for address in ("/webhooks/", "/record/", "/webhooks/deliveries/"):
        page = shown(cast.admin, address)
        assert secret not in page and "T0KEN" not in page
    assert "93.184.216.34" in shown(cast.security)


def test_sent_again_the_form_changes_nothing(cast: Cast) -> None:
    client = signed_in(cast.admin)
    assert client.post("/webhooks/machine/address/", {"seen": 0, "url": PUBLIC}).status_code == 200
    with no_trace():
        assert client.post("/webhooks/machine/address/", {"seen": 0, "url": PUBLIC}).status_code == 409


def test_a_change_is_an_event_and_an_e_mail_to_security_and_administrators(cast: Cast) -> None:
    other = cast.person("second", "Administrators")
    post(cast.admin, "address", url=PUBLIC)
    post(cast.admin, "secret")
    post(cast.admin, "off")
    outbox.announce_all()
    assert Event.objects.filter(kind=EventKind.WEBHOOK_CHANGED, actor=cast.admin).count() == 3
    written = Letter.objects.filter(event__kind=EventKind.WEBHOOK_CHANGED)
    assert set(written.values_list("recipient__username", flat=True)) == {"security", "security2", other.username}
    told = [letter.text for letter in written.filter(recipient=cast.security).order_by("pk")]
    assert "Changed: address, signing secret" in told[0] and "Changed: signing secret" in told[1]
    assert "Switched off" in told[2] and not any("T0KEN" in text or "whsec" in text for text in told)


@pytest.mark.parametrize("name", ["engineer", "outsider", "auditor", "responder"])
def test_others_see_nothing_and_change_nothing(cast: Cast, name: str) -> None:
    post(cast.admin, "address", url=PUBLIC)
    client = signed_in(getattr(cast, name))
    for address in ("/webhooks/", "/webhooks/deliveries/", "/webhooks/deliveries/1/"):
        assert client.get(address).status_code == 403
    with no_trace():
        for what in ("address", "secret", "off", "on", "test"):
            assert post(getattr(cast, name), what, url=PUBLIC).status_code == 403


def test_security_looks_and_changes_nothing(cast: Cast) -> None:
    post(cast.admin, "address", url=PUBLIC)
    page = shown(cast.security)
    assert "Change the address" not in page and "Send a test" not in page
    with no_trace():
        for what in ("address", "secret", "off", "test"):
            assert post(cast.security, what, url=PUBLIC).status_code == 403


def test_the_verbs_ask_who_it_is_themselves(cast: Cast) -> None:
    for act in (
        lambda: receivers.set_up(ReceiverKind.MACHINE, PUBLIC, actor=cast.security, seen=0),
        lambda: receivers.write_trial(ReceiverKind.MACHINE, actor=cast.auditor),
    ):
        with no_trace(), refused("not_you"):
            act()


def test_what_is_not_there_cannot_be_changed(cast: Cast) -> None:
    with no_trace():
        for what in ("secret", "off", "test"):
            assert post(cast.admin, what).status_code == 409
        assert post(cast.admin, "address", url="https://10.0.0.1/x").status_code == 422
        assert post(cast.admin, "everything").status_code == 404
        assert post(cast.admin, "address", kind="pager", url=PUBLIC).status_code == 404


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (200, "The receiver accepted it."),
        (500, "It answered 500."),
        (HANG, "Nobody knows whether this message arrived."),
    ],
)
def test_the_test_button_says_honestly_what_was_answered(
    cast: Cast, telling: Telling, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, answer: Any, says: str
) -> None:
    monkeypatch.setattr("approvals.letters.webhooks.posting.LONGEST", 0.3)
    with receiving(settings, answer) as there:
        telling(there.url)
        page = signed_in(cast.admin).post("/webhooks/machine/test/", follow=True).content.decode()
        tasks.send_letters()
    assert says in page and "T0KEN" not in page and SECRET_PATH not in page
    assert len(there.heard) == 1, "a test is not sent again"
    delivery = Delivery.objects.get()
    assert not delivery.undelivered and str(delivery.server_said) in shown(cast.admin)


def test_what_reached_nobody_stands_on_home_for_security_and_in_the_log(
    cast: Cast, telling: Telling, in_review: Walk, settings: LazySettings
) -> None:
    with receiving(settings, 410) as there:
        telling(there.url, ReceiverKind.CHAT)
        version = in_review()
        tasks.send_letters()
    delivery = Delivery.objects.get()
    for person in (cast.security, cast.admin):
        assert f"/webhooks/deliveries/{delivery.pk}/" in shown(person, "/")
        assert str(version) in shown(person, "/webhooks/deliveries/?show=undelivered")
    assert "/webhooks/" not in shown(cast.engineer, "/")
    page = shown(cast.security, f"/webhooks/deliveries/{delivery.pk}/")
    assert "Refused for good" in page and "nothing is wanted there any more" in page


def test_the_log_is_read_page_by_page(cast: Cast, telling: Telling) -> None:
    receivers.set_up(ReceiverKind.MACHINE, PUBLIC, actor=cast.admin, seen=0)
    few = 3
    trials = [receivers.write_trial(ReceiverKind.MACHINE, actor=cast.admin) for _ in range(few)]
    before = statements(cast.security, "/webhooks/deliveries/")
    trials += [receivers.write_trial(ReceiverKind.MACHINE, actor=cast.admin) for _ in range(60)]
    assert statements(cast.security, "/webhooks/deliveries/") == before
    page = shown(cast.security, "/webhooks/deliveries/")
    assert f"?before={trials[-25].pk}" in page and f"/deliveries/{trials[-26].pk}/" not in page
    page = shown(cast.security, f"/webhooks/deliveries/?before={trials[-25].pk}")
    assert f"/deliveries/{trials[-26].pk}/" in page and f"?after={trials[-26].pk}" in page
    assert signed_in(cast.security).get("/webhooks/deliveries/?before=x").status_code == 404
    statements(cast.admin, "/webhooks/")
    statements(cast.admin, f"/webhooks/deliveries/{trials[0].pk}/")


def test_health_and_metrics_count_what_has_not_left(
    cast: Cast, telling: Telling, in_review: Walk, clock: Any, settings: LazySettings
) -> None:
    from portal.health import metrics

    with receiving(settings, 500) as there:
        telling(there.url)
        in_review()
        tasks.send_letters()
    assert Delivery.objects.get().state == LetterState.PENDING
    assert "approvals_webhooks_unsent 1.0" in metrics.text().decode()
    clock.forward(minutes=31)
    told = metrics.text().decode()
    assert "approvals_oldest_unsent_webhook_seconds 1860.0" in told and 'approvals_late{part="webhooks"} 1.0' in told
    assert "the oldest that has not left" in shown(cast.security, "/health/")
