"""The verbs of a decision, by people who have shown just before, for that very decision, who they are."""

from __future__ import annotations

from typing import Any

from approvals import presence, transitions
from approvals.cuts import Cuts
from approvals.models import Version
from approvals.transitions import Seen
from approvals.transitions.emergency import BREAKING
from approvals.vocabulary import Verdict
from portal.models import User

SESSION = "a session of the tests"


def shown(seen: Seen, actor: User, verdict: str, cuts: Cuts | None = None, session: str = SESSION) -> str:
    """The key of a session in which this person has just shown it, by password."""
    presence.note(actor, session_key=session, purpose=seen.purpose(verdict, cuts or Cuts()), by="password")
    return session


def sign(
    version_id: int,
    *,
    seen: Seen,
    actor: User,
    verdict: Verdict = Verdict.APPROVE,
    cuts: Cuts | None = None,
    **given: Any,
) -> Version:
    session = shown(seen, actor, verdict, cuts)
    return transitions.sign(version_id, seen=seen, actor=actor, session=session, verdict=verdict, cuts=cuts, **given)


def request_changes(version_id: int, *, seen: Seen, actor: User, reason: str) -> Version:
    session = shown(seen, actor, Verdict.REQUEST_CHANGES)
    return transitions.request_changes(version_id, seen=seen, actor=actor, session=session, reason=reason)


def reject(version_id: int, *, seen: Seen, actor: User, reason: str) -> Version:
    session = shown(seen, actor, Verdict.REJECT)
    return transitions.reject(version_id, seen=seen, actor=actor, session=session, reason=reason)


def break_glass(version_id: int, *, seen: Seen, actor: User, reason: str) -> Version:
    session = shown(seen, actor, BREAKING)
    return transitions.break_glass(version_id, seen=seen, actor=actor, session=session, reason=reason)
