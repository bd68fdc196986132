"""The Letters page: who sees which letter, in words, and as many statements for one as for a thousand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from approvals import tasks, transitions
from approvals.letters import claiming, outbox, sending
from approvals.models import Letter
from approvals.pages import letters as pages
from approvals.transitions import Seen
from approvals.vocabulary import LetterState
from portal.models import User
from tests.cast import Cast, Clock, Walk
from tests.letters.mailserver import DROP, Script, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(cast: Cast, in_review: Walk) -> Letter:
    """A letter to the owner about a question with markup in it."""
    version = in_review()
    transitions.ask(version.pk, "Why <script>alert(1)</script> all?", actor=cast.security)
    outbox.announce_all()
    return Letter.objects.get(recipient=cast.engineer)


def get(person: User | None, address: str, status: int = 200) -> str:
    client = Client()
    if person:
        client.force_login(person)
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def test_ones_own_letter_stands_there_in_words(cast: Cast, asked: Letter) -> None:
    page = get(cast.engineer, "/letters/?show=mine")
    assert asked.subject in page and "Waiting to be sent" in page
    assert "waits for your signature" not in page


def test_the_text_is_shown_and_never_run(cast: Cast, asked: Letter) -> None:
    page = get(cast.engineer, f"/letters/{asked.pk}/")
    assert "Why &lt;script&gt;alert(1)&lt;/script&gt; all?" in page and "<script>alert" not in page
    assert "engineer@example.org" in page and "Message-ID" in page


@pytest.mark.parametrize("name", ["teammate", "security", "auditor"])
def test_who_may_see_the_packet_may_see_its_letters(cast: Cast, asked: Letter, name: str) -> None:
    assert asked.subject in get(getattr(cast, name), "/letters/")
    get(getattr(cast, name), f"/letters/{asked.pk}/")


def test_the_words_are_for_the_reader_and_for_who_sees_every_packet(cast: Cast, asked: Letter) -> None:
    """A stop may name other packets, those its recipient may see; somebody else on this one reads only what became."""
    written = "alert(1)"
    assert written in get(cast.engineer, f"/letters/{asked.pk}/")
    assert written in get(cast.auditor, f"/letters/{asked.pk}/")
    page = get(cast.teammate, f"/letters/{asked.pk}/")
    assert "its words are for its reader" in page
    assert written not in page


def test_an_outsider_sees_nothing(cast: Cast, asked: Letter) -> None:
    assert asked.subject not in get(cast.outsider, "/letters/")
    get(cast.outsider, f"/letters/{asked.pk}/", 404)


def test_a_letter_that_was_not_sent_for_want_of_sight_is_not_read_here_instead(cast: Cast, in_force: Walk) -> None:
    """A stop is told to the whole team; who has left it since gets no letter, and no page with its words either."""
    version = in_force()
    transitions.suspend(version.packet_id, actor=cast.responder, reason="It leaked the customer list.")
    outbox.announce_all()
    cast.engineer.groups.clear()
    cast.teammate.groups.clear()
    newcomer = cast.person("newcomer", "Web platform")
    transitions.resume(version.packet_id, actor=cast.security, reason="Mended.")
    outbox.announce_all()
    newcomer.groups.clear()
    letter = Letter.objects.get(recipient=newcomer)
    for _ in range(2):
        assert letter.subject not in get(newcomer, "/letters/?show=mine")
        get(newcomer, f"/letters/{letter.pk}/", 404)
        sending.send_due()
    letter.refresh_from_db()
    assert letter.state == LetterState.FAILED
    sent = Letter.objects.get(recipient=cast.teammate, subject__contains="resumed")
    assert sent.state == LetterState.SENT, "the rollback owner still sees the packet"


def test_anonymous_people_sign_in_first(asked: Letter) -> None:
    get(None, "/letters/", 302)
    get(None, f"/letters/{asked.pk}/", 302)


@pytest.mark.parametrize("address", ["?before=x", "?after=-1", "?before=99999999999999999999", "9223372036854775808/"])
def test_what_is_no_key_is_not_found(cast: Cast, address: str) -> None:
    get(cast.engineer, f"/letters/{address}", 404)


def test_looking_changes_nothing_and_posting_is_refused(cast: Cast, asked: Letter) -> None:
    client = Client()
    client.force_login(cast.engineer)
    assert client.post("/letters/").status_code == 405
    asked.refresh_from_db()
    assert asked.state == LetterState.PENDING


def test_every_empty_list_says_what_will_stand_there(cast: Cast) -> None:
    for view in pages.VIEWS:
        assert "will stand here" in (page := get(cast.engineer, f"/letters/?show={view}")) or "letter" in page


def test_undelivered_letters_have_a_list_of_their_own(cast: Cast, asked: Letter, settings: LazySettings) -> None:
    fail(asked, settings)
    page = get(cast.security, "/letters/?show=undelivered")
    assert asked.subject in page and "550 No such user" in page and "waits for your signature" not in page


def fail(letter: Letter, settings: LazySettings) -> None:
    """The mail server knows no such user; nothing else is due."""
    Letter.objects.exclude(pk=letter.pk).update(next_attempt_at=letter.next_attempt_at + timedelta(days=1))
    with serving(Script(at_recipient="550 No such user"), settings):
        sending.send_due()
    letter.refresh_from_db()


def test_rm_13_what_reached_nobody_stands_on_home_for_security_and_nobody_else(
    cast: Cast, asked: Letter, settings: LazySettings
) -> None:
    assert "E-mails that reached nobody" not in get(cast.security, "/")
    fail(asked, settings)
    for person in (cast.security, cast.admin):
        page = get(person, "/")
        assert "E-mails that reached nobody" in page and "550 No such user" in page and "engineer@example.org" in page
    for person in (cast.engineer, cast.auditor):
        assert "E-mails that reached nobody" not in get(person, "/")


def test_what_was_not_needed_any_more_is_not_undelivered(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    outbox.announce_all()
    transitions.withdraw(version.pk, seen=Seen.of(version), actor=cast.engineer)
    sending.send_due()
    assert "Not needed any more" not in get(cast.security, "/letters/?show=undelivered")
    letter = Letter.objects.filter(recipient=cast.security, state=LetterState.FAILED).latest("pk")
    page = get(cast.security, f"/letters/{letter.pk}/")
    assert "This e-mail was not sent." in page and "was not delivered" not in page
    assert "reached nobody" not in get(cast.security, "/")


def test_each_attempt_stands_there_with_what_the_server_said_and_no_more(
    cast: Cast, clock: Clock, asked: Letter, settings: LazySettings
) -> None:
    Letter.objects.exclude(pk=asked.pk).update(next_attempt_at=clock.moment + timedelta(days=1))
    with serving(Script("451 Try later", DROP, "250 2.0.0 queued as 4F12"), settings):
        for _ in range(3):
            sending.send_due()
            clock.forward(minutes=2)
    page = get(cast.engineer, f"/letters/{asked.pk}/")
    for words in ("451 Try later", "Put off by the mail server", "No answer: it may have arrived",
                  "250 2.0.0 queued as 4F12", "Accepted by the mail server"):  # fmt: skip
        assert words in page
    assert "Delivered" not in page and asked.version
    packet = get(cast.security, asked.version.get_absolute_url())
    assert "3 attempts" in packet and "250 2.0.0 queued as 4F12" in packet


def test_an_attempt_that_was_broken_off_is_said_to_be(cast: Cast, clock: Clock, asked: Letter) -> None:
    assert claiming.claim(asked.pk, clock.moment)
    assert "Being sent" in get(cast.engineer, f"/letters/{asked.pk}/")
    claiming.claim(asked.pk, clock.forward(minutes=10))
    assert "Broken off before its text went out" in get(cast.engineer, f"/letters/{asked.pk}/")


def test_an_e_mail_about_several_ends_stands_on_each_packets_page(cast: Cast, clock: Clock, in_force: Walk) -> None:
    end = clock.moment + timedelta(days=31)
    first, second = in_force(ends=end), in_force(ends=end, job="Answer refunds. Drafts only.")
    clock.to(end - timedelta(days=7))
    tasks.flag_expiring()
    for version in (first, second):
        assert "Its end, in one e-mail with those of other packets" in get(cast.security, version.get_absolute_url())


def test_pages_follow_each_other_without_a_gap(cast: Cast, asked: Letter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE", 2)
    first, second, third, _ = Letter.objects.order_by("-pk")
    page = get(cast.security, "/letters/")
    assert first.subject in page and f"?before={second.pk}" in page and "after=" not in page
    page = get(cast.security, f"/letters/?before={second.pk}")
    assert f'/letters/{third.pk}/"' in page and f"?after={third.pk}" in page and "?before=" not in page
    page = get(cast.security, f"/letters/?after={third.pk}")
    assert f'/letters/{first.pk}/"' in page and f'/letters/{second.pk}/"' in page and "after=" not in page


@pytest.mark.parametrize("name", ["engineer", "security", "outsider"])
def test_at_most_ten_statements(cast: Cast, asked: Letter, name: str) -> None:
    client = Client()
    client.force_login(getattr(cast, name))
    for address in ("/letters/", f"/letters/{asked.pk}/"):
        with CaptureQueriesContext(
            connection,
        ) as asked_of:
            client.get(address)
        assert len(asked_of) <= 10


def test_the_list_keeps_what_was_asked_for(cast: Cast, asked: Letter) -> None:
    asked.state = LetterState.SENT
    asked.save()
    rest = set(Letter.objects.exclude(pk=asked.pk).values_list("pk", flat=True))
    assert rest
    reference = asked.version.packet.reference if asked.version else ""
    expected = {
        f"to=engineer&packet={reference.lower()}&status=sent": {asked.pk}, "status=sent": {asked.pk},
        "to=engineer": {asked.pk}, "to=nobody": set(), "packet=AP-9999": set(), "status=pending": rest,
        f"packet={reference}": rest | {asked.pk}, "status=purple": rest | {asked.pk},
    }  # fmt: skip
    client, outside = Client(), Client()
    client.force_login(cast.auditor)
    outside.force_login(cast.outsider)
    for query, keys in expected.items():
        assert {row.pk for row in client.get(f"/letters/?{query}").context["rows"]} == keys, query
        assert outside.get(f"/letters/?{query}").context["rows"] == [], query
    newest = [row.pk for row in client.get("/letters/").context["rows"]]
    assert [row.pk for row in client.get("/letters/?sort=oldest").context["rows"]] == newest[::-1]
