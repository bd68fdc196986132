"""Break the glass: one member of Security puts a version in force while other signatures are missing."""

from __future__ import annotations

from approvals import presence, validity
from approvals.break_glass import glass_until, signature_of, why_not_break_glass
from approvals.content import instant
from approvals.cuts import Cuts
from approvals.errors import refuse_if
from approvals.models import Decision, Presence, Version
from approvals.people import Person
from approvals.transitions.claiming import Seen, finish, fresh
from approvals.transitions.reviewing import deciding, fill_seat, refuse_words, why_parent_gone
from approvals.transitions.seating import reseat
from approvals.vocabulary import EventKind, Verdict

BREAKING = "break_glass"  # the meaning somebody shows who they are for


def break_glass(version_id: int, *, seen: Seen, actor: Person, session: str, reason: str) -> Version:
    """Put the version in force at once and for a day at most, on the actor's signature alone; once a version.

    It stays in review with its open seats. Signed by all it holds to its granted end; sent back, rejected or withdrawn
    it is over at once; unfilled at the deadline it is over by the clock, and the packet is suspended.
    """
    reason = refuse_words(reason)
    with deciding(version_id, seen, actor) as version:
        actor = fresh(actor)
        refuse_if(why_not_break_glass(version, actor))
        need = reseat(version)
        refuse_if(why_parent_gone(version.packet) or why_not_break_glass(version, actor))
        shown = presence.spend(actor, session_key=session, purpose=seen.purpose(BREAKING, Cuts()))
        given = signature_of(version, actor)
        decision = (
            Decision.objects.get(pk=given)
            if given
            else fill_seat(version, actor, shown, Verdict.APPROVE, reason, Cuts(), need)
        )
        _break(version, actor, reason, decision, shown, is_new=given is None)
    return version


def _break(version: Version, actor: Person, reason: str, decision: Decision, shown: Presence, *, is_new: bool) -> None:
    now = decision.at if is_new else validity.now()
    version.glass_broken_at, version.glass_broken_by, version.glass_reason = now, actor, reason
    version.glass_broken_by_name = actor.printed_name
    version.glass_until = until = glass_until(version, now)
    missing = version.seats.filter(decision__isnull=True).values_list("group__name", flat=True)
    detail = {
        "reason": reason, "until": until.isoformat(), "missing": sorted(missing), "role": decision.role,
        "signature": decision.digest, "digest": version.digest,
        "shown_by": shown.by, "shown_at": instant(shown.at),
    }  # fmt: skip
    finish(version, EventKind.GLASS_BROKEN, actor, detail, effective_at=now)
