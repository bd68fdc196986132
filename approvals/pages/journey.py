"""The way of one version, with the steps not begun too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from approvals.models import Version
from approvals.pages.dossier import Dossier
from approvals.vocabulary import Standing, State

DONE, CURRENT, AHEAD = "done", "current", "todo"
OVER = (Standing.ENDED, Standing.SUPERSEDED, Standing.REVOKED)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is called, where the version stands with it, and since or until when."""

    label: str
    state: str
    at: datetime | None = None


def journey(dossier: Dossier) -> list[Step]:
    """Draft, submitted, in review, in force, ends: what is done, where it stands, and what has not begun."""
    version = dossier.shown
    if version.state == State.DRAFT:
        return [Step("Draft", CURRENT), *_todo("Submitted", "In review", "In force"), Step("Ends", AHEAD, version.ends)]
    begun = [Step("Draft", DONE, version.created_at)]
    if version.submitted_at is None:
        return [*begun, Step(version.closed_reason or "Closed", CURRENT, version.last_event_at)]
    begun.append(Step("Submitted", DONE, version.submitted_at))
    if version.state == State.IN_REVIEW:
        return [*begun, Step(_review(version), CURRENT), *_todo("In force"), Step("Ends", AHEAD, version.ends)]
    if version.state != State.APPROVED:
        return [*begun, Step(_verdict(version), CURRENT, version.last_event_at)]
    return [*begun, Step(_signed(version), DONE), *_after_approval(dossier)]


def _todo(*labels: str) -> list[Step]:
    return [Step(label, AHEAD) for label in labels]


def _review(version: Version) -> str:
    seats = version.seats.all()
    given = sum(seat.decision_id is not None for seat in seats)
    return f"In review, {given} of {len(seats)} {'signature' if len(seats) == 1 else 'signatures'}"


def _signed(version: Version) -> str:
    count = len(version.seats.all())
    return f"{count} signature" if count == 1 else f"{count} signatures"


def _verdict(version: Version) -> str:
    return (
        version.closed_reason
        if version.state == State.CLOSED and version.closed_reason
        else version.get_state_display()
    )


def _after_approval(dossier: Dossier) -> list[Step]:
    version, standing = dossier.shown, dossier.standing
    if standing is Standing.SCHEDULED:
        return [Step("In force", AHEAD, version.in_force_from), Step("Ends", AHEAD, version.ends_at)]
    if standing in OVER:
        begun = version.in_force_from is not None and version.in_force_from <= _over_at(dossier)
        first = [Step("In force", DONE, version.in_force_from)] if begun else []
        return [*first, Step(standing.tag.words, CURRENT, _over_at(dossier))]
    label = "Suspended" if standing is Standing.SUSPENDED else "In force"
    return [Step(label, CURRENT, _since(dossier)), Step("Ends", AHEAD, version.ends_at)]


def _since(dossier: Dossier) -> datetime | None:
    stop = next((stop for stop in dossier.packet.suspensions.all() if stop.until is None), None)
    if dossier.standing is Standing.SUSPENDED and stop is not None:
        return stop.since
    return dossier.shown.in_force_from


def _over_at(dossier: Dossier) -> datetime:
    instants = {
        Standing.REVOKED: dossier.packet.revoked_at,
        Standing.SUPERSEDED: dossier.shown.superseded_at,
        Standing.ENDED: dossier.shown.ends_at,
    }
    return instants[dossier.standing] or dossier.moment
