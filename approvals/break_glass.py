"""Break-glass: who may put a version in force on their signature alone while others are missing, and for how long."""

from __future__ import annotations

from datetime import datetime, timedelta

from approvals import rules, validity
from approvals.errors import Refused
from approvals.models import Version
from approvals.people import Person
from approvals.standing import suspension_at
from approvals.telling import moment_text
from approvals.vocabulary import Role, Verdict

LONGEST = timedelta(hours=24)


def glass_until(version: Version, now: datetime) -> datetime:
    """When it ends unless the missing signatures are there: a day on, or at the version's own earlier end."""
    ends = [end for end in (version.ends, version.ends_at) if end is not None]  # as asked, and as cut
    return min([now + LONGEST, *ends])


def signature_of(version: Version, person: Person) -> int | None:
    """The key of the signature this person has given, by whichever of their accounts; None while they have not."""
    mine = person.accounts()
    signed = (one for one in version.decisions.all() if one.person_id in mine and Verdict(one.verdict).approves)
    return next((one.pk for one in signed), None)


def why_not_break_glass(version: Version, person: Person) -> Refused | None:
    """The reason this person may not put the version in force on their signature alone, or None.

    It takes a member of Security who wrote none of it, and who signs it or has signed it, while others still have to.
    """
    if not rules.has_role(person, Role.SECURITY):
        return Refused("not_you", "Only Security can break the glass.", "Ask a member of Security.")
    if version.glass_broken_at is not None:
        remedy = "What is missing now are the other signatures."
        return Refused("broken_already", f"The glass of {version} was broken before, and that is once.", remedy)
    signed = signature_of(version, person) is not None
    refused = rules.why_not_decide(version, person)
    if refused is not None and not (signed and refused.code == "already_decided"):
        return refused
    return _not_now(version) or _nothing_missing(version, person, signed=signed)


def broken_glass(version: Version) -> str:
    """Who put it in force with signatures missing, from when until when, and why: one sentence; empty for no one."""
    if version.glass_broken_at is None or version.glass_until is None:
        return ""
    until, over = version.glass_until, version.glass_over_at
    how = f"until {moment_text(until)} at the latest" if over is None else f"until {moment_text(min(until, over))}"
    return (
        f"Break-glass: {version.glass_broken_by_name} put {version} in force with signatures missing, "
        f"{moment_text(version.glass_broken_at)}, {how}: “{version.glass_reason}”"
    )


def _not_now(version: Version) -> Refused | None:
    now = validity.now()
    if suspension_at(version.packet, now) is not None:
        return Refused("suspended", f"{version.packet} is suspended.", "Resume it first, if it may run again.")
    if version.starts is not None and version.starts > now:
        return Refused("not_begun", f"{version} asks to begin later.", "There is time for the other signatures.")
    if not version.packet.agent.is_active:
        return Refused("agent_inactive", f"{version.packet.agent} has been deactivated.", "Reject it, or ask its team.")
    return None


def _nothing_missing(version: Version, person: Person, *, signed: bool) -> Refused | None:
    own = None if signed else rules.seat_for(version, person)
    if own is None and not signed:
        return Refused("seat_taken", "Every signature your group has to give is given.", "Ask whoever gave it.")
    if any(seat.decision_id is None and seat != own for seat in version.seats.all()):
        return None
    return Refused("nothing_missing", "Your signature is the last one that is needed.", "Sign it as usual.")
