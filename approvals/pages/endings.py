"""How a version came to its end: who ended the review and why, and what took its place."""

from __future__ import annotations

from approvals.models import Decision, Version
from approvals.pages.dossier import Dossier
from approvals.vocabulary import Standing, State, Verdict


def superseded_by(dossier: Dossier) -> Version | None:
    """The version that took the place of the shown one, or None while none has."""
    shown = dossier.shown
    if dossier.standing is not Standing.SUPERSEDED:
        return None
    later = [one for one in dossier.versions if one.number > shown.number and one.state == State.APPROVED]
    return next((one for one in reversed(later) if one.in_force_from == shown.superseded_at), None)


def ended_by(dossier: Dossier) -> Decision | None:
    """The verdict that ended the review of the shown version, or None."""
    verdicts = {State.REJECTED: Verdict.REJECT, State.CHANGES_REQUESTED: Verdict.REQUEST_CHANGES}
    wanted = verdicts.get(State(dossier.shown.state))
    return next((one for one in dossier.shown.decisions.all() if one.verdict == wanted), None)
