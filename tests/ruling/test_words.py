"""A rule is a sentence, whatever its conditions are."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group

from approvals.models import SignOffRule
from approvals.rule_words import sentence

HIGH = {"tier": "high", "group": Group(name="Security"), "count": 2, "longest_life": 90, "answer_within": 3}


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (
            HIGH,
            "High risk: two of Security, at most 90 days, answer within 3 days, reminders 30, 14, 7, 3 and 1 days "
            "before.",
        ),
        (
            {"level": "run", "tier": "low", "change": "new", "life_at_most": 1, "longest_life": 1, "answer_within": 1,
             "reminder_days": []},
            "Low risk, new authority, one run of at most 1 day: one of the agent’s team, at most 1 day, answer within "
            "1 day, no reminders.",
        ),
        (
            {"longest_life": 30, "life_more_than": 7, "team": Group(name="Web platform"), "reminder_days": [7]},
            "Authority of more than 7 days, agents of Web platform: one of the agent’s team, at most 30 days, answer "
            "within 3 days, reminders 7 days before.",
        ),
        (
            {"longest_life": 30, "count": 12, "level": "system", "reminder_days": [1, 14]},
            "Standing authority: 12 of the agent’s team, at most 30 days, answer within 3 days, reminders 14 and 1 "
            "days before.",
        ),
        (
            {"longest_life": 2, "reminder_days": []},
            "Every packet: one of the agent’s team, at most 2 days, answer within 3 days, no reminders.",
        ),
    ],
)  # fmt: skip
def test_a_rule_reads_as_a_sentence(columns: dict[str, Any], says: str) -> None:
    assert sentence(SignOffRule(**columns)) == says
