"""One agent: its packets, what to do when it is wrong, and its record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from approvals import rules, validity
from approvals.models import Event, Packet, Version
from approvals.pages import Request
from approvals.pages.agents_list import sees_whole
from approvals.pages.lists import Row
from approvals.pages.over_time import over_time
from approvals.pages.record_words import KEY, told
from approvals.pages.stopping import agent_stop, identity_stop
from approvals.pages.whole_packets import main_version, named, why_not_stop, with_versions
from approvals.standing import standing_of, suspension_at
from approvals.vocabulary import Standing, State
from approvals.walks import there_is

PACKETS, EVENTS = 30, 12


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


def _with_parents(packets: Any, now: datetime) -> Any:
    """Each packet with whether what it stands on holds: a run holds only while its system packet does."""
    parent = Version.objects.in_force_at(now).filter(packet=OuterRef("parent"))
    return packets.annotate(parent_holds=Q(parent__isnull=True) | Q(there_is(parent)))


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
    path("agents/<str:slug>/", agent, name="agent"),
    path("agents/<str:slug>/stop/", agent_stop, name="agent-stop"),
    path("identities/stop/", identity_stop, name="identity-stop"),
]
