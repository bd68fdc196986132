"""Draft, edit, discard, submit, withdraw: what the submitting side does before anybody signs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from approvals import access, transitions, validity
from approvals.asking import asked, canonical_of
from approvals.content import digest
from approvals.models import Agent, Event, Grant, Packet, Version
from approvals.transitions import Seen
from approvals.vocabulary import ChangeKind, EventKind, Field, Role, State
from tests.cast import Cast, Clock, Walk, content, kinds, latest, no_trace, refused, rules_ask, run_content, sign

pytestmark = pytest.mark.usefixtures("watched")


def test_a_draft_opens_a_packet_with_a_lasting_number(cast: Cast, clock: Clock, drafted: Walk) -> None:
    version = drafted()
    packet = version.packet
    assert packet.reference == f"AP-{packet.pk:04d}"
    assert (version.number, version.state, version.revision, version.digest) == (1, State.DRAFT, 1, "")
    assert (packet.created_by, version.created_by, packet.created_at) == (cast.engineer, cast.engineer, clock.moment)
    assert list(version.editors.all()) == [cast.engineer]
    assert kinds(version) == [EventKind.DRAFTED] and not version.seats.exists() and not version.grants.exists()
    assert asked(version) == content()


def test_a_new_agent_belongs_to_the_team_of_who_drafts_and_that_is_an_event(cast: Cast, drafted: Walk) -> None:
    version = drafted(agent="new-agent")
    assert version.packet.agent.team == cast.team
    assert Event.objects.get(kind=EventKind.AGENT_ADDED).agent == version.packet.agent


def test_a_known_agent_is_taken_and_not_made_again(cast: Cast, drafted: Walk) -> None:
    first, second = drafted(), drafted(actor=cast.teammate)
    assert first.packet.agent == second.packet.agent and first.packet != second.packet
    assert Agent.objects.count() == 1


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("malformed", {"agent": "Not A Slug"}),
        ("malformed", {"agent": ""}),
        ("malformed", {"agent": "nul\x00"}),
        ("malformed", {"owner": "nul\x00"}),
        ("malformed", {"human_approval_by": "\u202eevil"}),
        ("malformed", {"parent": "x" * 200}),
        ("malformed", {"job": "hidden\u200bword"}),
        ("malformed", {"job": "x" * 2001}),
        ("malformed", {"identity": "ghp_" + "a" * 36}),
        ("malformed", {"tools": "files_change: a", "files_change": "Edit(src/**)"}),
        ("malformed", {"retention_days": 10**12}),
        ("malformed", {"retention_days": -1}),
        ("unknown_person", {"owner": "nobody"}),
        ("unknown_group", {"human_approval_by": "Nobody"}),
        ("unknown_group", {"human_approval_by": Role.AUDITORS.value}),
    ],
)
def test_what_can_never_be_stored_is_refused(drafted: Walk, code: str, changes: dict[str, str]) -> None:
    with refused(code):
        drafted(**changes)
    assert not Packet.objects.exists() and not Agent.objects.exists()


def test_two_groups_that_differ_by_a_capital_are_not_taken_for_each_other(cast: Cast, drafted: Walk) -> None:
    """SO-10: whoever may say yes to a held call is the group that was named, or the draft is refused."""
    first = Group.objects.create(name="Payments")
    assert drafted(human_approval_by="PAYMENTS").human_approval_by == first
    second = Group.objects.create(name="payments")
    assert drafted(human_approval_by="payments").human_approval_by == second
    assert drafted(human_approval_by="Payments").human_approval_by == first
    with refused("unknown_group"):
        drafted(human_approval_by="PAYMENTS")


def test_only_the_agents_team_drafts_for_it(cast: Cast, drafted: Walk) -> None:
    drafted()
    for person in (cast.outsider, cast.security, cast.auditor, cast.admin):
        with refused("not_your_agent"):
            drafted(actor=person)
    assert Packet.objects.count() == 1


def test_a_new_agent_needs_a_team_and_a_role_is_none(cast: Cast, drafted: Walk) -> None:
    with refused("no_team"):
        drafted(actor=cast.security)
    with refused("no_team"):
        drafted(actor=cast.engineer, team=Group.objects.get(name=Role.ENGINEERS))
    with refused("no_team"):
        drafted(actor=cast.engineer, team=cast.other_team)
    with refused("no_team"):
        drafted(actor=cast.person("two-teams", "Web platform", "Billing"))


def test_nobody_inactive_drafts(cast: Cast, drafted: Walk) -> None:
    cast.engineer.is_active = False
    cast.engineer.save()
    with refused("inactive"):
        drafted()


def test_a_deactivated_agent_gets_no_packet(drafted: Walk) -> None:
    agent = drafted().packet.agent
    agent.is_active = False
    agent.save()
    with refused("agent_inactive"):
        drafted()


def test_a_draft_of_a_deactivated_agent_is_not_submitted(drafted: Walk, in_review: Walk) -> None:
    version = drafted()
    version.packet.agent.is_active = False
    version.packet.agent.save()
    with refused("agent_inactive"), no_trace():
        in_review(of=version, seats=None)


def test_an_edit_raises_the_revision_and_makes_an_author(cast: Cast, drafted: Walk) -> None:
    version = drafted()
    edited = transitions.edit(version.pk, content(job="Other."), seen=Seen.of(version), actor=cast.teammate)
    assert (edited.revision, edited.job, edited.number) == (2, "Other.", 1)
    assert set(edited.editors.all()) == {cast.engineer, cast.teammate}
    assert kinds(version) == [EventKind.DRAFTED, EventKind.EDITED]


def test_an_edit_keeps_agent_level_and_parent(cast: Cast, drafted: Walk) -> None:
    version = drafted()
    other = content(agent="another", parent="AP-0009")
    edited = transitions.edit(version.pk, other, seen=Seen.of(version), actor=cast.engineer)
    assert asked(edited) == content()


def test_lines_of_a_run_cannot_slip_into_a_system_packet_where_no_digest_holds_them(cast: Cast, drafted: Walk) -> None:
    version = drafted()
    run = run_content(version.packet, files_change="Edit(**)")
    with refused("malformed"):
        transitions.edit(version.pk, run, seen=Seen.of(version), actor=cast.engineer)
    assert asked(latest(version)) == content()


def test_an_edit_of_what_changed_meanwhile_is_stale(cast: Cast, drafted: Walk) -> None:
    version = drafted()
    seen = Seen.of(version)
    transitions.edit(version.pk, content(job="First."), seen=seen, actor=cast.teammate)
    with refused("stale"):
        transitions.edit(version.pk, content(job="Second."), seen=seen, actor=cast.engineer)
    assert latest(version).job == "First."


def test_only_the_submitting_side_edits_submits_and_discards(cast: Cast, drafted: Walk) -> None:
    version = drafted(backup_owner="auditor")
    seen = Seen.of(version)
    for person in (cast.outsider, cast.security, cast.responder, cast.admin):
        with refused("not_you"):
            transitions.edit(version.pk, content(), seen=seen, actor=person)
        with refused("not_you"):
            transitions.submit(version.pk, seen=seen, actor=person)
        with refused("not_you"):
            transitions.discard(version.pk, seen=seen, actor=person)
    transitions.discard(version.pk, seen=seen, actor=cast.auditor)  # the backup owner, whatever their role


def test_someone_deactivated_after_opening_the_page_is_refused(cast: Cast, drafted: Walk) -> None:
    version, person = drafted(), cast.teammate
    type(person).objects.filter(pk=person.pk).update(is_active=False)
    assert person.is_active, "the page still holds the person as they were"
    with refused("not_you"):
        transitions.submit(version.pk, seen=Seen.of(version), actor=person)


def test_discarding_closes_the_draft_and_keeps_its_rows(cast: Cast, drafted: Walk) -> None:
    version = drafted()
    transitions.discard(version.pk, seen=Seen.of(version), actor=cast.teammate)
    assert (latest(version).state, latest(version).closed_reason) == (State.CLOSED, "Discarded")
    assert kinds(version) == [EventKind.DRAFTED, EventKind.DISCARDED]
    with refused("wrong_state"):
        transitions.submit(version.pk, seen=Seen.of(latest(version)), actor=cast.engineer)
    with refused("wrong_state"):
        transitions.amend(version.pk, actor=cast.engineer)


def test_submitting_freezes_content_and_asks_for_signatures(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    assert (version.state, version.submitted_by, version.submitted_at) == (State.IN_REVIEW, cast.engineer, clock.moment)
    assert version.digest == digest(bytes(version.content or b"")) == digest(canonical_of(version))
    assert [seat.group.name for seat in version.seats.all()] == ["Security", "Security"]
    assert version.change == ChangeKind.NEW and version.tier and version.rules
    assert version.answer_by == clock.moment + timedelta(days=3)
    assert not version.decisions.exists() and version.in_force_from is None
    assert kinds(version) == [EventKind.DRAFTED, EventKind.SUBMITTED]
    rows = [(grant.field, str(grant), grant.position) for grant in version.grants.order_by("pk")]
    assert rows == [
        (Field.DATA_SOURCES, "crm.customers", 1),
        (Field.TOOLS, "Bash(git diff *)", 1),
        (Field.TOOLS, "Bash(git log *)", 2),
        (Field.WRITE_ACTIONS, "Edit(docs/**)", 1),
    ]


def test_the_groups_that_sign_see_the_packet_from_the_submission_on(cast: Cast, drafted: Walk, in_review: Walk) -> None:
    lawyer = cast.person("lawyer", "Legal")
    version = drafted()
    assert not Packet.objects.visible_to(lawyer).contains(version.packet)
    in_review(of=version, seats={"Legal": 1})
    assert Packet.objects.visible_to(cast.person("lawyer")).contains(version.packet)
    assert "Legal" in str(bytes(Event.objects.get(kind=EventKind.SUBMITTED).body))


@pytest.mark.parametrize(
    "changes",
    [
        {"owner": ""}, {"job": ""}, {"identity": ""}, {"run_record_location": ""}, {"retention_days": None},
        {"ends": None}, {"rollback_owner": ""}, {"rollback_path": ""}, {"access_revoked": ""}, {"when_wrong": ""},
        {"data_sources": "", "tools": "", "write_actions": ""},
    ],
)  # fmt: skip
def test_what_is_incomplete_stays_a_draft(drafted: Walk, in_review: Walk, changes: dict[str, str]) -> None:
    version = drafted(**changes)
    with refused("incomplete"):
        in_review(of=version)
    assert latest(version).state == State.DRAFT and kinds(version) == [EventKind.DRAFTED]


def test_an_end_that_has_passed_or_is_years_away_is_incomplete(clock: Clock, drafted: Walk, in_review: Walk) -> None:
    version = drafted(ends=clock.moment + timedelta(days=1))
    clock.to(version.ends or clock.moment)
    with refused("incomplete"):
        in_review(of=version)
    clock.just_before(version.ends or clock.moment)
    assert in_review(of=version).state == State.IN_REVIEW
    with refused("incomplete"):
        in_review(ends=clock.moment + timedelta(days=3 * 366 + 1))


def test_an_end_is_kept_to_the_second_as_the_digest_says_it(drafted: Walk) -> None:
    typed = validity.now() + timedelta(days=30, microseconds=1)
    assert drafted(ends=typed).ends == typed.replace(microsecond=0)


def test_without_a_rule_nothing_can_be_submitted(drafted: Walk, in_review: Walk) -> None:
    version = drafted()
    rules_ask({})
    with refused("no_rule"):
        in_review(of=version, seats=None)
    assert latest(version).state == State.DRAFT and latest(version).digest == ""


def test_a_life_longer_than_the_rules_allow_is_refused(clock: Clock, drafted: Walk, in_review: Walk) -> None:
    rules_ask({"Security": 1}, longest_life=30)
    version = drafted(ends=clock.moment + timedelta(days=30, seconds=1))
    with refused("too_long") as said:
        in_review(of=version, seats=None)
    assert "2 Dec 2026 09:00 UTC" in said.value.remedy
    assert in_review(ends=clock.moment + timedelta(days=30), seats=None).state == State.IN_REVIEW


def test_a_submission_needs_distinct_people_for_all_seats(cast: Cast, drafted: Walk, in_review: Walk) -> None:
    version = drafted()
    rules_ask({"Security": 2, "Legal": 1})
    cast.security2.groups.add(Group.objects.get(name="Legal"))
    with refused("nobody_to_sign"):
        in_review(of=version, seats=None)
    cast.person("lawyer", "Legal")
    assert in_review(of=version, seats=None).seats.count() == 3


def test_authors_do_not_count_as_people_who_may_sign(cast: Cast, drafted: Walk, in_review: Walk) -> None:
    version = drafted()
    rules_ask({"team": 2})
    with refused("nobody_to_sign"):
        in_review(of=version, seats=None)  # the engineer wrote it, so only the teammate is left


def test_two_accounts_with_one_address_do_not_count_as_two_people(cast: Cast, drafted: Walk, in_review: Walk) -> None:
    version = drafted()
    rules_ask({"Security": 2})
    cast.security2.email = cast.security.email.upper()
    cast.security2.save()
    with refused("nobody_to_sign"):
        in_review(of=version, seats=None)


def test_a_person_named_in_the_packet_has_to_be_active(cast: Cast, drafted: Walk, in_review: Walk) -> None:
    version = drafted()
    cast.teammate.is_active = False
    cast.teammate.save()
    with refused("inactive_person"):
        in_review(of=version)


def test_a_second_submission_is_stale(cast: Cast, drafted: Walk, in_review: Walk) -> None:
    version = drafted()
    in_review(of=version)
    with refused("stale"):
        transitions.submit(version.pk, seen=Seen.of(version), actor=cast.engineer)
    assert version.seats.count() == 1 and Grant.objects.filter(version=version).count() == 4


def test_withdrawing_closes_the_version_and_opens_its_content_again(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    sign(version, cast.security)
    draft = transitions.withdraw(version.pk, seen=Seen.of(latest(version)), actor=cast.teammate)
    assert (latest(version).state, draft.state, draft.number, draft.based_on) == (State.CLOSED, State.DRAFT, 2, version)
    assert asked(draft) == content() and not draft.decisions.exists() and not draft.editors.exists()
    assert kinds(version)[-1] == EventKind.WITHDRAWN and kinds(draft) == [EventKind.DRAFTED]
    with refused("wrong_state"):
        sign(version, cast.security2)


def test_after_the_last_signature_it_is_too_late_to_withdraw(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    with refused("too_late"):
        transitions.withdraw(version.pk, seen=Seen.of(version), actor=cast.engineer)


def test_only_the_submitting_side_withdraws(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    for person in (cast.security, cast.outsider, cast.admin):
        with refused("not_you"):
            transitions.withdraw(version.pk, seen=Seen.of(version), actor=person)
    draft = Version.objects.filter(packet=version.packet, state=State.DRAFT)
    assert not draft.exists() and latest(version).state == State.IN_REVIEW


def test_naming_an_outsider_as_owner_lets_them_see_and_taking_it_back_does_not(cast: Cast, drafted: Walk) -> None:
    version = drafted(owner="outsider")
    assert access.standing(version.packet).people >= {cast.outsider.pk}
    transitions.edit(version.pk, replace(content()), seen=Seen.of(version), actor=cast.engineer)
    assert cast.outsider.pk not in access.standing(version.packet).people
