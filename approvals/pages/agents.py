"""Agents: who runs with what authority, and on each agent's page what to do when it is wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from approvals import access, rules, validity
from approvals.models import Agent, Event, Packet, Suspension, Version
from approvals.pages import Request
from approvals.pages.lists import LONGEST_SEARCH, Row, Tab
from approvals.pages.over_time import over_time
from approvals.pages.record_words import KEY, told
from approvals.pages.stopping import agent_stop, identity_stop
from approvals.pages.whole_packets import main_version, named, why_not_stop, with_versions
from approvals.standing import standing_of, suspension_at
from approvals.vocabulary import Standing, State

# An owner's name as it is printed: the human one, or the sign-in name of who gave none.
PRINTED = Coalesce(
    NullIf(Trim(Concat("owner__first_name", Value(" "), "owner__last_name")), Value("")), "owner__username"
)
PAGE, PACKETS, EVENTS = 25, 30, 12
SHOW = {"": "All", "mine": "My teams", "without": "No packet in force", "stopped": "Stopped"}
EMPTY = {
    "": "There is no agent you can see. An agent begins with its first packet.",
    "mine": "Your teams run no agent yet. An agent begins with its first packet.",
    "without": "Every agent you can see has a packet in force.",
    "stopped": "No agent you can see is stopped.",
}


@require_safe
def agents(request: Request) -> HttpResponse:
    """Every agent this person may see, by name."""
    now, person = validity.now(), request.user
    show = request.GET.get("show", "") if request.GET.get("show", "") in SHOW else ""
    words, after = (_typed(request, name) for name in ("q", "after"))
    rows = _told_of(_shown(Agent.objects.visible_to(person), show, person, now), person, now)
    rows = rows.filter(slug__gt=after, **({"slug__icontains": words} if words else {}))
    found = list(rows.select_related("team").order_by("slug")[: PAGE + 1])
    for one in found:
        one.seen_whole = sees_whole(one, person)
    older = "?" + urlencode({"show": show, "q": words, "after": found[PAGE - 1].slug}) if len(found) > PAGE else ""
    tabs = [Tab(label, "?" + urlencode({"show": key, "q": words}), key == show) for key, label in SHOW.items()]
    context = {"rows": found[:PAGE], "older": older, "tabs": tabs, "words": words, "empty": EMPTY[show], "begun": after}
    return render(request, "approvals/agents.html", context)


def _typed(request: Request, name: str) -> str:
    return request.GET.get(name, "").replace("\x00", "").strip()[:LONGEST_SEARCH]


def _shown(rows: Any, show: str, person: Any, now: datetime) -> Any:
    match show:
        case "mine":
            return rows.filter(team__in=person.teams())
        case "without":
            return rows.without_packet_in_force_at(now)
        case "stopped":
            return rows.filter(Exists(_stops(person, now)))
    return rows


def _stops(person: Any, now: datetime) -> QuerySet[Suspension]:
    open_now = Q(until__isnull=True) | Q(until__gt=now)
    seen = Packet.objects.visible_to(person)
    return Suspension.objects.filter(open_now, since__lte=now, packet__agent=OuterRef("pk"), packet__in=seen)


def _told_of(rows: Any, person: Any, now: datetime) -> Any:
    """Each agent with what its row says, in the same statement; only of packets this person may see."""
    versions = Version.objects.visible_to(person).filter(packet__agent=OuterRef("pk"))
    first = versions.in_force_at(now).order_by("-packet__level", "ends_at", "pk")  # standing authority before a run
    return rows.annotate(
        reference=Subquery(first.values("packet__reference")[:1]),
        ends_at=Subquery(first.annotate(end=Coalesce("ends_at", "glass_until")).values("end")[:1]),
        owner=Subquery(first.annotate(name=PRINTED).values("name")[:1]),
        by_break_glass=Exists(versions.in_force_at(now).by_break_glass_at(now)),
        is_stopped=Exists(_stops(person, now)),
        in_review=Exists(versions.filter(state=State.IN_REVIEW)),
    )


@require_safe
def agent(request: Request, slug: str) -> HttpResponse:
    """One agent: its packets, what to do if it is wrong, and its record."""
    now, person = validity.now(), request.user
    found = named(person, slug)
    packets = with_versions(_with_parents(Packet.objects.visible_to(person).filter(agent=found), now), PACKETS + 1)
    rows = [_row(packet, now) for packet in packets[:PACKETS]]
    newest = Event.objects.visible_to(person).filter(agent=found).without_letters().order_by("-pk")
    stops = [(row, stop) for row in rows if (stop := suspension_at(row.version.packet, now))]
    events = list(newest[: EVENTS + 1])
    why_not = why_not_stop(packets, person, now)
    overall = _overall(rows)
    context = {
        "agent": found, "rows": rows, "more": len(packets) > PACKETS, "stops": stops, "wrong": _if_wrong(rows),
        "standing": overall, "may_stop": why_not is None, "lanes": over_time(packets[:PACKETS], now),
        "lead": next((row.version for row in rows if row.standing == overall), rows[0].version if rows else None),
        "last": next((row for row in rows if row.version.state == State.APPROVED), None),
        "may_draft": rules.is_member(person, found.team_id),
        "why_not": why_not,
        "events": told(events[:EVENTS]), "more_events": len(events) > EVENTS, "key_events": KEY,
        "seen_whole": sees_whole(found, person),
    }  # fmt: skip
    return render(request, "approvals/agent.html", context)


def sees_whole(found: Agent, person: Any) -> bool:
    """Whether this person sees every packet of the agent, so that the page may say that there is none."""
    return access.sees_every_packet(person) or rules.is_member(person, found.team_id)


def _with_parents(packets: Any, now: datetime) -> Any:
    """Each packet with whether what it stands on holds: a run holds only while its system packet does."""
    parent = Version.objects.in_force_at(now).filter(packet=OuterRef("parent"))
    return packets.annotate(parent_holds=Q(parent__isnull=True) | Exists(parent))


def _row(packet: Any, now: datetime) -> Row:
    main = main_version(packet, now)
    return Row(main, None, standing_of(main, now, parent_holds=packet.parent_holds))


ORDER = (
    Standing.SUSPENDED, Standing.BREAK_GLASS, Standing.ENDS_SOON, Standing.IN_FORCE, Standing.SCHEDULED,
    Standing.IN_REVIEW, Standing.DRAFT,
)  # fmt: skip


def _overall(rows: list[Row]) -> Standing | None:
    """How the agent stands: stopped before all else, then what gives it authority, then what is on its way."""
    there = {row.standing for row in rows}
    return next((standing for standing in ORDER if standing in there), None)


def _if_wrong(rows: list[Row]) -> list[Version]:
    """What to do, from each packet that is granted or was last; the same words only once."""
    granted = [row.version for row in rows if row.standing in ORDER[:4]] or [row.version for row in rows][:1]
    seen: dict[tuple[Any, ...], Version] = {}
    for one in granted:
        seen.setdefault((one.rollback_owner_id, one.rollback_path, one.access_revoked, one.identity), one)
    return list(seen.values())


urls = [
    path("agents/", agents, name="agents"),
    path("agents/<str:slug>/", agent, name="agent"),
    path("agents/<str:slug>/stop/", agent_stop, name="agent-stop"),
    path("identities/stop/", identity_stop, name="identity-stop"),
]
