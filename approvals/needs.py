"""What the sign-off rules ask of a version together, and whether there are people enough to give it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from approvals.models import SignOffRule, Version


@dataclass(frozen=True, slots=True)
class Need:
    """What the matching rules ask together."""

    seats: dict[int, int]  # group key → how many
    longest_life: timedelta
    reminder_days: tuple[int, ...]
    answer_within: timedelta
    asked_by: dict[int, str]  # group key → names of the rules that ask for it


@dataclass(frozen=True, slots=True)
class Situation:
    """What the conditions of a rule are held against. `team` is a group key; 0 stands for a team no rule names."""

    level: str
    tier: str
    change: str
    team: int
    life: timedelta  # the asked end minus the start
    data_class: str = ""  # empty: it names no data, or of a class no rule names


def applies(rule: SignOffRule, there: Situation) -> bool:
    """Whether every condition of an active rule holds in this situation."""
    return (
        rule.is_active
        and rule.level in ("", there.level)
        and rule.tier in ("", there.tier)
        and rule.data_class in ("", there.data_class)
        and rule.change in ("", there.change)
        and rule.team_id in (None, there.team)
        and (rule.life_at_most is None or there.life <= timedelta(days=rule.life_at_most))
        and (rule.life_more_than is None or there.life > timedelta(days=rule.life_more_than))
    )


def matching(
    rules: Iterable[SignOffRule], version: Version, life: timedelta, change: str | None = None
) -> list[SignOffRule]:
    """The rules whose every condition holds for this version; `life` is the asked end minus the start.

    `change` is how it compares with the version in force; None means as it did at submit.
    """
    change = version.change if change is None else change
    packet = version.packet
    there = Situation(packet.level, version.tier, change, packet.agent.team_id, life, version.data_class)
    return [rule for rule in rules if applies(rule, there)]


def snapshot(rules: Iterable[SignOffRule], team: Group) -> list[dict[str, object]]:
    """The rules as plain data, as they are kept with a version from its submission on."""
    return [
        {
            "rule": rule.pk,
            "name": rule.name,
            "group": rule.group_id or team.pk,
            "group_name": (rule.group or team).name,
            "count": rule.count,
            "longest_life": rule.longest_life,
            "reminder_days": list(rule.reminder_days),
            "answer_within": rule.answer_within,
        }
        for rule in rules
    ]


def need(rows: Iterable[dict[str, object]]) -> Need | None:
    """What snapshot rows ask together, or None when there are none: then nobody can approve."""
    kept: list[dict[str, int]] = [dict(row) for row in rows]  # type: ignore[arg-type]  # JSON rows we wrote ourselves
    if not kept:
        return None
    seats: dict[int, int] = {}
    for row in kept:
        seats[row["group"]] = max(seats.get(row["group"], 0), row["count"])
    names: dict[int, set[str]] = {}
    for row in kept:
        names.setdefault(row["group"], set()).add(str(row["name"]))
    days = {day for row in kept for day in row["reminder_days"]}  # type: ignore[attr-defined]
    return Need(
        seats,
        timedelta(days=min(row["longest_life"] for row in kept)),
        tuple(sorted(days, reverse=True)),
        timedelta(days=min(row["answer_within"] for row in kept)),
        {group: ", ".join(sorted(said)) for group, said in names.items()},
    )


def can_fill(seats: Sequence[int], members: Mapping[int, set[str]]) -> bool:
    """Whether distinct people can fill all seats: `seats` are group keys, `members` the eligible people of each."""
    taken: dict[str, int] = {}

    def place(seat: int, tried: set[str]) -> bool:
        for person in members.get(seats[seat], set()) - tried:
            tried.add(person)
            if person not in taken or place(taken[person], tried):
                taken[person] = seat
                return True
        return False

    return all(place(seat, set()) for seat in range(len(seats)))


def members_of(groups: Iterable[int], without: set[int]) -> dict[int, set[str]]:
    """The active people of each group but those, each by address: two accounts with one address are one person."""
    found: dict[int, set[str]] = {group: set() for group in groups}
    people = get_user_model()._default_manager.filter(is_active=True)
    gone = {email.lower() for email in people.filter(pk__in=without).values_list("email", flat=True) if email}
    for pk, email, group in people.filter(groups__in=found).values_list("pk", "email", "groups"):
        if pk not in without and email.lower() not in gone and group in found:
            found[group].add(email.lower() or f"#{pk}")
    return found
