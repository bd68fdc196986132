"""What the findings have to know of the rows, in one statement whatever the number of rows: `facts_of`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Concat, Trim

from approvals.asking import line_of
from approvals.content import TEAM, Content
from approvals.models import Agent, DataTarget, Grant, Packet, Version
from approvals.risk.by_name import lookalikes
from approvals.risk.facts import Beside, Facts
from approvals.risk.register import first_words
from approvals.scope.grammar import Line
from approvals.together import Part, put, together
from approvals.vocabulary import Field

FULL = Trim(Concat("owner__first_name", Value(" "), "owner__last_name"))
OWNER = Case(
    When(owner__isnull=True, then="owner_group__name"),
    When(owner__first_name="", owner__last_name="", then="owner__username"),
    default=FULL,
)


def facts_of(content: Content, packet: Packet, now: datetime, *, along: Sequence[Version] = ()) -> Facts:
    """What the findings need beside this content at this moment. O(lines of the agent's packets), and of
    the register where the agent has other packets.

    The packet and its agent need not be saved. `along`: versions whose lines a page needs too, in the same statement.
    """
    standing = Grant.objects.standing_at(now)
    others = Version.objects.in_force_at(now).filter(packet__agent=packet.agent_id or 0).exclude(packet=packet.pk or 0)
    parent = Version.objects.granted_at(now).filter(packet=packet.parent_id or 0)
    reached = standing.filter(version__in=others, target__startswith=OuterRef("first"))
    entries = DataTarget.objects.filter(Q(first__in=first_words([content])) | Exists(reached), is_active=True)
    beside, of_parent, sharing, alike, people, register, lines = together(
        Part(standing.filter(version__in=others), beside=(("packet", F("version__packet__reference")),)),
        Part(standing.filter(version__in=parent)),
        Part(_sharing(content, packet, now)),
        Part(Agent.objects.filter(slug__in=lookalikes(packet.agent.slug))),
        Part(Group.objects.filter(pk=packet.agent.team_id), ("id",), _of_people(content, packet)),
        Part(entries, beside=(("answers", OWNER),)),
        Part(Grant.objects.filter(version__in=[0, *(one.pk for one in along)])),
    )
    for version in along:
        own = [one for one in lines if one.version_id == version.pk]
        put(version, "grants", sorted(own, key=lambda one: (one.field, one.position, one.pk)))
    rows = tuple(Beside(one.packet, Field(one.field), line_of(one)) for one in beside)
    return Facts(
        now=now,
        parent=_parent(content, of_parent) if of_parent else None,
        beside=rows,
        register=tuple(one.as_registered(one.answers) for one in register),
        sharing=_called(sharing, packet.agent),
        alike=_called(alike, packet.agent),
        identity_is_a_person=any(one.is_person for one in people),
        owner_answers_alone=any(not one.others for one in people),
    )


def entries_for(content: Content) -> QuerySet[DataTarget]:
    """The entries of the data register that lines of this content could reach."""
    return DataTarget.objects.filter(is_active=True, first__in={*first_words([content]), ""})


def _sharing(content: Content, packet: Packet, now: datetime) -> QuerySet[Agent]:
    """Other agents in force with this identity."""
    same = Version.objects.in_force_at(now).filter(identity=content.identity, packet__agent=OuterRef("pk"))
    keys = Version.objects.granted_at(now).filter(identity=content.identity).exclude(identity="")
    rows: QuerySet[Agent] = Agent.objects.filter(Exists(same), pk__in=keys.values("packet__agent"))
    return rows.exclude(pk=packet.agent_id or 0)


def _of_people(content: Content, packet: Packet) -> tuple[tuple[str, Any], ...]:
    """Whether the identity is somebody's account, and whether anybody but the owner could answer a held call."""
    people = get_user_model()._default_manager.all()
    identity = content.identity.strip()
    named = people.filter(Q(username__iexact=identity) | Q(email__iexact=identity)).exclude(username="")
    team = content.human_approval_by in ("", TEAM)
    answering = Q(groups=packet.agent.team_id) if team else Q(groups__name=content.human_approval_by)
    others = people.filter(answering, is_active=True).exclude(username=content.owner)
    return ("is_person", Exists(named) if identity else Value(False)), ("others", Exists(others))


def _parent(content: Content, grants: Iterable[Grant]) -> Content:
    lines: dict[Field, list[Line]] = {}
    for grant in grants:
        lines.setdefault(Field(grant.field), []).append(line_of(grant))
    return replace(Content(agent=content.agent), lines={field: tuple(rows) for field, rows in lines.items()})


def _called(agents: Iterable[Agent], own: Agent) -> tuple[str, ...]:
    """Agents as they may be called in a packet: those of other teams are not named to who may not see them."""
    names = [one.slug if one.team_id == own.team_id else "an agent of another team" for one in agents]
    return tuple(dict.fromkeys(names))
