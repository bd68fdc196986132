"""Accept a finding: a signer takes it on, with a reason. It lowers no risk and takes no signature away."""

from __future__ import annotations

from approvals import rules, validity
from approvals.errors import Refused, refuse_if
from approvals.models import Acceptance, Version
from approvals.people import Person
from approvals.transitions.claiming import Seen, finish, fresh, put_down
from approvals.transitions.reviewing import deciding, refuse_words
from approvals.vocabulary import EventKind


def accept_finding(version_id: int, place: int, *, seen: Seen, actor: Person, reason: str) -> Acceptance:
    """Accept the finding at this place of the version's findings, once.

    Claimed by what a decision saw, and like a plain signature it stales nobody's page.
    """
    reason = refuse_words(reason)
    with deciding(version_id, seen, actor) as version:
        actor = fresh(actor)
        refuse_if(rules.why_not_accept(version, actor) or _why_not_this(version, place))
        groups = {seat.group_id for seat in version.seats.all()}
        role = next(group.name for group in actor.memberships() if group.pk in groups)
        row = Acceptance(
            version=version, place=place, finding=version.findings[place], reason=reason, by=actor,
            by_name=actor.printed_name, role=role, at=validity.now(),
        )  # fmt: skip
        put_down(row, actor)
        told = {key: row.finding[key] for key in ("code", "severity", "sentence", "line")}
        detail = {**told, "place": place, "reason": reason, "role": role, "version_digest": version.digest}
        finish(version, EventKind.FINDING_ACCEPTED, actor, detail, effective_at=row.at)
    return row


def _why_not_this(version: Version, place: int) -> Refused | None:
    if not 0 <= place < len(version.findings):
        return Refused("no_such_finding", f"{version} has no such finding.", "Choose one of those on its page.")
    before = version.acceptances.filter(place=place).first()
    if before is None:
        return None
    return Refused("accepted_already", f"{before.by_name} has accepted this finding.", "Nothing more is needed.")
