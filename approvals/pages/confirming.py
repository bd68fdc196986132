"""Verbs that stop something or cannot be taken back: a page that says what will happen, and asks for the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from approvals import rules, transitions
from approvals.break_glass import glass_until, why_not_break_glass
from approvals.cuts import Cuts
from approvals.errors import Refused, refuse_if
from approvals.models import Packet, Version
from approvals.pages import Request, proving
from approvals.pages.cutting_form import cut_groups, cuts_in
from approvals.pages.decision_form import SigningForm
from approvals.pages.dossier import Dossier, opened
from approvals.pages.record_words import told
from approvals.pages.seen import seen_in, status_of
from approvals.pages.since_opened import since_opened
from approvals.standing import holds_until, suspension_at
from approvals.transitions import Seen
from approvals.transitions.emergency import BREAKING
from approvals.vocabulary import Standing

CANNOT_STOP = (
    "What this cannot stop: a run that is going on and does not ask this portal. To stop that too, follow “How access "
    "is revoked”."
)
COUNTING = (Standing.IN_FORCE, Standing.BREAK_GLASS, Standing.ENDS_SOON, Standing.SUSPENDED, Standing.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One verb with its second look: what it is called, what it says, who may, and what it does."""

    label: str
    says: Callable[[Dossier], list[str]]
    why_not: Callable[[Dossier, Any], Refused | None]
    act: Callable[[Request, Dossier], str]
    reason: str = "required"  # or optional, or empty for none
    tone: str = "stop"
    cuts: bool = False
    of_version: bool = False  # it is about this version, not about the packet with all its versions
    meaning: str = ""  # what they show who they are for; empty when the open session is enough

    def answer(self, request: Request, reference: str, number: int | None = None) -> HttpResponse:
        """GET says what will happen; POST does it, or says why not and keeps what was typed."""
        dossier = opened(request.user, reference, number)
        refusal = self.why_not(dossier, request.user)
        if request.method == "POST":
            try:
                refuse_if(refusal)
                if self.meaning and (away := self._prove(request, dossier)) is not None:
                    return away
                words = self.act(request, dossier)
            except Refused as refused:
                return self._page(request, opened(request.user, reference, number), refused)
            messages.success(request, words)
            back = dossier.shown if number else dossier.packet
            return redirect(back.get_absolute_url())
        return self._page(request, dossier, refusal)

    def _prove(self, request: Request, dossier: Dossier) -> HttpResponse | None:
        """None when the verb can be asked, which refuses what is wrong for other reasons itself."""
        transitions.refuse_words(_reason(request))
        seen = seen_in(request.POST)
        if seen.as_decision() != Seen.of(dossier.shown).as_decision():
            return None
        return proving.prove(request, seen.purpose(self.meaning, Cuts()), request.path)

    def _signing(self, request: Request, dossier: Dossier, refusal: Refused | None) -> dict[str, Any]:
        """What the form asks of its reader before it does what cannot be done by an open session alone."""
        typed = request.POST or proving.kept(request, dossier.shown, request.path) or request.POST
        if not self.meaning:
            return {"typed": typed}
        ways = proving.ways(request)
        form = SigningForm(typed or None, ways)
        if refusal is not None:
            form.refuse(refusal)
        until = proving.holds_until(request, Seen.of(dossier.shown).purpose(self.meaning, Cuts())) if typed else None
        return {"typed": typed, "ways": ways, "signing": form, "shown_until": until}

    def _about(self, dossier: Dossier) -> Version | Packet:
        """What it stops: the version itself, or the packet with all its versions."""
        return dossier.shown if self.of_version or self.cuts or not self.reason else dossier.packet

    def _page(self, request: Request, dossier: Dossier, refusal: Refused | None) -> HttpResponse:
        about = self._about(dossier)
        context = {
            "verb": self,
            "subject": about,
            "back": about.get_absolute_url(),
            "version": dossier.shown,
            "packet": dossier.packet,
            "refusal": refusal,
            "since_opened": told(since_opened(dossier, request.POST)) if refusal else [],
            "dossier": dossier,
            "says": self.says(dossier),
            "may": self.why_not(dossier, request.user) is None,
            "cut_groups": cut_groups(dossier.shown, dossier.moment, request.POST) if self.cuts else (),
        }
        context |= self._signing(request, dossier, refusal)
        return render(request, "approvals/confirm.html", context, status=status_of(refusal) if refusal else 200)


def _view(confirmation: Confirmation) -> Callable[..., HttpResponse]:
    safe = sensitive_post_parameters("password", "code")
    return require_http_methods(["GET", "HEAD", "POST"])(safe(confirmation.answer))


def _reason(request: Request) -> str:
    return request.POST.get("reason", "")


def _identity(dossier: Dossier) -> str:
    return f"The identity {dossier.shown.identity} stays as it is: whoever holds its key can still use it."


def _suspend(request: Request, dossier: Dossier) -> str:
    transitions.suspend(dossier.packet.pk, actor=request.user, reason=_reason(request))
    return f"{dossier.packet} is suspended from now on. Security can resume it."


def _resume(request: Request, dossier: Dossier) -> str:
    transitions.resume(dossier.packet.pk, actor=request.user, reason=_reason(request))
    return f"{dossier.packet} holds again from now on."


def _revoke(request: Request, dossier: Dossier) -> str:
    transitions.revoke(dossier.packet.pk, actor=request.user, reason=_reason(request))
    return f"{dossier.packet} is revoked for good."


