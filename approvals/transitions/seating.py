"""Signatures needed: taken from the rules at submit, and never fewer at each decision."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.contrib.auth.models import Group

from approvals import events, needs, validity
from approvals.errors import Refused
from approvals.models import Seat, Version
from approvals.needs import Need
from approvals.people import Person
from approvals.transitions.assessing import all_rules, asked_life, kind_at
from approvals.transitions.claiming import put_down
from approvals.vocabulary import EventKind


def seat(version: Version, need: Need, actor: Person | None) -> list[str]:
    """Add the seats that are needed and not there yet; returns the names of their groups."""
    there = Counter(version.seats.values_list("group", flat=True))
    wanted = [group for group, count in need.seats.items() for _ in range(count - there[group])]
    names = dict(Group.objects.filter(pk__in=set(wanted)).values_list("pk", "name"))
    for place, group in enumerate(wanted, 1 + sum(there.values())):
        put_down(Seat(version=version, group_id=group, position=place), actor)
    return [names[group] for group in wanted]


def need_now(version: Version) -> Need:
    """The stricter of the rules at submit and the rules now, held against what is in force now.

    A renewal that was nothing wider at submit is new authority once the version it renews has ended.
    """
    team = version.packet.agent.team
    life = asked_life(version, version.submitted_at or validity.now())  # time that passes is no change of a rule
    change = kind_at(version, validity.now())
    rows = needs.snapshot(needs.matching(all_rules(), version, life, change), team)
    needed = needs.need([*version.rules, *rows])
    if needed is None:
        raise Refused("no_rule", "No sign-off rule covers this version any more.", "Ask an administrator.")
    return needed


def reseat(version: Version) -> Need:
    """Add what the rules ask by now beyond the submission; each time that happens it is an event."""
    needed = need_now(version)
    added = seat(version, needed, None)
    if added:
        events.record(EventKind.SEATS_ADDED, version=version, actor=None, detail={"groups": added}, system="rules")
    return needed


def why_too_long(start: datetime, ends: datetime, need: Need) -> Refused | None:
    """The reason the life is too long by the rules now, or None."""
    latest = start + need.longest_life
    if ends <= latest:
        return None
    return Refused(
        "too_long", f"The rules allow at most {need.longest_life.days} days.",
        f"Approve it narrower: narrow the end to {latest:%-d %b %Y %H:%M} UTC or earlier.",
    )  # fmt: skip
