"""Approve narrower, and give up: lines and ends that are taken away, and the same table for both."""

from __future__ import annotations

from datetime import timedelta

import pytest

from approvals import transitions
from approvals.asking import asked, granted, placed
from approvals.cuts import Cut, Cuts, decision_digest, standing_digest
from approvals.models import Grant, Version
from approvals.scope.matching import Action, Ruling, decide
from approvals.transitions import Seen
from approvals.transitions.assessing import compared
from approvals.vocabulary import ChangeKind, EventKind, Field, State
from tests.cast import Cast, Clock, Walk, content, kinds, latest, refused, sign

pytestmark = pytest.mark.usefixtures("watched")
WITHOUT_LOG = Cuts((Cut(Field.TOOLS, "Bash(git log *)"),))


def test_what_is_granted_is_what_was_asked_minus_all_cuts(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    sooner = clock.moment + timedelta(days=20)
    sign(version, cast.security, cuts=WITHOUT_LOG)
    sign(version, cast.security2, cuts=Cuts((Cut(Field.WRITE_ACTIONS, "Edit(docs/**)", Field.NEVER),), ends=sooner))
    now = granted(latest(version), clock.moment)
    assert [str(line) for line in now.of(Field.TOOLS)] == ["Bash(git diff *)"]
    assert not now.of(Field.WRITE_ACTIONS) and [str(line) for line in now.of(Field.NEVER)] == ["Edit(docs/**)"]
    assert now.ends == latest(version).ends_at == sooner
    assert asked(latest(version)) == content(), "what was asked is kept"


def test_each_decision_signs_the_cuts_before_it_and_its_own(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    own = Cuts(never=("crm.secrets",))
    sign(version, cast.security, cuts=WITHOUT_LOG)
    sign(version, cast.security2, cuts=own)
    first, second = version.decisions.order_by("pk")
    assert first.digest == decision_digest(version.digest, "", WITHOUT_LOG)
    assert second.digest == decision_digest(version.digest, standing_digest([WITHOUT_LOG]), own)
    assert latest(version).cuts_digest == standing_digest([WITHOUT_LOG, own])


def test_an_earlier_signature_stands_when_a_later_one_cuts(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    sign(version, cast.security)
    sign(version, cast.security2, cuts=WITHOUT_LOG)
    assert latest(version).state == State.APPROVED and version.decisions.count() == 2


@pytest.mark.parametrize(
    ("code", "cuts"),
    [
        ("no_such_line", Cuts((Cut(Field.TOOLS, "Bash(rm *)"),))),
        ("no_such_line", Cuts((Cut(Field.WRITE_ACTIONS, "Bash(git log *)"),))),
        ("not_narrower", Cuts((Cut(Field.TOOLS, "Bash(git log *)", Field.WRITE_ACTIONS),))),
        ("not_narrower", Cuts((Cut(Field.TOOLS, "Bash(git log *)", Field.DATA_SOURCES),))),
        ("not_narrower", Cuts((Cut(Field.HUMAN_APPROVAL, "Bash(git push *)"),))),
        ("not_narrower", Cuts((Cut(Field.HUMAN_APPROVAL, "Bash(git push *)", Field.TOOLS),))),
        ("not_narrower", Cuts((Cut(Field.NEVER, "Bash(rm *)"),))),
        ("cut_twice", Cuts((Cut(Field.TOOLS, "Bash(git log *)"), Cut(Field.TOOLS, "Bash(git log *)", Field.NEVER)))),
        ("no_such_line", Cuts(never=("not a line",))),
        ("no_such_line", Cuts(never=("a\nb",))),
        ("no_such_line", Cuts(never=("crm: a, b",))),
        ("no_such_line", Cuts(never=("",))),
    ],
)
def test_nothing_but_a_narrowing_can_be_signed(cast: Cast, in_review: Walk, code: str, cuts: Cuts) -> None:
    version = in_review(human_approval="Bash(git push *)", never="Bash(rm *)")
    with refused("no_such_line" if cuts == Cuts((Cut(Field.TOOLS, "Bash(rm *)"),)) else code):
        sign(version, cast.security, cuts=cuts)


def test_an_end_moves_nearer_and_never_away(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    end = version.ends or clock.moment
    for other in (end, end + timedelta(days=1)):
        with refused("not_narrower"):
            sign(version, cast.security, cuts=Cuts(ends=other))
    sign(version, cast.security, cuts=Cuts(ends=end - timedelta(days=10)))
    with refused("not_narrower"):
        sign(version, cast.security2, cuts=Cuts(ends=end - timedelta(days=9)))


def test_no_signature_brings_the_end_before_the_start(cast: Cast, clock: Clock, in_review: Walk) -> None:
    starts = clock.moment + timedelta(days=5)
    version = in_review(seats={"Security": 2}, starts=starts)
    for end in (clock.moment - timedelta(days=1), clock.moment, starts):
        with refused("end_passed"):
            sign(version, cast.security, cuts=Cuts(ends=end))
    sign(version, cast.security, cuts=Cuts(ends=starts + timedelta(seconds=1)))


def test_an_end_as_cut_that_passes_in_review_ends_the_review(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    end = clock.moment + timedelta(days=3)
    sign(version, cast.security, cuts=Cuts(ends=end))
    clock.to(end)
    with refused("end_passed"):
        sign(version, cast.security2)
    assert Version.objects.idle_since(clock.moment - timedelta(days=21), clock.moment).contains(version)


def test_a_moved_line_names_the_field_it_was_asked_in_and_holds_no_write(
    cast: Cast, clock: Clock, in_review: Walk
) -> None:
    version = in_review(tools="mcp__crm", human_approval="")
    sign(version, cast.security, cuts=Cuts((Cut(Field.TOOLS, "mcp__crm", Field.HUMAN_APPROVAL),)))
    moved = Grant.objects.get(version=version, field=Field.HUMAN_APPROVAL)
    assert (moved.was, moved.position) == (Field.TOOLS, 1)
    lines = placed(version.grants.standing_at(clock.moment))
    assert decide(lines, Action("mcp__crm__get_customer", None, False)).ruling == Ruling.HELD
    write = decide(lines, Action("mcp__crm__delete_customer", None, True))
    assert write.ruling != Ruling.ALLOWED
    before = decide(placed(version.grants.asked()), Action("mcp__crm__delete_customer", None, True))
    assert before.ruling == Ruling.NO_LINE


def test_amending_a_moved_line_counts_as_wider_for_it_could_now_hold_writes(
    cast: Cast, clock: Clock, in_review: Walk
) -> None:
    version = in_review(tools="mcp__crm", write_actions="")
    sign(version, cast.security, cuts=Cuts((Cut(Field.TOOLS, "mcp__crm", Field.HUMAN_APPROVAL),)))
    draft = transitions.renew(version.pk, actor=cast.engineer)
    difference = compared(draft, clock.moment)
    assert difference is not None and [change.line for change in difference.wider if change.line] == ["mcp__crm"]


def test_a_renewal_of_a_version_that_had_a_start_is_not_wider_for_that(
    cast: Cast, clock: Clock, in_force: Walk, in_review: Walk
) -> None:
    version = in_force(starts=clock.moment + timedelta(days=1))
    clock.forward(days=2)
    draft = transitions.renew(version.pk, actor=cast.engineer)
    assert in_review(of=draft).change == ChangeKind.NOTHING_WIDER


def test_a_line_that_a_scheduled_version_drops_does_not_come_back_as_nothing_wider(
    cast: Cast, clock: Clock, in_force: Walk, in_review: Walk
) -> None:
    wide = in_force()
    narrow = transitions.amend(wide.pk, actor=cast.engineer)
    next_week = content(tools="Bash(git diff *)", starts=clock.moment + timedelta(days=7))
    transitions.edit(narrow.pk, next_week, seen=Seen.of(narrow), actor=cast.engineer)
    scheduled = in_force(of=latest(narrow))
    again = transitions.amend(scheduled.pk, actor=cast.engineer)
    same = transitions.withdraw(in_review(of=again).pk, seen=Seen.of(latest(again)), actor=cast.engineer)
    assert latest(again).change == ChangeKind.NOTHING_WIDER, "what the scheduled version grants is no more than both"
    transitions.edit(same.pk, content(), seen=Seen.of(same), actor=cast.engineer)
    assert in_review(of=latest(same)).change == ChangeKind.WIDER


def test_giving_up_drops_lines_at_once_without_a_signature(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force()
    before = clock.moment
    clock.forward(days=1)
    given = transitions.give_up(
        version.pk, seen=Seen.of(version), actor=cast.teammate, cuts=WITHOUT_LOG, reason="Unused."
    )
    assert [str(line) for line in granted(given, clock.moment).of(Field.TOOLS)] == ["Bash(git diff *)"]
    assert len(granted(given, before).of(Field.TOOLS)) == 2, "as of then it was still granted"
    row = given.given_up.get()
    assert (row.by, row.by_name, row.at, row.reason) == (cast.teammate, "Tomás Ortiz", clock.moment, "Unused.")
    assert kinds(version)[-1] == EventKind.GIVEN_UP and version.decisions.count() == 1


def test_giving_up_time_ends_sooner_at_that_instant(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force()
    end = clock.moment + timedelta(days=1)
    transitions.give_up(version.pk, seen=Seen.of(version), actor=cast.engineer, cuts=Cuts(ends=end))
    clock.just_before(end)
    assert Version.objects.in_force_at(clock.moment).contains(version)
    assert not Version.objects.in_force_at(end).contains(version)


def test_giving_up_is_for_the_submitting_side_of_a_version_that_holds(
    cast: Cast, clock: Clock, in_force: Walk, in_review: Walk
) -> None:
    version = in_force()
    seen = Seen.of(version)
    for person in (cast.security, cast.outsider, cast.admin, cast.responder):
        with refused("not_you"):
            transitions.give_up(version.pk, seen=seen, actor=person, cuts=WITHOUT_LOG)
    with refused("nothing_given_up"):
        transitions.give_up(version.pk, seen=seen, actor=cast.engineer, cuts=Cuts())
    with refused("not_narrower"):
        later = (version.ends_at or clock.moment) + timedelta(days=1)
        transitions.give_up(version.pk, seen=seen, actor=cast.engineer, cuts=Cuts(ends=later))
    with refused("end_passed"):
        transitions.give_up(version.pk, seen=seen, actor=cast.engineer, cuts=Cuts(ends=clock.moment))
    other = in_review()
    with refused("wrong_state"):
        transitions.give_up(other.pk, seen=Seen.of(other), actor=cast.engineer, cuts=WITHOUT_LOG)
    clock.to(version.ends_at or clock.moment)
    with refused("ended"):
        transitions.give_up(version.pk, seen=seen, actor=cast.engineer, cuts=WITHOUT_LOG)


def test_a_scheduled_version_can_be_given_up_but_not_to_before_its_start(
    cast: Cast, clock: Clock, in_force: Walk
) -> None:
    version = in_force(starts=clock.moment + timedelta(days=2))
    starts = version.in_force_from or clock.moment
    with refused("end_passed"):
        transitions.give_up(version.pk, seen=Seen.of(version), actor=cast.engineer, cuts=Cuts(ends=starts))
    transitions.give_up(version.pk, seen=Seen.of(version), actor=cast.engineer, cuts=WITHOUT_LOG)
    assert len(granted(latest(version), starts).of(Field.TOOLS)) == 1


def test_a_second_give_up_on_the_same_page_is_stale(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    seen = Seen.of(version)
    transitions.give_up(version.pk, seen=seen, actor=cast.engineer, cuts=WITHOUT_LOG)
    with refused("stale"):
        transitions.give_up(version.pk, seen=seen, actor=cast.teammate, cuts=WITHOUT_LOG)
    with refused("no_such_line"):
        transitions.give_up(version.pk, seen=Seen.of(latest(version)), actor=cast.teammate, cuts=WITHOUT_LOG)


def test_what_was_superseded_or_revoked_has_nothing_to_give_up(
    cast: Cast, in_force: Walk, renewed: Walk, revoked: Walk
) -> None:
    version = in_force()
    renewed(version)
    with refused("superseded"):
        transitions.give_up(version.pk, seen=Seen.of(latest(version)), actor=cast.engineer, cuts=WITHOUT_LOG)
    gone = revoked()
    with refused("revoked"):
        transitions.give_up(gone.pk, seen=Seen.of(gone), actor=cast.engineer, cuts=WITHOUT_LOG)
