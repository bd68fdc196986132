"""Why?: the answer at every standing of a version, also as of an earlier time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from approvals import transitions
from approvals.cuts import Cut, Cuts
from approvals.transitions import Seen
from approvals.vocabulary import Field
from audits.answer import Says, answer
from portal.models import User
from tests.audits.asking import DIFF, ask, misses
from tests.cast import MICROSECOND, Cast, Clock, Walk, latest, sign


@pytest.mark.databases
def test_it_names_packet_line_and_signers(in_force: Walk, clock: Clock) -> None:
    version = in_force(seats={"Security": 2})
    found = ask()
    assert found.verdict is Says.WOULD_HAVE_ALLOWED
    assert found.sentence == (
        "The packet would have allowed it, but no call was recorded. "
        f"{version}, “Allowed tools and methods”, line 1: Bash(git diff *)."
    )
    assert [one.person.username for one in found.decisions] == ["security", "security2"]
    assert {one.version.digest for one in found.decisions} == {version.digest}
    assert found.ends == version.ends_at
    assert found.near_misses == ()


def test_the_part_that_no_line_covers_makes_it_a_no(in_force: Walk, clock: Clock) -> None:
    in_force()
    found = ask("git diff HEAD; rm -rf .")
    assert found.verdict is Says.NOT_ALLOWED
    assert "“rm -rf .”" in found.detail
    assert [part.ruling for part in found.outcome.parts] == ["allowed", "no_line"] if found.outcome else False
    assert found.version is None
    assert found.decisions == ()


def test_what_cannot_be_read_is_a_no_with_the_reason(in_force: Walk, clock: Clock) -> None:
    in_force()
    found = ask("git diff $(")
    assert found.verdict is Says.NOT_ALLOWED
    assert found.headline == "Not allowed: it cannot be read with certainty."
    assert found.detail.endswith(".")


def test_a_line_for_a_person_is_held_and_says_by_whom(in_force: Walk, clock: Clock) -> None:
    version = in_force(human_approval="Bash(git push *)")
    found = ask("git push origin main")
    assert found.verdict is Says.HELD
    assert f"{version}, “Actions that require human approval”, line 1: Bash(git push *)" in found.sentence
    assert "Web platform has to say yes" in found.sentence


def test_a_line_that_forbids_wins_and_is_named(in_force: Walk, clock: Clock) -> None:
    in_force(tools="Bash(git *)", never="Bash(git push --force *)")
    found = ask("git push --force origin main")
    assert found.verdict is Says.NOT_ALLOWED
    assert found.headline == "Not allowed: a line forbids it."
    assert "“Never allowed”, line 1: Bash(git push --force *)" in found.detail
    assert found.version is not None


def test_start_counts_and_end_does_not(in_force: Walk, clock: Clock) -> None:
    version = in_force()
    start, end = version.in_force_from, version.ends_at
    assert start is not None
    assert end is not None
    clock.to(end + timedelta(days=3))
    assert ask(at=start - MICROSECOND).verdict is Says.NOT_ALLOWED
    assert "it came into force only" in misses(ask(at=start - timedelta(hours=2)))
    assert "2 hours later" in misses(ask(at=start - timedelta(hours=2)))
    assert ask(at=start).verdict is Says.WOULD_HAVE_ALLOWED
    assert ask(at=end - MICROSECOND).verdict is Says.WOULD_HAVE_ALLOWED
    at_the_end = ask(at=end)
    assert at_the_end.verdict is Says.NOT_ALLOWED
    assert at_the_end.detail == "sentry-dev had no packet in force then."
    assert f"{version} would have allowed it, but it ended at that very instant" in misses(at_the_end)
    assert "it ended 3 days before" in misses(ask())


def test_a_scheduled_version_does_not_count_before_its_start(in_force: Walk, clock: Clock) -> None:
    starts = clock.moment + timedelta(days=2)
    version = in_force(starts=starts)
    assert ask().verdict is Says.NOT_ALLOWED
    assert f"{version} would have allowed it, but it came into force only 2 days later" in misses(ask())
    clock.to(starts)
    assert ask().verdict is Says.WOULD_HAVE_ALLOWED
    assert ask(at=starts - MICROSECOND).verdict is Says.NOT_ALLOWED


def test_a_suspension_stops_it_from_its_instant_until_it_is_lifted(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    stopped = clock.forward(days=1)
    transitions.suspend(version.packet_id, actor=cast.responder, reason="It deleted a branch.")
    resumed = clock.forward(hours=5)
    transitions.resume(version.packet_id, actor=cast.security, reason="The line is fixed.")
    clock.forward(days=1)
    assert ask(at=stopped - MICROSECOND).verdict is Says.WOULD_HAVE_ALLOWED
    during = ask(at=stopped)
    assert during.verdict is Says.NOT_ALLOWED
    assert "Ravi Rao had suspended it at that very instant" in misses(during)
    assert "“It deleted a branch.”" in misses(during)
    assert ask(at=resumed - MICROSECOND).verdict is Says.NOT_ALLOWED
    assert ask(at=resumed).verdict is Says.WOULD_HAVE_ALLOWED


def test_a_later_version_takes_over_at_its_instant(cast: Cast, in_force: Walk, clock: Clock) -> None:
    first = in_force()
    clock.forward(days=1)
    draft = transitions.amend(first.pk, actor=cast.engineer)
    clock.forward(hours=1)
    second = in_force(of=draft)
    boundary = second.in_force_from
    assert boundary is not None
    clock.forward(days=1)
    assert ask(at=boundary - MICROSECOND).version == first
    assert ask(at=boundary).version == second


def test_a_revoked_packet_is_named_with_who_did_it(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    revoked_at = clock.forward(days=2)
    transitions.revoke(version.packet_id, actor=cast.security, reason="The agent is retired.")
    clock.forward(days=1)
    assert ask(at=revoked_at - MICROSECOND).verdict is Says.WOULD_HAVE_ALLOWED
    assert ask(at=revoked_at).verdict is Says.NOT_ALLOWED
    assert "Sam Sato revoked the packet 24 hours before" in misses(ask())


def test_a_line_a_signer_cut_never_counts(cast: Cast, in_review: Walk, clock: Clock) -> None:
    version = in_review()
    clock.forward(hours=1)
    sign(version, cast.security, cuts=Cuts((Cut(Field.TOOLS, "Bash(git diff *)"),)))
    assert ask().verdict is Says.NOT_ALLOWED
    assert f"{version} was asked with this line, and a signer cut it" in misses(ask())
    assert ask("git log -1").verdict is Says.WOULD_HAVE_ALLOWED


def test_a_line_a_signer_moved_to_a_person_is_held(cast: Cast, in_review: Walk, clock: Clock) -> None:
    version = in_review()
    sign(version, cast.security, cuts=Cuts((Cut(Field.TOOLS, "Bash(git diff *)", Field.HUMAN_APPROVAL),)))
    assert ask().verdict is Says.HELD


def test_a_line_given_up_counts_before_and_not_after(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    at = clock.forward(days=4)
    cuts = Cuts((Cut(Field.TOOLS, "Bash(git diff *)"),))
    transitions.give_up(version.pk, seen=Seen.of(latest(version)), actor=cast.engineer, cuts=cuts)
    clock.forward(days=3)
    assert ask(at=at - MICROSECOND).verdict is Says.WOULD_HAVE_ALLOWED
    after = ask()
    assert after.verdict is Says.NOT_ALLOWED
    assert f"{version} had this line until 3 days before" in misses(after)
    assert "when it was given up" in misses(after)


def test_an_end_given_up_was_not_known_before(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    asked_end = version.ends_at
    at = clock.forward(days=4)
    sooner = clock.moment + timedelta(days=5)
    transitions.give_up(version.pk, seen=Seen.of(latest(version)), actor=cast.engineer, cuts=Cuts(ends=sooner))
    assert ask(at=at - timedelta(days=1)).ends == asked_end
    assert ask(at=at).ends == sooner
    clock.to(sooner)
    assert ask().verdict is Says.NOT_ALLOWED


def test_what_was_never_asked_for_has_no_near_miss(in_force: Walk, clock: Clock) -> None:
    in_force()
    found = ask("mcp__jira__create_issue")
    assert found.verdict is Says.NOT_ALLOWED
    assert found.near_misses == ()


def test_lines_that_are_alike_are_shown(in_force: Walk, clock: Clock) -> None:
    version = in_force()
    found = ask("git push origin main")
    assert found.verdict is Says.NOT_ALLOWED
    assert f"{version} was in force with a line that is alike" in misses(found)


def test_a_version_in_review_is_a_near_miss(in_review: Walk, clock: Clock) -> None:
    version = in_review()
    assert f"{version} asks for it, but it has not been signed by everyone yet." in misses(ask())


def test_a_lone_path_is_asked_as_read_and_as_edit(in_force: Walk, clock: Clock) -> None:
    in_force(data_sources="Read(src/**)", write_actions="Edit(docs/**)")
    found = ask("src/app.py")
    assert found.verdict is Says.NOT_ALLOWED
    assert "Read(src/app.py): The packet would have allowed it" in found.sentence
    assert "Edit(src/app.py): Not allowed" in found.sentence
    assert [str(one.action) for one in (found, *found.readings)] == ["Edit(src/app.py)", "Read(src/app.py)"]


def test_a_data_source_is_itself(in_force: Walk, clock: Clock) -> None:
    in_force()
    found = ask("crm.customers")
    assert found.verdict is Says.WOULD_HAVE_ALLOWED
    assert "“Allowed data sources”, line 1: crm.customers" in found.sentence


def test_a_data_source_of_a_packet_that_ended_is_still_itself(ended: Walk, clock: Clock) -> None:
    version = ended()
    found = ask("crm.customers")
    assert found.verdict is Says.NOT_ALLOWED
    assert str(found.action) == "crm.customers"
    assert f"{version} would have allowed it, but it ended" in misses(found)


def test_only_packets_the_viewer_may_see_count(cast: Cast, in_force: Walk, clock: Clock) -> None:
    in_force()
    for person in (cast.engineer, cast.teammate, cast.security, cast.auditor, cast.responder, cast.admin):
        assert ask(viewer=person).verdict is Says.WOULD_HAVE_ALLOWED
    stranger = ask(viewer=cast.outsider)
    assert not stranger.is_known
    assert stranger.sentence == answer("no-such-agent", DIFF, clock.moment, cast.outsider).sentence
    cast.auditor.is_active = False
    cast.auditor.save()
    assert not ask(viewer=User.objects.get(pk=cast.auditor.pk)).is_known
