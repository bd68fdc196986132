"""Questions, request changes, reject, and what can be begun anew afterwards: amend and renew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from approvals import transitions
from approvals.asking import asked
from approvals.cuts import Cut, Cuts
from approvals.models import Question, Version
from approvals.transitions import Seen
from approvals.vocabulary import ChangeKind, EventKind, Field, Role, State
from tests import present
from tests.cast import Cast, Clock, Walk, content, kinds, latest, refused, sign
from tests.contents import working_day

pytestmark = pytest.mark.usefixtures("watched")


def test_a_question_on_a_line_is_asked_and_answered_once(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    sign(version, cast.security)
    question = transitions.ask(version.pk, "Why all of it?", actor=cast.security2, line="crm.customers")
    clock.forward(hours=1)
    transitions.answer(question.pk, "It reads names only.", actor=cast.teammate)
    answered = Question.objects.get()
    assert (answered.line, answered.asked_by_name, answered.answered_by_name) == (
        "crm.customers", "Sofia Silva", "Tomás Ortiz",
    )  # fmt: skip
    assert answered.answered_at == clock.moment and latest(version).state == State.IN_REVIEW
    assert kinds(version)[-2:] == [EventKind.QUESTION_ASKED, EventKind.QUESTION_ANSWERED]
    assert version.decisions.count() == 1, "signatures stay"
    with refused("answered"):
        transitions.answer(question.pk, "Again.", actor=cast.engineer)


def test_who_asks_and_who_answers(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    for person in (cast.engineer, cast.auditor, cast.admin, cast.outsider):
        with refused("not_you"):
            transitions.ask(version.pk, "Why?", actor=person)
    question = transitions.ask(version.pk, "Why?", actor=cast.security)
    for person in (cast.security, cast.outsider, cast.auditor):
        with refused("not_you"):
            transitions.answer(question.pk, "So.", actor=person)
    with refused("no_such_line"):
        transitions.ask(version.pk, "Why?", actor=cast.security, line="crm.orders")
    with refused("no_reason"):
        transitions.ask(version.pk, "  ", actor=cast.security)
    with refused("no_reason"):
        transitions.answer(question.pk, "", actor=cast.engineer)


def test_after_the_review_nothing_is_asked_or_answered(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    question = transitions.ask(version.pk, "Why?", actor=cast.security)
    sign(version, cast.security)
    with refused("wrong_state"):
        transitions.ask(version.pk, "And why?", actor=cast.security2)
    with refused("wrong_state"):
        transitions.answer(question.pk, "So.", actor=cast.engineer)


def test_requesting_changes_ends_the_review_and_opens_the_content_again(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    sign(version, cast.security)
    draft = present.request_changes(version.pk, seen=Seen.of(latest(version)), actor=cast.security2, reason="Too wide.")
    assert (latest(version).state, draft.number, draft.state) == (State.CHANGES_REQUESTED, 2, State.DRAFT)
    assert asked(draft) == content() and draft.based_on == version and draft.revision == 1
    decision = version.decisions.get(person=cast.security2)
    assert (decision.reason, decision.role) == ("Too wide.", "Security") and not hasattr(decision, "seat")
    assert kinds(version)[-1] == EventKind.CHANGES_REQUESTED and kinds(draft) == [EventKind.DRAFTED]
    assert not draft.seats.exists()


def test_the_same_request_again_gets_the_same_draft(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    seen = Seen.of(version)
    drafts = {present.request_changes(version.pk, seen=seen, actor=cast.security, reason="Narrow it.").pk for _ in "ab"}
    assert len(drafts) == 1 and version.packet.versions.count() == 2


def test_rejecting_ends_the_review_and_opens_nothing(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    present.reject(version.pk, seen=Seen.of(version), actor=cast.security, reason="Not this.")
    assert latest(version).state == State.REJECTED and version.packet.versions.count() == 1
    assert kinds(version)[-1] == EventKind.REJECTED
    with refused("wrong_state"):
        sign(version, cast.security2)


def test_who_has_no_open_seat_left_may_still_send_back(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 1, "Legal": 1})
    sign(version, cast.security)
    present.reject(version.pk, seen=Seen.of(latest(version)), actor=cast.security2, reason="I know more.")
    assert latest(version).state == State.REJECTED


def test_a_verdict_that_ends_the_review_needs_a_reason(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    for decide in (present.reject, present.request_changes):
        with refused("no_reason"):
            decide(version.pk, seen=Seen.of(version), actor=cast.security, reason=" \n")


def test_people_who_left_are_not_named_in_the_draft_that_opens_again(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    cast.teammate.is_active = False
    cast.teammate.save()
    draft = present.request_changes(version.pk, seen=Seen.of(version), actor=cast.security, reason="Who is it now?")
    assert draft.rollback_owner is None and draft.owner == cast.engineer


def test_amending_opens_a_draft_of_what_is_granted_and_changes_nothing_in_force(
    cast: Cast, clock: Clock, in_review: Walk
) -> None:
    version = in_review()
    sign(version, cast.security, cuts=Cuts((Cut(Field.TOOLS, "Bash(git log *)"),)))
    draft = transitions.amend(version.pk, actor=cast.teammate)
    assert [str(line) for line in asked(draft).of(Field.TOOLS)] == ["Bash(git diff *)"]
    assert (draft.number, draft.based_on, draft.renews, list(draft.editors.all())) == (
        2,
        version,
        False,
        [cast.teammate],
    )
    assert Version.objects.in_force_at(clock.moment).contains(version) and latest(version).superseded_at is None


def test_renewing_asks_as_long_again_at_noon_of_a_working_day(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force(ends=datetime(2026, 12, 2, 12, tzinfo=UTC))
    clock.to(datetime(2026, 11, 26, 8, tzinfo=UTC))
    draft = transitions.renew(version.pk, actor=cast.engineer)
    assert draft.renews and draft.ends == datetime(2026, 12, 25, 12, tzinfo=UTC)  # 26 Dec is a Saturday
    assert draft.starts is None


def test_a_renewal_is_a_full_review_and_supersedes_at_its_last_signature(
    cast: Cast, clock: Clock, in_force: Walk, in_review: Walk
) -> None:
    version = in_force()
    clock.forward(days=50)
    draft = in_review(of=transitions.renew(version.pk, actor=cast.engineer))
    assert draft.change == ChangeKind.NOTHING_WIDER and draft.seats.filter(decision__isnull=True).count() == 1
    signed = sign(draft, cast.security)
    assert latest(version).superseded_at == signed.in_force_from == clock.moment
    assert kinds(draft)[-1] == EventKind.RENEWED and kinds(version)[-1] == EventKind.SUPERSEDED
    assert list(Version.objects.in_force_at(clock.moment)) == [signed]


def test_a_renewal_whose_version_ends_during_the_review_is_new_authority_by_then(
    cast: Cast, clock: Clock, in_force: Walk, in_review: Walk
) -> None:
    careful = {"human_approval": "mcp__github__create_pull_request", "never": "Read(.env)", "retention_days": 365}
    careful["data_sources"] = "Read(docs/**)"
    version = in_force(seats=None, ends=working_day(20), **careful)
    renewal = in_review(of=transitions.renew(version.pk, actor=cast.engineer, ends=working_day(60)), seats=None)
    assert (renewal.tier, [seat.group for seat in renewal.seats.all()]) == ("low", [cast.team])
    clock.to(version.ends_at or clock.moment)
    signed = sign(renewal, cast.teammate)
    assert signed.state == State.IN_REVIEW and EventKind.SEATS_ADDED in kinds(renewal)
    assert sign(renewal, cast.security).state == State.APPROVED


def test_a_renewal_that_begins_at_the_very_end_supersedes_too(
    cast: Cast, clock: Clock, in_force: Walk, in_review: Walk
) -> None:
    version = in_force(ends=working_day(20))
    draft = transitions.renew(version.pk, actor=cast.engineer, ends=working_day(60))
    body = replace(asked(draft), starts=version.ends_at)
    draft = transitions.edit(draft.pk, body, seen=Seen.of(draft), actor=cast.engineer)
    sign(in_review(of=draft), cast.security)
    assert latest(version).superseded_at == version.ends_at
    assert not Version.objects.owing_reminders(clock.moment, working_day(30)).contains(version)
    clock.to(version.ends_at or clock.moment)
    assert Version.objects.in_force_at(clock.moment).get().number == 2


def test_one_version_of_a_packet_is_open_at_a_time(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    transitions.amend(version.pk, actor=cast.engineer)
    for again in (transitions.amend, transitions.renew):
        with refused("open_version"):
            again(version.pk, actor=cast.teammate)
    assert version.packet.versions.count() == 2


def test_only_the_last_approved_version_is_amended_while_one_holds(
    cast: Cast, in_force: Walk, in_review: Walk, renewed: Walk
) -> None:
    version = in_force()
    second = renewed(version)
    with refused("not_the_last"):
        transitions.amend(version.pk, actor=cast.engineer)
    third = in_review(of=transitions.amend(second.pk, actor=cast.engineer))
    present.reject(third.pk, seen=Seen.of(third), actor=cast.security, reason="No.")
    with refused("not_the_last"):
        transitions.amend(third.pk, actor=cast.engineer)
    assert transitions.amend(second.pk, actor=cast.engineer).number == 4


def test_when_nothing_is_in_force_a_rejected_closed_or_ended_version_is_amended(
    cast: Cast, clock: Clock, in_review: Walk, ended: Walk
) -> None:
    rejected = in_review()
    present.reject(rejected.pk, seen=Seen.of(rejected), actor=cast.security, reason="No.")
    assert transitions.amend(rejected.pk, actor=cast.engineer).number == 2
    idle = in_review()
    clock.forward(days=21)
    transitions.close_idle(idle.pk, seen=Seen.of(idle))
    assert transitions.amend(idle.pk, actor=cast.engineer).number == 2
    over = ended()
    assert (transitions.renew(over.pk, actor=cast.engineer).ends or clock.moment) > clock.moment


def test_only_the_submitting_side_amends_and_a_revoked_packet_never_again(
    cast: Cast, in_force: Walk, revoked: Walk
) -> None:
    version = in_force()
    for person in (cast.security, cast.outsider, cast.admin):
        with refused("not_you"):
            transitions.amend(version.pk, actor=person)
    with refused("revoked"):
        transitions.renew(revoked().pk, actor=cast.engineer)


def test_amending_is_allowed_while_suspended_and_its_approval_does_not_lift_that(
    cast: Cast, clock: Clock, suspended: Walk, renewed: Walk
) -> None:
    version = renewed(suspended())
    assert Version.objects.granted_at(clock.moment).contains(version)
    assert not Version.objects.in_force_at(clock.moment).contains(version)
    clock.forward(days=1)
    assert version.decisions.get().person.is_in(Role.SECURITY)


def test_after_the_end_a_renewal_is_new_authority(cast: Cast, clock: Clock, ended: Walk, in_review: Walk) -> None:
    draft = transitions.renew(ended().pk, actor=cast.engineer, ends=clock.moment + timedelta(days=30))
    assert in_review(of=draft).change == ChangeKind.NEW
