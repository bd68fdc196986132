"""Whether a change of the sign-off rules asks for less somewhere. Pure over rows, and exact.

Rules add up over a finite number of situations: level × tier × data class × kind of change × team × the lives the
rules tell apart. So the question is answered by looking at each of them, not by guessing from the fields that changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

from approvals.models import SignOffRule
from approvals.needs import Situation, applies
from approvals.rule_words import TEAM, counted, told_count, told_days, told_situation
from approvals.vocabulary import ChangeKind, Level, Severity

MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rules ask in one situation together. Group key 0 is the agent's team, where no rule names it."""

    seats: Mapping[int, int]
    longest_life: int
    reminder_days: frozenset[int]
    answer_within: int


def asked_of(rules: Sequence[SignOffRule], there: Situation) -> Asked | None:
    """What these rules ask in a situation; None where no rule applies, so that nobody can approve."""
    found = [rule for rule in rules if applies(rule, there)]
    if not found:
        return None
    seats: dict[int, int] = {}
    for rule in found:
        group = rule.group_id or there.team
        seats[group] = max(seats.get(group, 0), rule.count)
    days = frozenset(day for rule in found for day in rule.reminder_days)
    return Asked(seats, min(rule.longest_life for rule in found), days, min(rule.answer_within for rule in found))


def loosened(before: Sequence[SignOffRule], after: Sequence[SignOffRule], names: Mapping[int, str]) -> list[str]:
    """Where the second set asks for less than the first, in sentences; empty when it nowhere does.

    `names` are the names of groups by key. Where nothing could be approved before and now can, that is less too.
    """
    found: dict[str, list[str]] = {}
    for there in situations([*before, *after]):
        for less in _less(asked_of(before, there), asked_of(after, there), names):
            found.setdefault(less, []).append(told_situation(there, names))
    return [_told(less, places) for less, places in found.items()]


def _told(less: str, places: list[str]) -> str:
    more = f", and in {counted(len(places) - 1, 'other case')}" if len(places) > 1 else ""
    return f"{less}: for {places[0]}{more}."


def situations(rules: Sequence[SignOffRule]) -> Iterator[Situation]:
    """Every situation these rules can tell apart, and one team no rule names."""
    teams = sorted({rule.team_id for rule in rules if rule.team_id is not None})
    classes = sorted({"", *(rule.data_class for rule in rules)})  # empty stands for every class no rule names
    places = product(Level, Severity, ChangeKind, [*teams, 0], _lives(rules), classes)
    for level, tier, change, team, life, data_class in places:
        yield Situation(level.value, tier.value, change.value, team, life, data_class)


def _lives(rules: Sequence[SignOffRule]) -> list[timedelta]:
    """One life on each side of every bound, and one below all of them."""
    bounds = {days for rule in rules for days in (rule.life_at_most, rule.life_more_than) if days is not None}
    lives = {timedelta(days=days) for days in (1, *bounds)}
    return sorted(lives | {timedelta(days=days) + MOMENT for days in bounds})


def _less(before: Asked | None, after: Asked | None, names: Mapping[int, str]) -> Iterator[str]:
    """What the second asks less than the first."""
    if after is None:
        return  # nobody can approve: nothing is stricter
    if before is None:
        yield "Could be approved by nobody, and now can be"
        return
    for group, count in before.seats.items():
        if (now := after.seats.get(group, 0)) < count:
            name = names[group] if group else TEAM
            yield f"Needs {told_count(now)} of {name}, not {told_count(count)}"
    if after.longest_life > before.longest_life:
        yield f"May hold {counted(after.longest_life, 'day')}, not {before.longest_life}"
    if after.answer_within > before.answer_within:
        yield f"May wait {counted(after.answer_within, 'day')} for an answer, not {before.answer_within}"
    if gone := before.reminder_days - after.reminder_days:
        yield f"Is not reminded {told_days(gone)} days before its end any more"
