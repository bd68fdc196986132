"""Ends and late renewals that fall together: one letter for each person, asked again when it leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Q

from approvals import tasks, transitions
from approvals.letters import audience, outbox, sending, several
from approvals.letters.audience import Recipient
from approvals.letters.occasion import Occasion
from approvals.models import Announced, Event, Letter, Version
from approvals.transitions import Seen
from approvals.vocabulary import EventKind, LetterState
from tests.cast import Cast, Clock, Walk, latest
from tests.pages.asking import signed_in

pytestmark = pytest.mark.django_db
END = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)  # a Thursday
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LATE = END - 2 * DAY


def told(person: str, kind: str = "") -> list[Letter]:
    """This person's letters of ends and late renewals, oldest first."""
    kinds = [kind] if kind else several.KINDS
    about = Q(event__kind__in=kinds) | Q(tells_of__kind__in=kinds)
    return list(Letter.objects.filter(about, recipient__username=person).distinct().order_by("pk"))


@pytest.fixture
def three(in_force: Walk) -> list[Version]:
    """Three packets of one owner that end on one day, two of them at one instant."""
    jobs = ("Triage new errors.", "Answer refunds. Drafts only.", "Sort invoices.")
    return [in_force(ends=END + hours * HOUR, job=job) for job, hours in zip(jobs, (0, 0, 5), strict=True)]


@pytest.mark.databases
def test_ends_that_have_come_make_one_letter(cast: Cast, clock: Clock, three: list[Version]) -> None:
    clock.to(END)
    for _ in range(2):
        tasks.expire_due()
        tasks.send_letters()
    [letter] = told("engineer", EventKind.ENDED)
    assert letter.subject.startswith(f"2 packets have ended, the first {three[0]} sentry-dev, ")
    assert letter.state == LetterState.SENT and [event.version for event in letter.tells_of.order_by("pk")] == three[:2]
    for version in three[:2]:
        assert f"{version} sentry-dev ended on" in letter.text and version.digest in letter.text
        page = signed_in(cast.security).get(version.get_absolute_url()).content
        assert b"Its end, in one e-mail with those of other packets" in page
    clock.to(END + 5 * HOUR)  # nobody is told of an end before it has come
    tasks.expire_due()
    tasks.send_letters()
    assert told("engineer", EventKind.ENDED)[-1].subject.startswith(f"{three[2]} sentry-dev has ended, ")


def test_renewals_that_are_late_today_make_one_letter(cast: Cast, clock: Clock, three: list[Version]) -> None:
    clock.just_before(LATE)
    assert tasks.flag_unrenewed() == 0
    clock.to(LATE)
    assert tasks.flag_unrenewed() == 3
    tasks.send_letters()
    clock.to(LATE + 6 * HOUR)
    assert tasks.flag_unrenewed() == 0
    tasks.send_letters()
    for person in ("engineer", "teammate", "security"):
        [letter] = told(person)
        assert letter.subject.startswith(
            f"3 packets end and no renewal is signed, the first {three[0]} sentry-dev in 2"
        )
        assert all(f"{version} sentry-dev ends in 2 days" in letter.text for version in three), person


def test_rm_15_what_was_renewed_meanwhile_is_not_in_the_letter(
    cast: Cast, clock: Clock, three: list[Version], renewed: Walk
) -> None:
    clock.to(LATE)
    tasks.flag_unrenewed()
    outbox.announce_all()
    for version in three[:2]:
        renewed(version, ends=END + 60 * DAY, seats={"Security": 1})
    sending.send_due()
    [letter] = told("engineer")
    assert letter.state == LetterState.SENT and letter.subject.startswith(
        f"{three[2]} sentry-dev ends in 2 days and no"
    )
    assert str(three[0]) not in letter.text


def test_rm_15_when_nothing_of_it_is_so_any_more_it_is_not_sent(cast: Cast, clock: Clock, three: list[Version]) -> None:
    clock.to(LATE)
    tasks.flag_unrenewed()
    outbox.announce_all()
    for version in three:
        transitions.revoke(version.packet_id, actor=cast.security, reason="The agent is retired.")
    sending.send_due()
    [letter] = told("engineer")
    assert letter.state == LetterState.FAILED and not letter.undelivered
    assert f"{three[0]} is renewed, revoked, or has ended." in letter.server_said


def test_rm_13_a_letter_about_several_that_reaches_nobody_goes_on_as_one(
    cast: Cast, clock: Clock, three: list[Version]
) -> None:
    clock.to(END)
    tasks.expire_due()
    outbox.announce_all()
    cast.engineer.email = ""
    cast.engineer.save()
    tasks.send_letters()
    tasks.send_letters()
    [lost], [found] = told("engineer"), told("teammate")
    assert (lost.state, lost.undelivered, found.state) == (LetterState.FAILED, True, LetterState.SENT)
    assert set(found.tells_of.all()) == set(lost.tells_of.all()) and "could not be delivered to" in found.text


def test_letters_wait_for_ends_that_are_just_being_written_down_but_not_long(
    cast: Cast, clock: Clock, three: list[Version]
) -> None:
    clock.to(END)
    transitions.expire(three[0].pk, seen=Seen.of(latest(three[0])))
    tasks.send_letters()
    assert told("engineer") == []
    clock.to(END + several.AT_MOST)  # the second cannot be written down, it seems
    tasks.send_letters()
    assert [letter.version for letter in told("engineer")] == [three[0]]


def test_a_letter_that_cannot_be_written_does_not_keep_the_others(
    cast: Cast, clock: Clock, three: list[Version], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.to(END)
    tasks.expire_due()
    hears = audience.hears

    def all_but_one(occasion: Occasion) -> list[Recipient]:
        if occasion.version == three[0]:
            raise RuntimeError("no such zone")
        return hears(occasion)

    monkeypatch.setattr(audience, "hears", all_but_one)
    outbox.announce_all()
    assert [letter.version for letter in told("engineer")] == [three[1]]
    owing = Event.objects.filter(kind=EventKind.ENDED).exclude(pk__in=Announced.objects.values("pk"))
    assert [event.version for event in owing] == [three[0]]


def test_the_events_of_one_owner_stay_together(cast: Cast, clock: Clock, three: list[Version]) -> None:
    clock.to(END + DAY)
    tasks.expire_due()
    ended = list(Event.objects.filter(kind=EventKind.ENDED).select_related("version"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(several, "AT_ONCE", 1)
        assert [len(batch) for batch in several.fall_together(ended)] == [3]
        ended[0].version.owner_id = cast.outsider.pk
        assert sorted(len(batch) for batch in several.fall_together(ended)) == [1, 2]
