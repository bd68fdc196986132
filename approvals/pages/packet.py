"""The packet page: one version whole, what changed, who signed, and what can be done with it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from approvals import rules
from approvals.break_glass import broken_glass
from approvals.errors import Refused
from approvals.models import Version
from approvals.named import ASKED, PARTS, is_asked, parts_to_accept
from approvals.pages import Request, accepting, sheet
from approvals.pages.dossier import EVENTS, Dossier, opened
from approvals.pages.endings import ended_by, superseded_by
from approvals.pages.journey import journey
from approvals.pages.line_questions import Asking, asking_at, with_form
from approvals.pages.looking import words as looking_words
from approvals.pages.offers import allowed, offers, reasons
from approvals.pages.panel import panel
from approvals.pages.record_words import KEY, told
from approvals.pages.seen import status_of
from approvals.pages.since_opened import since_opened
from approvals.standing import by_break_glass, holds_until, is_granted, is_in_place, suspension_at
from approvals.vocabulary import Role, Standing, State, Verdict

OVER = (Standing.ENDED, Standing.SUPERSEDED, Standing.REVOKED)


@require_safe
def packet(request: Request, reference: str) -> HttpResponse:
    """The version in force, with a notice of an open one; else the newest."""
    return show(request, opened(request.user, reference))


@require_safe
def version(request: Request, reference: str, number: int) -> HttpResponse:
    """One version."""
    return show(request, opened(request.user, reference, number))


def show(
    request: Request,
    dossier: Dossier,
    *,
    refusal: Refused | None = None,
    typed: QueryDict | None = None,
    **more: Any,
) -> HttpResponse:
    """The page; after a refusal with its words on top, its status, and everything that was typed."""
    doing = _doing(request, dossier, typed, refusal)
    page: dict[str, Any] = {"dossier": dossier, "version": dossier.shown, "packet": dossier.packet, "typed": typed}
    page |= (
        _content(dossier, request.user, doing["asking"]) | _around(dossier, request.user) | doing | {"refusal": refusal}
    )
    page |= {"since_opened": told(since_opened(dossier, typed)) if refusal else []}
    status = status_of(refusal) if refusal else 200
    return render(request, "approvals/version.html", page | more, status=status)


def _content(dossier: Dossier, reader: Any, asking: Asking | None) -> dict[str, Any]:
    """What is signed, what it changes, and what was noticed."""
    shown = dossier.shown
    places, compared = sheet.places(shown, dossier.moment), sheet.since_base(dossier)
    places = with_form(places, asking) if asking else places
    findings = accepting.beside(dossier, reader, sheet.found(shown))
    other = sheet.other_findings(shown, findings, compared)
    return {
        "places": places,
        "run_places": sheet.run_places(places),
        "compared": compared,
        "compared_back": sheet.since_sent_back(dossier),
        "compared_later": sheet.since_to_begin(dossier),
        "findings": findings,
        "not_accepted": accepting.not_accepted(findings),
        "known_data": sheet.known_data(dossier),
        "other_findings": other,
        "findings_note": _findings_note(other),
        "fates": sheet.fates(shown),
        "wider": sheet.wider_lines(compared) if shown.state != State.APPROVED else set(),
        "cuts": sheet.cuts_of(shown),
        "answered_by": f"answered by {_answerer(shown)}",
    }


def _findings_note(rows: list[dict[str, Any]]) -> str:
    """2 open · 1 settled."""
    settled = sum(bool(row["fate"]) for row in rows)
    return f"{len(rows) - settled} open · {settled} settled" if settled else str(len(rows))


def _answerer(shown: Version) -> str:
    return str(shown.human_approval_by or shown.packet.agent.team)


def _around(dossier: Dossier, reader: Any) -> dict[str, Any]:
    """Where it stands, what stopped it, and what was recorded."""
    shown, open_version = dossier.shown, dossier.open
    return {
        "unaccepted": _unaccepted(dossier),
        "to_accept": [PARTS[part].lower() for part in _to_accept(dossier, reader)],
        "left": _left(dossier, reader),
        "steps": journey(dossier),
        "stop": suspension_at(dossier.packet, dossier.moment),
        "past_stops": [stop for stop in dossier.packet.suspensions.all() if stop.until is not None],
        "notice": open_version if open_version and open_version != shown else None,
        "current": dossier.in_force if dossier.in_force and dossier.in_force != shown else None,
        "sent_back_by": _sent_back_by(dossier),
        "events": told(dossier.events[:EVENTS]),
        "more_events": len(dossier.events) > EVENTS,
        "key_events": KEY,
        "decisions": list(shown.decisions.all()),
        "ends": shown.ends_at or shown.ends,
        "is_over": dossier.standing in OVER,
        "looking_words": looking_words(who.printed_name for who in dossier.looking if who.pk != reader.pk),
        "superseded_by": superseded_by(dossier),
        "ended_by": ended_by(dossier),
        "next_version": next((one for one in dossier.versions if one.number == shown.number + 1), None),
        "glass": broken_glass(shown),
        "glass_open": by_break_glass(shown, dossier.moment),
        "glass_lapsed": is_in_place(shown, dossier.moment) and not by_break_glass(shown, dossier.moment),
        "instead": _instead(dossier),
        "stopped": _stopped(dossier),
        "stopped_until": (stopped := _stopped(dossier)) and holds_until(stopped),
        "parent_gone": shown.state == State.APPROVED and not getattr(shown, "parent_holds", True),
    }


def _unaccepted(dossier: Dossier) -> set[str]:
    """The parts of the shown version whose person somebody else named, and who has not accepted it yet."""
    shown, rows = dossier.shown, {(row.part, row.person_id): row.at for row in dossier.packet.parts_accepted.all()}
    named = {part: (part, getattr(shown, f"{part}_id")) for part in PARTS}
    by_mail = {part for part, key in named.items() if key in rows and rows[key] is None}
    return by_mail | {part for part in ASKED if named[part] not in rows and is_asked(shown, *named[part])}


def _to_accept(dossier: Dossier, reader: Any) -> list[str]:
    taken = dossier.packet.parts_accepted.all()
    return [] if dossier.packet.revoked_at else parts_to_accept(dossier.versions, taken, reader, dossier.moment)


def _left(dossier: Dossier, reader: Any) -> list[Any]:
    """Who is named and has left, for whoever may name somebody else; of what is over nobody."""
    if dossier.standing in (*OVER, Standing.IN_REVIEW) or rules.why_not_hand_over(dossier.packet, reader) is not None:
        return []
    named = (dossier.shown.owner, dossier.shown.backup_owner, dossier.shown.rollback_owner)
    return list(dict.fromkeys(one for one in named if one is not None and one.has_left))


def _instead(dossier: Dossier) -> Version | None:
    """The version that stands, by break-glass, in the place of the shown one, or None."""
    if not is_granted(dossier.shown, dossier.moment):
        return None
    later = (one for one in dossier.versions if one.number > dossier.shown.number)
    return next((one for one in later if is_in_place(one, dossier.moment)), None)


def _stopped(dossier: Dossier) -> Version | None:
    """The version a stop of the packet keeps from being in force, or None when none would be."""
    return dossier.in_force or dossier.to_begin


def _sent_back_by(dossier: Dossier) -> Any:
    """The verdict a draft answers."""
    if dossier.sent_back is None or dossier.shown.state != State.DRAFT:
        return None
    verdicts = dossier.sent_back.decisions.all()
    return next((one for one in verdicts if one.verdict == Verdict.REQUEST_CHANGES), None)


def _doing(request: Request, dossier: Dossier, typed: QueryDict | None, refusal: Refused | None) -> dict[str, Any]:
    """What this reader can do, and why not the rest."""
    shown, person = dossier.shown, request.user
    rows = offers(dossier, person)
    page: dict[str, Any] = {
        "offers": allowed(rows),
        "reasons": reasons(rows),
        "may_ask": rules.why_not_ask(shown, person) is None,
        "may_answer": rules.why_not_answer(shown, person) is None,
        "open_questions": [one for one in shown.questions.all() if one.answered_at is None],
        "may_share": rules.why_not_share(dossier.packet, person) is None,
        "may_stop": (shown.state == State.APPROVED or dossier.in_force == shown) and _may_stop(dossier, person),
    }
    page |= _asking(request, shown, typed) if page["may_ask"] else {"asking": None}
    return page | (panel(request, dossier, typed, refusal) if shown.state == State.IN_REVIEW else {})


def _asking(request: Request, shown: Version, typed: QueryDict | None) -> dict[str, Any]:
    """Where a question about a line goes, and the line whose form is open: the one asked for, or typed before."""
    refused = typed if typed and "text" in typed else None
    line = (refused or request.GET).get("line", "")[:2048]
    asking = asking_at(shown, line, refused.get("text", "") if refused else "") if line else None
    return {
        "ask_at": f"{shown.get_absolute_url()}?line=",
        "ask_line": line,
        "asking": asking,
        "blank_ask": asking_at(shown, "", ""),
    }


def _may_stop(dossier: Dossier, person: Any) -> bool:
    if rules.has_role(person, Role.SECURITY, Role.RESPONDERS):
        return True
    return rules.why_not_suspend(dossier.packet, person) is None


urls = [
    path("packets/<str:reference>/", packet, name="packet"),
    path("packets/<str:reference>/v<int:number>/", version, name="version"),
]
