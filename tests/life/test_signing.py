"""Sign: who may, what one signature does, what the last one does, and what it leaves alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db.models import ProtectedError

from approvals import transitions, validity
from approvals.cuts import Cut, Cuts, decision_digest
from approvals.models import Decision, Event, SignOffRule, Version
from approvals.transitions import Seen
from approvals.vocabulary import EventKind, Field, Role, State, Verdict
from tests import present
from tests.cast import PASSWORD, Cast, Clock, Walk, content, kinds, latest, no_trace, refused, rules_ask, sign
from tests.pages.asking import seen, signed_in, verb

pytestmark = pytest.mark.usefixtures("watched")
SIGNED, APPROVED = EventKind.SIGNED, EventKind.APPROVED


def test_the_last_signature_puts_the_version_in_force(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review(seats={"Security": 1})
    signed = sign(version, cast.security)
    assert (signed.state, signed.in_force_from, signed.ends_at) == (State.APPROVED, clock.moment, version.ends)
    assert Version.objects.in_force_at(clock.moment).contains(version)
    assert kinds(version) == [EventKind.DRAFTED, EventKind.SUBMITTED, SIGNED, APPROVED]


def test_a_signature_prints_name_role_rule_reason_and_digest(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review(seats={"Security": 1})
    sign(version, cast.security, reason="Scope is narrow.")
    decision = version.decisions.get()
    assert (decision.person_name, decision.role, decision.rule) == ("Sam Sato", "Security", "1 of Security")
    assert (decision.reason, decision.at, decision.verdict) == ("Scope is narrow.", clock.moment, Verdict.APPROVE)
    assert decision.digest == decision_digest(version.digest, "", Cuts())
    assert version.seats.get().decision == decision


def test_the_first_of_two_signatures_decides_nothing_yet(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    sign(version, cast.security)
    assert latest(version).state == State.IN_REVIEW and latest(version).in_force_from is None
    assert kinds(version)[-1] == SIGNED and APPROVED not in kinds(version)
    assert latest(version).revision == version.revision, "a plain signature stales nobody's page"


def test_the_second_signer_may_use_the_page_they_opened_before_the_first_signed(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    seen = Seen.of(version)
    present.sign(version.pk, seen=seen, actor=cast.security)
    present.sign(version.pk, seen=seen, actor=cast.security2)
    assert latest(version).state == State.APPROVED


def test_a_cut_stales_the_page_of_the_second_signer(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    seen = Seen.of(version)
    sign(version, cast.security, cuts=Cuts((Cut(Field.TOOLS, "Bash(git log *)"),)))
    with refused("stale"):
        present.sign(version.pk, seen=seen, actor=cast.security2)
    sign(version, cast.security2)
    assert latest(version).state == State.APPROVED


def test_so_3_a_decision_on_other_content_than_was_seen_is_refused(cast: Cast, in_review: Walk) -> None:
    version = in_review()  # SO-3: an edit is a new version, so what was seen has another digest
    with refused("stale"):
        present.sign(version.pk, seen=Seen(version.revision, "0" * 64, "", State.IN_REVIEW), actor=cast.security)


def test_the_same_persons_repeat_gets_the_same_answer_again(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    seen = Seen.of(version)
    for _ in range(3):
        assert present.sign(version.pk, seen=seen, actor=cast.security).pk == version.pk
    assert version.decisions.count() == 1 and kinds(version).count(SIGNED) == 1
    sign(version, cast.security2)
    assert present.sign(version.pk, seen=seen, actor=cast.security).state == State.APPROVED


def test_another_decision_of_the_same_person_is_refused(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    sign(version, cast.security)
    with refused("already_decided"):
        present.reject(version.pk, seen=Seen.of(latest(version)), actor=cast.security, reason="On second thought.")


def test_so_4_an_author_cannot_sign_by_any_door(cast: Cast, in_review: Walk) -> None:
    """SO-4: who submitted, who edited, and neither becomes a signer by joining the group."""
    version = in_review()
    cast.engineer.groups.add(Group.objects.get(name=Role.SECURITY))
    for decide in (present.reject, present.request_changes):
        with refused("own_version"):
            decide(version.pk, seen=Seen.of(version), actor=cast.engineer, reason="Mine.")
    with refused("own_version"):
        sign(version, cast.engineer)
    for verdict in Verdict:
        post = seen(version, verdict=verdict, reason="Mine.", password=PASSWORD)
        assert signed_in(cast.engineer).post(verb(version, "decide"), post).status_code == 403
    assert not version.decisions.exists()


def test_so_5_a_co_author_cannot_sign_whoever_submitted(cast: Cast, drafted: Walk, in_review: Walk) -> None:
    """SO-5, also when what they wrote was an earlier version that was sent back."""
    writer = cast.person("writer", "Web platform", Role.SECURITY.value)
    version = drafted()
    transitions.edit(version.pk, content(job="By two."), seen=Seen.of(version), actor=writer)
    in_review(of=latest(version))
    with refused("own_version"):
        sign(version, writer)
    draft = present.request_changes(version.pk, seen=Seen.of(latest(version)), actor=cast.security, reason="Why?")
    in_review(of=latest(draft))
    with refused("own_version"):
        sign(draft, writer)
    sign(draft, cast.security)


def test_authors_of_what_is_approved_already_may_sign_the_next(cast: Cast, in_force: Walk, in_review: Walk) -> None:
    writer = cast.person("writer", "Web platform", Role.SECURITY.value)
    version = in_force(actor=writer)
    draft = transitions.amend(version.pk, actor=cast.engineer)
    sign(in_review(of=draft), writer)


def test_so_19_a_second_account_with_the_same_address_is_the_same_person(cast: Cast, in_review: Walk) -> None:
    """SO-19: two seats are never filled by one person, and an author does not sign under another name."""
    twin = cast.person("twin", Role.SECURITY.value)
    cast.signers(2)
    version = in_review(seats={"Security": 2})
    twin.email = "SECURITY@example.org"
    twin.save()
    sign(version, cast.security)
    with refused("already_decided"):
        sign(version, twin)
    twin.email = "engineer@example.org"
    twin.save()
    with refused("own_version"):
        sign(version, type(twin).objects.get(pk=twin.pk))


def test_so_19_one_person_in_two_groups_fills_one_seat(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 1, "Legal": 1})
    cast.security.groups.add(Group.objects.get(name="Legal"))
    sign(version, cast.security)
    with refused("already_decided"):
        sign(version, cast.security, reason="Again.", cuts=Cuts(never=("crm.secrets",)))
    assert latest(version).state == State.IN_REVIEW


def test_a_signer_of_two_groups_takes_the_seat_that_leaves_the_other_to_somebody(cast: Cast, in_review: Walk) -> None:
    both = cast.person("both", Role.SECURITY.value, "Legal")
    version = in_review(seats={"Security": 1, "Legal": 1})
    sign(version, both)
    assert version.seats.get(decision__person=both).group.name == "Legal"
    sign(version, cast.security)
    assert latest(version).state == State.APPROVED


def test_nobody_without_a_seat_signs_not_even_a_superuser(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    for person in (cast.admin, cast.auditor, cast.responder, cast.teammate, cast.outsider):
        with refused("no_seat"):
            sign(version, person)
        with refused("no_seat"):
            present.reject(version.pk, seen=Seen.of(version), actor=person, reason="No.")
    assert not version.decisions.exists() and kinds(version)[-1] == EventKind.SUBMITTED


def test_a_seat_is_not_signed_twice(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 1, "Legal": 1})
    sign(version, cast.security)
    with refused("seat_taken"):
        sign(version, cast.security2)
    assert version.decisions.count() == 1


@pytest.mark.parametrize("which", ["person", "group", "packet", "version", "agent", "decision", "rule's group"])
def test_so_17_nothing_a_signature_stands_on_can_be_deleted(cast: Cast, in_force: Walk, which: str) -> None:
    version = in_force()
    rows: dict[str, Any] = {
        "person": cast.security, "group": Group.objects.get(name="Security"), "packet": version.packet,
        "version": version, "agent": version.packet.agent, "decision": version.decisions.get(),
        "rule's group": SignOffRule.objects.filter(is_active=True).get().group,
    }  # fmt: skip
    with pytest.raises(ProtectedError):
        rows[which].delete()
    assert latest(version).decisions.count() == 1


def test_so_14_after_the_last_signature_it_is_too_late_for_any_decision(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    other = next(one for one in (cast.security, cast.security2) if not version.decisions.filter(person=one).exists())
    with refused("too_late"):
        sign(version, other)
    with refused("too_late"):
        present.reject(version.pk, seen=Seen.of(version), actor=other, reason="Wait.")
    with refused("too_late"):
        present.request_changes(version.pk, seen=Seen.of(version), actor=other, reason="Wait.")


def test_who_decides_on_the_page_as_it_was_in_review_hears_that_it_is_too_late(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    seen = Seen.of(version)
    sign(version, cast.security)
    with refused("too_late"):
        present.reject(version.pk, seen=seen, actor=cast.security2, reason="No.")


def test_the_end_passing_in_review_ends_decisions_at_that_instant(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review(ends=clock.moment + timedelta(days=2), seats={"Security": 2})
    end = clock.to(version.ends or clock.moment)
    for person in (cast.security, cast.security2):
        with refused("end_passed"):
            sign(version, person)
    clock.just_before(end)
    sign(version, cast.security)
    assert version.decisions.count() == 1


def test_a_verdict_that_does_not_approve_is_no_signature(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    for verdict in (Verdict.REJECT, Verdict.REQUEST_CHANGES):
        with refused("not_a_signature"):
            sign(version, cast.security, verdict=verdict)
    with refused("cuts_unclear"):
        sign(version, cast.security, verdict=Verdict.APPROVE_NARROWER)
    with refused("cuts_unclear"):
        sign(version, cast.security, verdict=Verdict.APPROVE, cuts=Cuts(never=("x",)))


@pytest.mark.parametrize("reason", ["x" * 4001, "hidden\u200bword", "nul\x00", "\ud800"])
def test_a_reason_is_plain_text_of_some_length(cast: Cast, in_review: Walk, reason: str) -> None:
    version = in_review()
    with refused("too_long_text" if len(reason) > 100 else "hidden_text"):
        sign(version, cast.security, reason=reason)


def test_a_secret_in_a_reason_or_a_question_is_not_kept(cast: Cast, in_review: Walk) -> None:
    version, key = in_review(), "ghp_" + "a1B2" * 9
    with no_trace():
        with refused("secret_text") as refusal:
            sign(version, cast.security, reason=f"It used {key}.")
        with refused("secret_text"):
            transitions.ask(version.pk, f"Is {key} still good?", actor=cast.security)
    assert key not in str(refusal.value)


def test_so_8_rules_loosened_meanwhile_count_as_they_were_at_submit(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 2})
    rules_ask({"Security": 1})
    sign(version, cast.security)
    assert latest(version).state == State.IN_REVIEW
    rules_ask({})  # no rule at all: what was asked stays asked
    sign(version, cast.security2)
    assert latest(version).state == State.APPROVED


def test_so_8_rules_tightened_meanwhile_add_signatures(cast: Cast, in_review: Walk) -> None:
    version = in_review(seats={"Security": 1})
    lawyer = cast.person("lawyer", "Legal")
    rules_ask({"Security": 1, "Legal": 1})
    sign(version, cast.security)
    assert latest(version).state == State.IN_REVIEW
    assert kinds(version)[-2:] == [EventKind.SEATS_ADDED, SIGNED]
    assert Version.objects.visible_to(lawyer).contains(version)
    sign(version, lawyer)
    assert latest(version).state == State.APPROVED and kinds(version).count(EventKind.SEATS_ADDED) == 1
    assert version.decisions.get(person=lawyer).rule == "1 of Legal", "a rule of today is named too"


def test_a_life_that_rules_allow_no_more_has_to_be_narrowed(cast: Cast, clock: Clock, in_review: Walk) -> None:
    version = in_review(seats={"Security": 1})
    rules_ask({"Security": 1}, longest_life=10)
    with refused("too_long") as said:
        sign(version, cast.security)
    assert "narrow the end to 12 Nov 2026 09:00 UTC" in said.value.remedy
    sign(version, cast.security, cuts=Cuts(ends=clock.moment + timedelta(days=10)))
    assert latest(version).ends_at == clock.moment + timedelta(days=10)


def test_time_that_passes_in_review_is_no_change_of_a_rule(cast: Cast, clock: Clock, in_review: Walk) -> None:
    rules_ask({})
    one = {"longest_life": 400, "count": 1}
    SignOffRule.objects.create(name="long", life_more_than=10, group=Group.objects.get(name="Security"), **one)
    SignOffRule.objects.create(name="short", life_at_most=10, **one)
    version = in_review(seats=None, ends=clock.moment + timedelta(days=11))
    clock.forward(days=2)
    sign(version, cast.security)
    assert latest(version).state == State.APPROVED and EventKind.SEATS_ADDED not in kinds(version)


def test_a_rule_is_asked_for_what_it_names_only(cast: Cast, in_review: Walk) -> None:
    rules_ask({"Security": 1})
    SignOffRule.objects.create(name="runs", level="run", group=Group.objects.get(name="Auditors"), longest_life=9)
    SignOffRule.objects.create(name="others", team=cast.other_team, longest_life=9)
    version = in_review(seats=None)
    assert [seat.group.name for seat in version.seats.all()] == ["Security"]


def test_rules_add_up_by_group_and_take_the_shortest_life_and_all_reminders(cast: Cast, in_review: Walk) -> None:
    rules_ask({"Security": 1})
    group = Group.objects.get(name="Security")
    SignOffRule.objects.create(name="b", group=group, count=2, longest_life=100, reminder_days=[60, 7], answer_within=1)
    version = in_review(seats=None)
    assert version.seats.count() == 2 and version.reminder_days == [60, 30, 14, 7, 3, 1]
    assert (version.answer_by or validity.now()) - validity.now() <= timedelta(days=1)


def test_so_1_an_approved_version_is_not_edited_and_the_next_one_begins_without_signatures(
    cast: Cast, in_force: Walk, in_review: Walk
) -> None:
    version = in_force()
    with refused("wrong_state"):
        transitions.edit(version.pk, content(job="Else."), seen=Seen.of(version), actor=cast.engineer)
    draft = transitions.amend(version.pk, actor=cast.engineer)
    transitions.edit(draft.pk, content(job="Triage new errors!"), seen=Seen.of(draft), actor=cast.engineer)
    submitted = in_review(of=latest(draft))
    assert submitted.digest != version.digest and not submitted.decisions.exists()
    assert latest(version).job == version.job and latest(version).digest == version.digest


def test_so_7_each_decision_has_its_event_with_the_same_digest(cast: Cast, in_review: Walk) -> None:
    """SO-7: each signature has its event with the same digest, so none came by another door."""
    version = in_review(seats={"Security": 2})
    sign(version, cast.security)
    sign(version, cast.security2)
    events = [str(bytes(event.body)) for event in Event.objects.filter(kind=SIGNED)]
    for decision in Decision.objects.all():
        assert any(decision.digest in body for body in events)
    assert len(events) == Decision.objects.count() == 2
