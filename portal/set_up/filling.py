"""Whether distinct people could give every signature that the sign-off rules can ask for, an author left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from django.contrib.auth.models import Group

from approvals import validity
from approvals.loosening import asked_of, situations
from approvals.models import SignOffRule
from approvals.needs import can_fill
from approvals.rule_words import counted, listed, told_count, told_situation
from approvals.vocabulary import Role
from portal.set_up.facts import able
from portal.set_up.result import Result

MOST = 5  # gaps that are told one by one
Seats = tuple[tuple[int, int], ...]  # group key → how many; key 0 is the agent's team


def filled() -> Result:
    """Go through every situation the rules tell apart, and fill what they ask there."""
    rules = list(SignOffRule.objects.active())
    if not rules:
        return Result(False, "There is no rule, so nothing can be approved.")
    names = dict(Group.objects.values_list("pk", "name"))
    found = [(there, asked_of(rules, there)) for there in situations(rules)]
    gaps = [f"No rule applies to {told_situation(there, names)}." for there, asked in found if asked is None]
    asked_for = dict.fromkeys(tuple(sorted(asked.seats.items())) for _, asked in found if asked is not None)
    gaps += dict.fromkeys(_gaps(asked_for, names))
    if not gaps:
        return Result(True, f"Went through {counted(len(found), 'situation')}: distinct people could give every "
                            "signature, and an author is never needed for their own packet.")  # fmt: skip
    more = [f"And {counted(len(gaps) - MOST, 'more gap')}."] if len(gaps) > MOST else []
    return Result(False, " ".join([*gaps[:MOST], *more]))


def _gaps(asked_for: Iterable[Seats], names: Mapping[int, str]) -> Iterator[str]:
    """Who is missing where, each as a sentence."""
    now = validity.now()
    teams = [pk for pk, name in names.items() if name not in set(Role)]
    people = {pk: able(pk, now) for pk in names}
    for seats in asked_for:
        for team in teams if any(group == 0 for group, _ in seats) else [0]:
            yield from _gap([(group or team, count) for group, count in seats], team, people, names)


def _gap(
    seats: list[tuple[int, int]], team: int, people: Mapping[int, set[str]], names: Mapping[int, str]
) -> Iterator[str]:
    """One of the team writes the packet, so one more of it is needed than signs."""
    if not team and can_fill([group for group, count in seats for _ in range(count)], people):
        return
    if team and any(can_fill([group for group, count in seats for _ in range(count)],
                             {group: them - {author} for group, them in people.items()})
                    for author in people[team]):  # fmt: skip
        return
    asked = listed(f"{told_count(count)} of {names[group]}" for group, count in seats)
    there = listed(f"{len(people[group])} in {names[group]}" for group, _ in seats)
    beside = " beside the author" if team else ""
    yield f"Where {asked} must sign{beside}, too few can: {there}."
