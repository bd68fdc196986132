"""Who and what a form proposes: people, groups that answer, agents and system packets of one's teams."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import CharField, Q, Value

from approvals import invited
from approvals.content import TEAM
from approvals.errors import Refused
from approvals.models import Agent
from approvals.people import Person
from approvals.vocabulary import Level, Role

MOST = 400  # proposals only: any other name can be typed


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal of a list beside an input: the value, and what it stands for."""

    value: str
    label: str = ""
    team: int | None = None  # key of an agent's team


def people_and_groups() -> tuple[list[Proposal], list[tuple[str, str]]]:
    """Active people by sign-in name, and who may say yes to a held call. One statement."""
    nothing = Value("", output_field=CharField())
    groups = Group.objects.exclude(name__in=list(Role)).annotate(kind=Value(1), first=nothing, last=nothing)
    teams = groups.values_list("kind", "name", "first", "last")
    accounts = get_user_model()._default_manager.filter(is_active=True).annotate(kind=Value(2))
    names = accounts.values_list("kind", "username", "first_name", "last_name")
    rows = list(teams.union(names, all=True).order_by("kind", "name")[:MOST])
    found = [Proposal(name, f"{first} {last}".strip()) for kind, name, first, last in rows if kind == 2]
    named = [(name, name) for kind, name, *_ in rows if kind == 1]
    return found, [(TEAM, "The agent's team"), (Role.SECURITY.value, Role.SECURITY.value), *named]


def unknown(usernames: Iterable[str]) -> dict[str, str]:
    """Those of these names by which nobody can be named, each with the words that say so.

    Names no database would take are unknown without asking it. An address may be of somebody who was never here.
    """
    asked = set(usernames)
    plain = {name for name in asked if name.isprintable() and len(name) <= 150}
    rows = get_user_model()._default_manager.filter(Q(is_active=True) | Q(awaited=True), username__in=plain)
    strangers = asked - set(rows.values_list("username", flat=True))
    said = {name: _why_nobody(name) for name in strangers}
    return {name: words for name, words in said.items() if words}


def _why_nobody(name: str) -> str:
    if not invited.is_address(name):
        return "Nobody active here has this sign-in name. Choose one of the list."
    try:
        invited.look_up(name)
    except Refused as refusal:
        return str(refusal)
    return ""


def of_my_teams(person: Person) -> tuple[list[Proposal], list[Proposal]]:
    """Agents of this person's teams, and the system packets a run of theirs can be inside. One statement."""
    rows = Agent.objects.filter(team__in=person.teams(), is_active=True).order_by("slug", "-packets__pk")
    pairs = rows.values_list("slug", "team", "packets__reference", "packets__level", "packets__revoked_at")[:MOST]
    parents = [
        Proposal(reference, slug)
        for slug, _, reference, level, revoked_at in pairs
        if level == Level.SYSTEM and revoked_at is None
    ]
    agents = {slug: team for slug, team, *_ in pairs}
    return [Proposal(slug, team=team) for slug, team in agents.items()], parents
