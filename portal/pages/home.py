"""Home: what waits for me, what of mine needs me or ends soon, what is stopped, and who runs without a packet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from approvals import validity
from approvals.models import Agent, Packet, Question, Suspension, Version
from approvals.vocabulary import OPEN_STATES, Role, State

ROWS = 15  # of one list; what does not fit is on its own page
SOON = timedelta(days=30)
BEGIN = {
    Role.AUDITORS: [
        ("Ask why an agent was allowed to do something, now or then.", "/why/"),
        ("See who may touch a system, a tool or a file.", "/who/"),
        ("Read what happened, and who did it.", "/record/"),
    ],
    Role.RESPONDERS: [
        ("Stop an agent, or find out who rolls it back and how.", "/agents/"),
        ("Ask what an agent may do.", "/why/"),
    ],
    Role.ADMINISTRATORS: [
        ("Look after people, groups, sign-off rules and agents.", "/administration/"),
        ("See which e-mails were not delivered.", "/letters/?show=undelivered"),
    ],
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page after signing in."""
    now, person = validity.now(), request.user
    waiting = list(_waiting(person)[: ROWS + 1])
    agents = list(Agent.objects.visible_to(person).without_packet_in_force_at(now).order_by("added_at")[: ROWS + 1])
    page = {
        "waiting": waiting[:ROWS],
        "more_waiting": len(waiting) > ROWS,
        "mine": list(_mine(person)[:ROWS]),
        "ending": list(_ending(person, now)[:ROWS]),
        "stopped": list(_stopped(person)[:5]),
        "unapproved": agents[:ROWS],
        "more_unapproved": len(agents) > ROWS,
        "heading": _heading(person, len(waiting)),
        "begin": _begin(person),
        "now": now,
    }
    return render(request, "portal/home.html", page)


def _signs(person: Any) -> bool:
    """Whether signatures can be asked of this person: of Security, and of every team."""
    return bool(person.teams()) or person.is_in(Role.SECURITY)


def _begin(person: Any) -> list[tuple[str, str]]:
    """Where somebody begins whose work here is not signing: sentence and address, by role."""
    return [] if _signs(person) else [row for role, rows in BEGIN.items() if person.is_in(role) for row in rows]


def _heading(person: Any, count: int) -> str:
    if not count:
        return "Nothing waits for your signature" if _signs(person) else "What do you want to do?"
    words = "One packet waits" if count == 1 else f"{count if count <= ROWS else f'More than {ROWS}'} packets wait"
    return f"{words} for you"


def _waiting(person: Any) -> QuerySet[Any]:
    """In review with a seat this person may fill, the one that is due first on top."""
    rows: QuerySet[Any] = Version.objects.waiting_for(person).select_related("packet__agent__team", "submitted_by")
    counted: QuerySet[Any] = rows.annotate(
        signed=Count("seats", filter=Q(seats__decision__isnull=False)), needed=Count("seats")
    )
    return counted.order_by("answer_by", "pk")


def _mine(person: Any) -> QuerySet[Any]:
    """Open versions of this person's: drafts to finish, questions to answer, reviews to wait for."""
    unanswered = Question.objects.filter(version=OuterRef("pk"), answered_at__isnull=True)
    sent_back = Version.objects.filter(pk=OuterRef("based_on"), state=State.CHANGES_REQUESTED)
    rows = Version.objects.filter(_is_mine(person), state__in=OPEN_STATES).select_related("packet__agent")
    found: QuerySet[Any] = rows.annotate(asked=Exists(unanswered), sent_back=Exists(sent_back))
    return found.order_by("-asked", "-sent_back", "-pk")


def _is_mine(person: Any) -> Q:
    return Q(owner=person) | Q(backup_owner=person) | Q(created_by=person)


def _ending(person: Any, now: Any) -> QuerySet[Any]:
    """What this person answers for and ends within 30 days, with whether a next version is open."""
    following = Version.objects.filter(packet=OuterRef("packet"), number__gt=OuterRef("number"), state__in=OPEN_STATES)
    rows = Version.objects.owing_reminders(now, now + SOON).filter(Q(owner=person) | Q(backup_owner=person))
    found: QuerySet[Any] = rows.select_related("packet__agent").annotate(renewal=Exists(following))
    return found.order_by("ends_at")


def _stopped(person: Any) -> QuerySet[Any]:
    """Open suspensions of packets this person may see, newest first."""
    seen = Packet.objects.visible_to(person)
    rows = Suspension.objects.filter(until__isnull=True, packet__in=seen)
    return rows.select_related("packet__agent").order_by("-since")
