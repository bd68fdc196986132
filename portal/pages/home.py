"""Home: what waits for me, what of mine needs me or ends soon, what is stopped, and who runs without a packet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from approvals import access, validity
from approvals.models import Agent
from approvals.pages import Request
from approvals.vocabulary import Role
from portal.health import judging, owed
from portal.pages import desk as desks
from portal.pages.ends import strip
from portal.pages.figures import figures
from portal.pages.set_up import may_set_up
from portal.set_up.facts import facts
from portal.set_up.rows import rows, unfinished

AGENTS = 99  # counted; more is said as such
NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
BEGIN = {
    Role.AUDITORS: [
        ("Begin an audit: ask, draw a sample, see what is out of the ordinary.", "/audit/"),
        ("Ask why an agent was allowed to do something, now or then.", "/why/"),
        ("See what an agent may do, now or then.", "/may/"),
        ("See who may touch a system, a tool or a file.", "/who/"),
        ("Read what happened, and who did it.", "/record/"),
    ],
    Role.RESPONDERS: [
        ("Stop an agent, or find out who rolls it back and how.", "/agents/"),
        ("See what an agent may do, now or then.", "/may/"),
        ("See who may touch a system, a tool or a file.", "/who/"),
        ("Ask whether an agent was allowed to do something.", "/why/"),
    ],
    Role.ADMINISTRATORS: [
        ("Look after people, groups, sign-off rules and agents.", "/administration/"),
        ("See whether everything owed is on time.", "/health/"),
        ("See which e-mails were not delivered.", "/letters/?show=undelivered"),
    ],
}


@require_safe
def home(request: Request) -> HttpResponse:
    """The first page after signing in."""
    now, person = validity.now(), request.user
    desk = desks.laid_out(person, now)
    found = list(Agent.objects.visible_to(person).without_packet_in_force_since(now).order_by("pk")[: AGENTS + 1])
    broad = access.sees_every_packet(person)
    ends = [row for row in desk.ends if row.superseded_at is None]
    page = {
        "to_set_up": unfinished(rows(facts(now), now)) if may_set_up(person) else [],
        "desk": desk,
        "rows": desks.ROWS,
        "few": desks.FEW,
        "unapproved": sorted(found, key=lambda agent: (agent.since, agent.pk)),
        "unapproved_words": _counted(len(found), AGENTS, "agent has", "agents have"),
        "oldest_days": _days(found, now),
        "heading": _heading(person, desk.waiting_count),
        "begin": _begin(person),
        "signs": _signs(person),
        "hands_over": bool(person.teams()) or person.is_in(Role.SECURITY, Role.ADMINISTRATORS),
        "is_alone": not person.memberships(),
        "strip": strip(ends, now),
        "figures": figures(desk.waits.values(), desk.ends, now, is_capped=desk.ends_capped),
        "broad": broad,
        "now": now,
        "late": judging.late(owed.read(), now) if person.is_in(Role.ADMINISTRATORS) else [],
    }
    return render(request, "portal/home.html", page)


def _signs(person: Any) -> bool:
    """Whether signatures can be asked of this person: of Security, and of every team."""
    return bool(person.teams()) or person.is_in(Role.SECURITY)


def _begin(person: Any) -> list[tuple[str, str]]:
    """Where somebody begins whose work here is not signing: sentence and address, by role."""
    if _signs(person):
        return []
    return list(dict.fromkeys(row for role, rows in BEGIN.items() if person.is_in(role) for row in rows))


def _heading(person: Any, count: int) -> str:
    if not count:
        return "Nothing waits for your signature" if _signs(person) else "What do you want to do?"
    return f"{_counted(count, desks.COUNTED, 'packet waits', 'packets wait')} for you"


def _counted(count: int, most: int, one: str, several: str) -> str:
    """“Three packets wait”, “13 agents have”, “More than 99 packets wait”."""
    if count > most:
        return f"More than {most} {several}"
    return f"{NUMBERS[count] if count < len(NUMBERS) else count} {one if count == 1 else several}"


def _days(agents: list[Any], now: datetime) -> int:
    """For how many whole days the one longest without a packet has been so."""
    return max(((now - agent.since).days for agent in agents), default=0)
