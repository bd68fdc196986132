"""Changing a rule: at once where it nowhere asks for less, else with a second administrator. Always an event."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from approvals import transitions
from approvals.letters import outbox
from approvals.models import Event, Letter, RuleChange, SignOffRule
from approvals.rule_words import values
from approvals.transitions import rule_seen
from approvals.vocabulary import EventKind, Role, RuleOutcome
from portal.models import User
from tests.cast import Cast, no_trace, refused

pytestmark = [pytest.mark.django_db, pytest.mark.databases]
HIGH = "High risk: two of Security"


def high() -> SignOffRule:
    return SignOffRule.objects.get(name=HIGH)


def change(actor: User, rule: SignOffRule | None = None, reason: str = "We said so.", **changes: Any) -> RuleChange:
    rule = rule or high()
    after = values(rule) | changes
    return transitions.change_rule(after, actor=actor, reason=reason, rule=rule, seen=rule_seen(rule))


def second(cast: Cast) -> User:
    return cast.person("keeper", Role.ADMINISTRATORS)


def detail(kind: EventKind) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bytes(Event.objects.filter(kind=kind).latest("pk").body))["detail"]
    return found


def test_a_stricter_rule_holds_at_once_and_is_an_event_with_its_words(cast: Cast) -> None:
    row = change(cast.admin, longest_life=60)
    assert row.outcome == RuleOutcome.APPLIED
    assert high().longest_life == 60
    said = detail(EventKind.RULE_CHANGED)
    assert said["fields"] == ["longest_life"]
    assert "at most 90 days" in said["before"]
    assert "at most 60 days" in said["after"]
    assert high().history.latest().history_user == cast.admin


def test_a_loosening_waits_and_nothing_is_looser_meanwhile(cast: Cast) -> None:
    row = change(cast.admin, count=1)
    assert row.outcome == RuleOutcome.WAITING
    assert high().count == 2
    assert not Event.objects.filter(kind=EventKind.RULE_CHANGED).exists()
    assert any("Needs one of Security, not two" in words for words in detail(EventKind.RULE_PROPOSED)["loosens"])


def test_a_second_administrator_applies_it(cast: Cast) -> None:
    row = change(cast.admin, count=1)
    transitions.confirm_rule_change(row.pk, actor=second(cast), reason="Agreed in the weekly.")
    row.refresh_from_db()
    assert (row.outcome, row.decided_by, high().count) == (RuleOutcome.APPLIED, second(cast), 1)
    assert detail(EventKind.RULE_LOOSENED)["asked_by"] == cast.admin.printed_name


def test_the_same_person_never_applies_their_own_loosening(cast: Cast) -> None:
    row = change(cast.admin, count=1)
    with refused("own_change"), no_trace():
        transitions.confirm_rule_change(row.pk, actor=cast.admin)
    other = second(cast)
    other.email = cast.admin.email.upper()  # another account of the same person
    other.save()
    with refused("own_change"):
        transitions.confirm_rule_change(row.pk, actor=other)
    row.outcome, row.decided_by = RuleOutcome.APPLIED, cast.admin
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    assert high().count == 2


@pytest.mark.parametrize("name", ["engineer", "security", "auditor", "responder"])
def test_nobody_else_changes_or_settles_rules(cast: Cast, name: str) -> None:
    row = change(cast.admin, count=1)
    person = getattr(cast, name)
    with refused("not_you"), no_trace():
        change(person, longest_life=60)
    for settle in (transitions.confirm_rule_change, transitions.decline_rule_change):
        with refused("not_you"), no_trace():
            settle(row.pk, actor=person, reason="No.")


def test_a_superuser_who_is_no_administrator_changes_nothing(cast: Cast) -> None:
    cast.admin.groups.clear()
    with refused("not_you"), no_trace():
        change(cast.admin, longest_life=60)


def test_a_declined_and_a_withdrawn_change_leave_the_rules_and_an_event(cast: Cast) -> None:
    first = change(cast.admin, count=1)
    transitions.decline_rule_change(first.pk, actor=second(cast), reason="Two it stays.")
    mine = change(cast.admin, count=1)
    with refused("not_you"):
        transitions.withdraw_rule_change(mine.pk, actor=second(cast))
    transitions.withdraw_rule_change(mine.pk, actor=cast.admin)
    assert high().count == 2
    assert Event.objects.filter(kind=EventKind.RULE_DECLINED).count() == 2
    for settle in (transitions.confirm_rule_change, transitions.decline_rule_change):
        with refused("wrong_state"):
            settle(first.pk, actor=second(cast), reason="Again.")


def test_what_changed_since_the_page_was_opened_is_not_written_over(cast: Cast) -> None:
    rule = high()
    seen = rule_seen(rule)
    change(cast.admin, longest_life=60)
    with refused("stale"), no_trace():
        transitions.change_rule(
            values(rule) | {"longest_life": 80}, actor=second(cast), reason="So.", rule=rule, seen=seen
        )


def test_a_waiting_change_is_stale_once_the_rules_moved_under_it(cast: Cast) -> None:
    row = change(cast.admin, count=1)
    change(cast.admin, answer_within=2)
    with refused("stale"), no_trace():
        transitions.confirm_rule_change(row.pk, actor=second(cast))


def test_two_changes_that_loosen_only_together_are_told_apart(cast: Cast) -> None:
    """Each alone leaves the other rule asking for two; the second of them is asked about the rules as they are then."""
    twin = transitions.change_rule(
        values(high()) | {"name": "High again"}, actor=cast.admin, reason="A second net.", rule=None
    )
    assert twin.outcome == RuleOutcome.APPLIED
    assert change(cast.admin, count=1).outcome == RuleOutcome.APPLIED
    assert change(cast.admin, SignOffRule.objects.get(name="High again"), count=1).outcome == RuleOutcome.WAITING


def test_a_new_rule_where_nobody_could_approve_waits(cast: Cast) -> None:
    rule = high()
    assert change(cast.admin, rule, is_active=False).outcome == RuleOutcome.APPLIED
    rule.refresh_from_db()
    assert change(cast.admin, rule, is_active=True, count=1).outcome == RuleOutcome.WAITING


def test_nothing_and_nonsense_are_refused(cast: Cast) -> None:
    with refused("nothing_changed"), no_trace():
        change(cast.admin)
    with refused("malformed"), no_trace():
        change(cast.admin, reminder_days=[0])
    with refused("no_reason"), no_trace():
        change(cast.admin, longest_life=60, reason=" ")


def test_a_rule_is_never_deleted(cast: Cast) -> None:
    for delete in (high().delete, SignOffRule.objects.filter(name=HIGH).delete):
        with refused("rule_in_use"), no_trace():
            delete()


def told(kind: EventKind) -> set[str]:
    outbox.announce(Event.objects.filter(kind=kind).latest("pk"))
    return set(Letter.objects.filter(event__kind=kind).values_list("recipient__username", flat=True))


def test_the_signing_group_and_the_administrators_hear_of_it(cast: Cast) -> None:
    keeper = second(cast)
    row = change(cast.admin, count=1)
    assert told(EventKind.RULE_PROPOSED) == {"security", "security2", "keeper"}
    letter = Letter.objects.latest("pk")
    assert "waits for a second administrator" in letter.subject
    assert "Needs one of Security, not two" in letter.text
    transitions.confirm_rule_change(row.pk, actor=keeper)
    assert told(EventKind.RULE_LOOSENED) == {"security", "security2", "admin"}
    assert "is loosened" in Letter.objects.latest("pk").subject


def test_a_rule_of_every_team_is_told_to_security(cast: Cast) -> None:
    second(cast)
    change(cast.admin, SignOffRule.objects.get(name__startswith="Low risk, nothing wider"), longest_life=60)
    assert told(EventKind.RULE_CHANGED) == {"security", "security2", "keeper"}
