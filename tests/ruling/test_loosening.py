"""Whether a change of rules asks for less anywhere is decided exactly, not guessed from the fields that changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from hypothesis import given, settings
from hypothesis import strategies as some

from approvals import shipped
from approvals.loosening import Asked, asked_of, loosened
from approvals.models import SignOffRule
from approvals.needs import Situation
from approvals.vocabulary import ChangeKind, Level, Severity

SECURITY, WEB, CARE = Group(pk=1, name="Security"), Group(pk=2, name="Web platform"), Group(pk=3, name="Customer care")
NAMES = {group.pk: group.name for group in (SECURITY, WEB, CARE)}


def rule(**columns: Any) -> SignOffRule:
    return SignOffRule(**{"longest_life": 90, "answer_within": 3, "count": 1, "group": SECURITY, **columns})


def all_shipped() -> list[SignOffRule]:
    return [
        rule(name=name, group=SECURITY if who else None, count=count, longest_life=life, answer_within=days, **when)
        for name, when, who, count, life, days in shipped.RULES
    ]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ({"count": 2}, {"count": 1}, "Needs one of Security, not two"),
        ({}, {"group": WEB}, "Needs no of Security, not one"),
        ({}, {"longest_life": 91}, "May hold 91 days, not 90"),
        ({}, {"answer_within": 4}, "May wait 4 days for an answer, not 3"),
        ({}, {"reminder_days": [30]}, "Is not reminded 14, 7, 3 and 1 days before its end any more"),
        ({"tier": "high"}, {}, "Could be approved by nobody, and now can be"),
    ],
)
def test_what_asks_for_less_is_named(before: dict[str, Any], after: dict[str, Any], says: str) -> None:
    found = loosened([rule(**before)], [rule(**after)], NAMES)
    assert any(words.startswith(says) for words in found), found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"count": 2}),
        ({}, {"longest_life": 30}),
        ({}, {"answer_within": 1}),
        ({}, {"reminder_days": [60, 30, 14, 7, 3, 1]}),
        ({}, {"name": "Another name"}),
        ({}, {"is_active": False}),
        ({}, {"tier": "high"}),
    ],
)
def test_what_asks_for_as_much_or_more_loosens_nothing(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert loosened([rule(**before)], [rule(**after)], NAMES) == []


def test_a_narrower_condition_loosens_where_another_rule_asks_for_less() -> None:
    """Where the stricter rule does not apply any more, the weaker one is left alone."""
    weak = rule(name="All", count=1)
    assert loosened([weak, rule(count=2)], [weak, rule(count=2, tier="high")], NAMES)


def test_a_bound_of_the_asked_life_is_told_apart_to_the_microsecond() -> None:
    short, long = rule(life_at_most=7, count=1), rule(life_more_than=7, count=2)
    assert loosened([short, long], [rule(life_at_most=8, count=1), rule(life_more_than=8, count=2)], NAMES)
    assert loosened([short, long], [rule(life_at_most=6, count=1), rule(life_more_than=6, count=2)], NAMES) == []


def test_the_agents_team_and_its_group_are_the_same_signature() -> None:
    assert loosened([rule(team=WEB, group=None)], [rule(team=WEB, group=WEB)], NAMES) == []


def test_the_shipped_rules_loosen_nothing_against_themselves_and_each_is_needed() -> None:
    rules = all_shipped()
    assert loosened(rules, rules, NAMES) == []
    assert all(loosened(rules[:n] + rules[n + 1 :], rules, NAMES) for n in range(len(rules)))


GROUPS = some.sampled_from([None, SECURITY, WEB, CARE])
DAYS = some.one_of(some.none(), some.sampled_from([1, 7, 30]))
RULES = some.lists(
    some.builds(
        rule,
        tier=some.sampled_from(["", "low", "high"]), level=some.sampled_from(["", "run"]),
        change=some.sampled_from(["", "wider"]), team=some.sampled_from([None, WEB]), group=GROUPS,
        life_at_most=DAYS, life_more_than=DAYS, count=some.integers(1, 2), longest_life=some.sampled_from([30, 90]),
        reminder_days=some.sampled_from([[], [7], [30, 7]]), answer_within=some.sampled_from([1, 3]),
    ),
    max_size=3,
)  # fmt: skip
SITUATIONS = some.builds(
    Situation,
    level=some.sampled_from(list(Level)), tier=some.sampled_from(list(Severity)),
    change=some.sampled_from(list(ChangeKind)), team=some.sampled_from([WEB.pk, CARE.pk]),
    life=some.timedeltas(timedelta(0), timedelta(days=60)),
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(RULES, RULES, SITUATIONS)
def test_where_nothing_is_loosened_no_situation_asks_for_less(
    before: list[SignOffRule], after: list[SignOffRule], there: Situation
) -> None:
    """Held against a plain comparison in a situation nobody chose."""
    if not loosened(before, after, NAMES):
        assert not asks_less(asked_of(before, there), asked_of(after, there))


def asks_less(before: Asked | None, after: Asked | None) -> bool:
    if before is None or after is None:
        return before is None and after is not None
    return (
        any(after.seats.get(group, 0) < count for group, count in before.seats.items())
        or after.longest_life > before.longest_life
        or after.answer_within > before.answer_within
        or not before.reminder_days <= after.reminder_days
    )
