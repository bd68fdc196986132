"""Breaking the glass on the pages: a second look that asks for the reason, and everybody sees that it is open."""

from __future__ import annotations

import pytest

from approvals import tasks, transitions
from approvals.models import Version
from approvals.transitions import Seen
from audits.answer import answer
from tests import present
from tests.cast import Cast, Clock, Walk, latest, no_trace
from tests.pages.asking import signed_in, signing, verb

pytestmark = pytest.mark.django_db
WHY = "Checkout is down."


def open_glass(version: Version, cast: Cast) -> Version:
    present.break_glass(version.pk, seen=Seen.of(version), actor=cast.security, reason=WHY)
    return latest(version)


@pytest.fixture
def version(clock: Clock, in_review: Walk) -> Version:
    return in_review(seats={"Security": 2})


def test_security_is_offered_it_and_nobody_else(cast: Cast, version: Version) -> None:
    address = verb(version, "break-glass")
    for person in (cast.security, cast.engineer, cast.teammate, cast.auditor, cast.responder, cast.admin):
        offered = address in signed_in(person).get(version.get_absolute_url()).content.decode()
        assert offered is (person == cast.security), person


def test_the_second_look_says_what_happens_and_changes_nothing(cast: Cast, version: Version) -> None:
    with no_trace():
        page = signed_in(cast.security).get(verb(version, "break-glass"))
    words = page.content.decode()
    assert page.status_code == 200 and "on your signature alone" in words and "Tue" not in words.split("<h1>")[0]
    assert "3 Nov 2026 09:00 UTC at the latest" in words and "is suspended until Security resumes it" in words


def test_so_24_without_a_reason_nothing_happens(cast: Cast, version: Version) -> None:
    with no_trace():
        page = signed_in(cast.security).post(verb(version, "break-glass"), signing(version, reason=" "))
    assert page.status_code == 422 and "A reason is needed" in page.content.decode()


def test_so_24_who_may_not_is_told_why_and_strangers_see_nothing(cast: Cast, version: Version) -> None:
    for person, status in ((cast.engineer, 403), (cast.admin, 403), (cast.responder, 403), (cast.outsider, 404)):
        with no_trace():
            client = signed_in(person)
            assert client.get(verb(version, "break-glass")).status_code == status
            assert client.post(verb(version, "break-glass"), signing(version, reason=WHY)).status_code == status


def test_a_post_with_a_reason_breaks_it_once(cast: Cast, version: Version) -> None:
    client, form = signed_in(cast.security), signing(version, reason=WHY)
    page = client.post(verb(version, "break-glass"), form, follow=True)
    assert page.redirect_chain[-1][0] == version.get_absolute_url()
    assert latest(version).glass_reason == WHY
    with no_trace():
        assert client.post(verb(version, "break-glass"), form).status_code == 409


def test_content_that_was_not_seen_is_refused(cast: Cast, version: Version) -> None:
    with no_trace():
        form = signing(version, reason=WHY) | {"digest": "0" * 64}
        assert signed_in(cast.security).post(verb(version, "break-glass"), form).status_code == 409


def test_the_page_says_by_whom_until_when_and_why(cast: Cast, version: Version) -> None:
    open_glass(version, cast)
    for person in (cast.engineer, cast.security2, cast.auditor):
        words = signed_in(person).get(version.get_absolute_url()).content.decode()
        assert "In force by break-glass" in words and WHY in words and "by break-glass</span>" in words
    assert "Decide" in signed_in(cast.security2).get(version.get_absolute_url()).content.decode()


def test_home_lists_it_with_its_deadline(cast: Cast, clock: Clock, version: Version) -> None:
    address = 'id="break-glass"'
    assert address not in signed_in(cast.security2).get("/").content.decode()
    open_glass(version, cast)
    for person in (cast.security, cast.security2, cast.responder, cast.engineer):
        assert address in signed_in(person).get("/").content.decode(), person
    assert address not in signed_in(cast.outsider).get("/").content.decode()
    clock.forward(days=1, seconds=1)
    tasks.suspend_unfilled()
    assert address not in signed_in(cast.security2).get("/").content.decode()


def test_lists_find_it_in_force_by_break_glass(cast: Cast, version: Version) -> None:
    client = signed_in(cast.security2)
    assert str(version.packet) not in client.get("/packets/?tab=in-force").content.decode()
    open_glass(version, cast)
    for address in ("/packets/?tab=in-force", "/packets/?tab=all&standing=break_glass", "/agents/"):
        words = client.get(address).content.decode()
        assert str(version.packet) in words and "In force by break-glass" in words, address
    (row,) = client.get("/packets/?tab=in-force").context["rows"]
    assert row.ends_at == latest(version).glass_until
    assert str(version.packet) not in client.get("/packets/?tab=all&standing=in_review").content.decode()


def test_why_says_that_it_was_break_glass(cast: Cast, clock: Clock, version: Version) -> None:
    before = clock.moment
    clock.forward(minutes=5)
    open_glass(version, cast)
    asked_at = clock.forward(minutes=5)
    clock.forward(days=2)
    said = answer("sentry-dev", "Bash(git diff HEAD)", asked_at, None)
    assert said.verdict == "would_have_allowed" and said.version == version
    assert "Break-glass: Sam Sato put" in said.sentence and WHY in said.sentence
    assert said.ends == latest(version).glass_until and [one.person for one in said.decisions] == [cast.security]
    assert answer("sentry-dev", "Bash(git diff HEAD)", before, None).verdict == "not_allowed"
    late = answer("sentry-dev", "Bash(git diff HEAD)", clock.moment, None)
    assert late.verdict == "not_allowed" and "its break-glass was over" in late.near_misses[0].sentence


def test_the_version_it_replaces_says_so(cast: Cast, clock: Clock, in_force: Walk, in_review: Walk) -> None:
    first = in_force()
    clock.forward(days=1)
    second = in_review(of=transitions.amend(first.pk, actor=cast.engineer), seats={"Security": 2})
    open_glass(second, cast)
    words = signed_in(cast.auditor).get(first.get_absolute_url()).content.decode()
    assert f"{second} stands in its place by break-glass" in words
    late = answer("sentry-dev", "Bash(git diff HEAD)", clock.moment, None)
    assert late.version == second


def test_it_is_marked_on_paper(cast: Cast, version: Version) -> None:
    open_glass(version, cast)
    text = signed_in(cast.auditor).get(f"{version.get_absolute_url().rstrip('/')}.md").content.decode()
    assert "IN FORCE BY BREAK-GLASS" in text and "Put it in force by break-glass" in text


def test_a_draft_without_an_end_is_refused_in_words(cast: Cast, drafted: Walk) -> None:
    version = drafted(ends=None)
    page = signed_in(cast.security).get(f"{version.get_absolute_url()}break-glass/")
    assert page.status_code in (403, 409)
    assert f"{version} is draft" in page.content.decode()
