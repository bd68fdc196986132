"""A sign-off rule as a sentence that an administrator, a signer and an owner read alike. Pure over one row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from approvals.models import SignOffRule
from approvals.needs import Situation
from approvals.risk.register import DataClass
from approvals.vocabulary import ChangeKind, Level, Severity

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEAM = "the agent’s team"
# The columns that make a rule, in the order a person reads them; its name and whether it is active come beside.
COLUMNS = (
    "name", "is_active", "level", "tier", "data_class", "change", "team", "life_at_most", "life_more_than",
    "group", "count", "longest_life", "reminder_days", "answer_within",
)  # fmt: skip


def sentence(rule: SignOffRule) -> str:
    """“High risk: two of Security, at most 90 days, answer within 3 days, reminders 30, 14, 7, 3 and 1 days before.”"""
    asks = f"{told_count(rule.count)} of {rule.group.name if rule.group else TEAM}"
    reminders = f"reminders {told_days(rule.reminder_days)} days before" if rule.reminder_days else ""
    rest = [asks, f"at most {counted(rule.longest_life, 'day')}", f"answer within {counted(rule.answer_within, 'day')}"]
    return f"{when(rule)}: {', '.join([*rest, reminders or 'no reminders'])}."


def when(rule: SignOffRule) -> str:
    """The conditions: “Low risk, new authority, one run of at most 1 day, agents of Web platform”."""
    parts = [
        f"{rule.tier} risk" if rule.tier else "",
        DataClass(rule.data_class).label if rule.data_class else "",
        ChangeKind(rule.change).label if rule.change else "",
        _extent(rule),
        f"agents of {rule.team.name}" if rule.team else "",
    ]
    said = ", ".join(part for part in parts if part) or "every packet"
    return said[0].upper() + said[1:]


def _extent(rule: SignOffRule) -> str:
    """Level and asked life, as one thing with its length."""
    lives = [
        f"of at most {counted(rule.life_at_most, 'day')}" if rule.life_at_most is not None else "",
        f"of more than {counted(rule.life_more_than, 'day')}" if rule.life_more_than is not None else "",
    ]
    life = " and ".join(one for one in lives if one)
    level = Level(rule.level).label.lower() if rule.level else ""
    return f"{level or 'authority'} {life}".strip() if life else level


def told_situation(there: Situation, teams: Mapping[int, str]) -> str:
    """“standing authority of high risk, wider, for 90 days, of an agent of Web platform”."""
    level, change = Level(there.level).label.lower(), ChangeKind(there.change).label
    team = f"of {teams[there.team]}" if there.team in teams else "of a team no rule names"
    data = f", {DataClass(there.data_class).label}" if there.data_class else ""
    return f"{level} of {Severity(there.tier)} risk{data}, {change}, for {told_life(there.life)}, of an agent {team}"


def told_life(life: timedelta) -> str:
    """“1 day”, “90 days”; what is a little longer than whole days says so."""
    return f"{counted(life.days, 'day')}" if life == timedelta(days=life.days) else f"more than {life.days} days"


def values(rule: SignOffRule) -> dict[str, Any]:
    """The rule as plain data, as a change of it is kept: column to value, groups by key."""
    return {name: getattr(rule, f"{name}_id" if name in ("team", "group") else name) for name in COLUMNS}


def told_count(number: int) -> str:
    """The number as a word while it is short."""
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def counted(number: int | None, noun: str) -> str:
    """1 day, 3 days."""
    return f"{number} {plural(number or 0, noun)}"


def plural(number: int, noun: str) -> str:
    return noun if number == 1 else f"{noun}s"


def told_days(days: Iterable[int]) -> str:
    """30, 14 and 7; empty for none."""
    return listed(str(day) for day in sorted(days, reverse=True))


def listed(words: Iterable[str]) -> str:
    """One, two and three; empty for no words."""
    *rest, last = list(words) or [""]
    return f"{', '.join(rest)} and {last}" if rest else last