def _discard(request: Request, dossier: Dossier) -> str:
    transitions.discard(dossier.shown.pk, seen=seen_in(request.POST), actor=request.user)
    return f"{dossier.shown} is discarded. It stays in the record."


def _give_up(request: Request, dossier: Dossier) -> str:
    cuts = cuts_in(request.POST, dossier.shown)
    seen = seen_in(request.POST)
    transitions.give_up(dossier.shown.pk, seen=seen, actor=request.user, cuts=cuts, reason=_reason(request))
    return f"{dossier.shown} is narrower from now on."


def _break_glass(request: Request, dossier: Dossier) -> str:
    seen = seen_in(request.POST)
    version = transitions.break_glass(
        dossier.shown.pk, seen=seen, actor=request.user, session=request.session.session_key or "",
        reason=_reason(request),
    )  # fmt: skip
    proving.forget(request, request.path)
    return f"{version} is in force by break-glass until {_at(version.glass_until)}, unless the others sign it before."


def _stops(dossier: Dossier) -> list[str]:
    """What is granted now or soon, version by version: that is what a stop of the packet stops."""
    granted = [one for one in dossier.versions if one.standing in COUNTING]  # type: ignore[attr-defined]
    rows = [
        f"It stops {one}: {dossier.packet.agent} as {one.identity}, "
        + (f"from {_at(one.in_force_from)} " if one.standing is Standing.SCHEDULED else "")  # type: ignore[attr-defined]
        + f"until {_at(holds_until(one))}."
        for one in granted
    ]
    return rows or [f"Nothing of {dossier.packet} is in force now, so it stops only what could be approved next."]


def _at(moment: datetime | None) -> str:
    return f"{moment:%-d %b %Y %H:%M} UTC" if moment else "an open date"


def _suspend_says(dossier: Dossier) -> list[str]:
    agent = dossier.packet.agent
    return [
        *_stops(dossier),
        f"{dossier.packet} is not in force from this moment until someone of Security resumes it, whatever is approved "
        f"meanwhile. Other packets of {agent} go on.",
        CANNOT_STOP,
        _identity(dossier),
    ]


def _resume_says(dossier: Dossier) -> list[str]:
    ends = [one for one in (dossier.in_force, dossier.latest_approved) if one and holds_until(one)][:1]
    stop = suspension_at(dossier.packet, dossier.moment)
    why = [f"It was stopped by {stop.by_name}, {_at(stop.since)}: “{stop.reason}”"] if stop else []
    return [*why, *(f"{one} holds again from this moment until {_at(holds_until(one))}." for one in ends)]


def _revoke_says(dossier: Dossier) -> list[str]:
    open_version = dossier.open
    closes = f" {open_version} is closed with it." if open_version else ""
    return [
        *_stops(dossier),
        f"This is final. {dossier.packet} ends at this moment, and nothing of it can come into force again.{closes} A "
        "fresh start is a new packet.",
        CANNOT_STOP,
        _identity(dossier),
    ]


def _discard_says(dossier: Dossier) -> list[str]:
    current = dossier.in_force
    holds = f"{current} stays in force as it is." if current else f"Nothing of {dossier.packet} is in force."
    return [
        f"The draft {dossier.shown} is closed. What was written stays in the record, and nobody can go on with it.",
        f"This stops no agent. {holds}",
    ]


def _give_up_says(dossier: Dossier) -> list[str]:
    return [
        "What you tick stops to hold at once, and needs no signature. Taking it back needs a new version with its "
        "signatures.",
        "What this cannot take back: what the agent has done with it already, and a run that is going on and does not "
        "ask this portal.",
    ]


def _break_glass_says(dossier: Dossier) -> list[str]:
    shown = dossier.shown
    missing = [seat.group.name for seat in shown.seats.all() if seat.decision is None]
    replaced = f" {dossier.in_force} stands aside while it lasts." if dossier.in_force else ""
    return [
        f"{shown} comes into force at this moment on your signature alone: {shown.packet.agent} as {shown.identity}, "
        f"until {_at(glass_until(shown, dossier.moment))} at the latest.{replaced}",
        f"The other signatures stay needed ({', '.join(missing)} with yours). Once they are all there it holds to its "
        "own end. If one of the signers sends it back or rejects it, it is over at once.",
        f"If they are not there by then, it is over and {shown.packet} is suspended until Security resumes it.",
        "The owner, the agent's team, everyone of Security and all Responders are told now, with your reason.",
    ]


def _why_not_granted(dossier: Dossier, person: Any) -> Refused | None:
    return rules.why_not_give_up(dossier.shown, person)


suspend = _view(Confirmation("Suspend", _suspend_says, lambda d, p: rules.why_not_suspend(d.packet, p), _suspend))
resume = _view(
    Confirmation("Resume", _resume_says, lambda d, p: rules.why_not_resume(d.packet, p), _resume, tone="primary")
)
revoke = _view(Confirmation("Revoke", _revoke_says, lambda d, p: rules.why_not_revoke(d.packet, p), _revoke))
discard = _view(
    Confirmation("Discard", _discard_says, lambda d, p: rules.why_not_discard(d.shown, p), _discard, reason="")
)
give_up = _view(Confirmation("Give up", _give_up_says, _why_not_granted, _give_up, reason="optional", cuts=True))
break_glass = _view(
    Confirmation(
        "Break the glass", _break_glass_says, lambda d, p: why_not_break_glass(d.shown, p), _break_glass,
        of_version=True, meaning=BREAKING,
    )
)  # fmt: skip
__all__ = ["break_glass", "discard", "give_up", "resume", "revoke", "suspend"]
