"""Ask, answer, sign, request changes, reject: what happens while a version is in review."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Q

from approvals import needs, presence, rules, validity
from approvals.completeness import NOT_STORED, first_hidden
from approvals.content import instant
from approvals.cuts import Cuts, decision_digest, standing_digest, why_not_narrower
from approvals.errors import Refused, refuse_if
from approvals.models import Decision, Packet, Presence, Question, Seat, Version
from approvals.needs import Need
from approvals.people import Person
from approvals.scope.secret_marks import looks_secret
from approvals.transitions.claiming import Seen, changing, finish, fresh, put_down
from approvals.transitions.cutting import apply_cuts
from approvals.transitions.drafting import reopen
from approvals.transitions.glass import settle_glass
from approvals.transitions.seating import reseat, why_too_long
from approvals.vocabulary import EventKind, Field, State, Verdict

MOST_WORDS = 4_000


def refuse_words(text: str, *, needed: bool = True) -> str:
    """The text without white space around it, as it is kept for good and sent by e-mail.

    Raises Refused when it is needed and empty, too long, or holds what nobody can see or nobody should.
    """
    text = text.strip()
    if needed and not text:
        raise Refused("no_reason", "A reason is needed here.", "Write one sentence; it is kept in the record.")
    if len(text) > MOST_WORDS:
        raise Refused("too_long_text", f"This is {len(text):,} characters long. At most {MOST_WORDS:,} fit here.")
    hidden = first_hidden(text)
    if hidden:
        raise Refused("hidden_text", f"There is a hidden character in this text: {hidden}.", "Delete it and try again.")
    if looks_secret(text):
        raise Refused("secret_text", NOT_STORED)
    return text


def ask(version_id: int, text: str, *, actor: Person, line: str = "") -> Question:
    """Ask a question, optionally on one line of the version."""
    text = refuse_words(text)
    with changing(version_id, {}) as version:
        actor = fresh(actor)
        refuse_if(rules.why_not_ask(version, actor))
        refuse_if(_why_not_a_line(version, line))
        question = Question(
            version=version, line=line, text=text, asked_by=actor, asked_by_name=actor.printed_name,
            asked_at=validity.now(),
        )  # fmt: skip
        put_down(question, actor)
        finish(version, EventKind.QUESTION_ASKED, actor, {"question": question.pk, "line": line, "text": text})
    return question


def _why_not_a_line(version: Version, line: str) -> Refused | None:
    if not line or any(str(grant) == line for grant in version.grants.all()):
        return None
    return Refused("no_such_line", f"{version} has no line {line}.", "Choose one of its lines, or none.")


def answer(question_id: int, text: str, *, actor: Person) -> Question:
    """Answer a question once."""
    text = refuse_words(text)
    version_id = Question.objects.values_list("version", flat=True).get(pk=question_id)
    with changing(version_id, {}) as version:
        actor = fresh(actor)
        refuse_if(rules.why_not_answer(version, actor))
        question = Question.objects.get(pk=question_id)
        if question.answered_at:
            raise Refused("answered", f"{question.answered_by_name} has answered this already.", "Read the answer.")
        question.answer, question.answered_by, question.answered_by_name = text, actor, actor.printed_name
        question.answered_at = validity.now()
        put_down(question, actor)
        finish(version, EventKind.QUESTION_ANSWERED, actor, {"question": question.pk, "text": text})
    return question


def sign(
    version_id: int,
    *,
    seen: Seen,
    actor: Person,
    session: str,
    verdict: Verdict = Verdict.APPROVE,
    reason: str = "",
    cuts: Cuts | None = None,
) -> Version:
    """Give one signature. The last one also approves: the version is granted as asked minus all cuts.

    `session` is the key of the session in which the actor has just shown who they are for this very decision; that is
    spent here. The same person's repeat gets the same answer again. Raises Refused; "stale" when content, cuts or state
    changed, "not_shown" and "shown_too_long_ago" when it was not them, now.
    """
    cuts = cuts or Cuts()
    reason = refuse_words(reason, needed=verdict is Verdict.APPROVE_NARROWER)
    if not verdict.approves:
        raise Refused("not_a_signature", f"“{verdict.label}” is no signature.", "Choose one of the two that approve.")
    refuse_unclear(verdict, cuts)
    decide = partial(_sign, version_id, seen, actor, session, verdict, reason, cuts)
    return _once(version_id, actor, verdict, cuts, decide)


def refuse_unclear(verdict: Verdict, cuts: Cuts) -> None:
    """Raises Refused for cuts beside anything but a narrower approval, and for one without any."""
    if bool(cuts) != (verdict is Verdict.APPROVE_NARROWER):
        raise Refused("cuts_unclear", "Approving narrower needs at least one cut, and plain approval has none.")


def _sign(
    version_id: int, seen: Seen, actor: Person, session: str, verdict: Verdict, reason: str, cuts: Cuts
) -> Version:
    with deciding(version_id, seen, actor) as version:
        actor = fresh(actor)
        refuse_if(rules.why_not_sign(version, actor))
        need = reseat(version)
        shown = presence.spend(actor, session_key=session, purpose=seen.purpose(verdict, cuts))
        decision = fill_seat(version, actor, shown, verdict, reason, cuts, need)
        if not version.seats.filter(decision__isnull=True).exists():
            start = max(version.starts or decision.at, decision.at)
            _approve(version, start, granted_end(version, cuts), need.reminder_days, actor)
    return version


def fill_seat(
    version: Version, actor: Person, shown: Presence, verdict: Verdict, reason: str, cuts: Cuts, need: Need
) -> Decision:
    """Give one signature, with its event. Inside a verb only, which has asked whether the actor may."""
    _cut(version, cuts, actor)
    seat = _seat(version, actor)
    seat.decision = decision = _decide(version, actor, shown, verdict, reason, cuts, seat.group, need)
    put_down(seat, actor)
    ends, start = granted_end(version, cuts), max(version.starts or decision.at, decision.at)
    refuse_if(_ends_before(start, ends) or why_too_long(start, ends, need))
    if cuts:
        version.ends_at, version.cuts_digest = ends, standing_digest(all_cuts(version))
        version.glass_until = min(ends, version.glass_until) if version.glass_until else None
        version.revision += 1
    finish(version, EventKind.SIGNED, actor, _detail(decision), effective_at=decision.at)
    return decision


@contextmanager
def deciding(version_id: int, seen: Seen, actor: Person) -> Iterator[Version]:
    """`changing`, claimed by what a decision saw; a miss names what happened instead of only "stale"."""
    try:
        with changing(version_id, seen.as_decision()) as version:
            yield version
    except Refused as refusal:
        if refusal.code == "stale":
            refuse_if(_what_happened(version_id, actor))
        raise


def _what_happened(version_id: int, actor: Person) -> Refused | None:
    """Why the version is not as seen, when that itself keeps the person from deciding; None for an edit or a cut."""
    version = Version.objects.for_page().get(pk=version_id)
    refused = rules.why_not_decide(version, actor)
    return refused if refused and refused.code in ("too_late", "wrong_state", "revoked", "already_decided") else None


def _once(version_id: int, actor: Person, verdict: Verdict, cuts: Cuts, decide: Callable[[], Version]) -> Version:
    """Decide. The same person's repeat gets the same answer again, also when both come at the same moment."""
    if (before := _repeated(version_id, actor, verdict, cuts)) is not None:
        return before
    try:
        return decide()
    except Refused:
        if (meanwhile := _repeated(version_id, actor, verdict, cuts)) is not None:
            return meanwhile
        raise


def _repeated(version_id: int, actor: Person, verdict: Verdict, cuts: Cuts) -> Version | None:
    """The version when this person has given exactly this decision before; None otherwise."""
    made = Decision.objects.filter(version=version_id, person=actor, verdict=verdict).first()
    if made is None or made.cuts != cuts.as_data():
        return None
    version: Version = Version.objects.for_page().get(pk=version_id)
    return version


def _seat(version: Version, actor: Person) -> Seat:
    seat = rules.seat_for(version, actor)
    if seat is None:
        raise Refused("seat_taken", "Every signature your group has to give is given.", "Nothing more is needed.")
    return seat


def _cut(version: Version, cuts: Cuts, actor: Person) -> None:
    if cuts:
        standing = [(Field(grant.field), str(grant)) for grant in version.grants.standing_at(validity.now())]
        refuse_if(why_not_narrower(cuts, standing, granted_end(version, Cuts())))
        apply_cuts(version, cuts, actor)


def granted_end(version: Version, cuts: Cuts) -> datetime:
    """The earliest of the asked end, the end after earlier cuts, and these cuts."""
    return min(end for end in (version.ends, version.ends_at, cuts.ends) if end is not None)


def all_cuts(version: Version) -> list[Cuts]:
    """The cuts of every decision so far, in the order they were made."""
    return [Cuts.from_data(row) for row in version.decisions.order_by("pk").values_list("cuts", flat=True)]


def _decide(
    version: Version, actor: Person, shown: Presence, verdict: Verdict, reason: str, cuts: Cuts, group: Group,
    need: Need | None,
) -> Decision:  # fmt: skip
    rule = need.asked_by.get(group.pk, "")[:400] if need else ""
    decision = Decision(
        version=version, person=actor, person_name=actor.printed_name, role=group.name, verdict=verdict, reason=reason,
        cuts=cuts.as_data(), digest=decision_digest(version.digest, version.cuts_digest, cuts),
        at=validity.now(), rule=rule, shown_by=shown.by, shown_at=shown.at,
    )  # fmt: skip
    put_down(decision, actor)
    return decision


def _detail(decision: Decision) -> dict[str, Any]:
    return {
        "verdict": decision.verdict, "reason": decision.reason, "role": decision.role, "cuts": decision.cuts,
        "digest": decision.digest, "version_digest": decision.version.digest, "rule": decision.rule,
        "shown_by": decision.shown_by, "shown_at": instant(decision.shown_at),
    }  # fmt: skip


def _approve(version: Version, start: datetime, ends: datetime, days: tuple[int, ...], actor: Person) -> None:
    """The last signature: in force from then (or the asked start), and every earlier version superseded by it."""
    refuse_if(why_parent_gone(version.packet))
    settle_glass(version)
    version.state, version.in_force_from, version.ends_at = State.APPROVED, start, ends
    version.reminder_days = list(days)
    version.revision += 1
    detail = {"in_force_from": start.isoformat(), "ends_at": ends.isoformat(), "digest": version.digest}
    finish(version, EventKind.RENEWED if version.renews else EventKind.APPROVED, actor, detail, effective_at=start)
    earlier = version.packet.versions.filter(state=State.APPROVED, number__lt=version.number, ends_at__gte=start)
    # One that a scheduled version was to supersede later is superseded by this one already.
    for other in earlier.filter(Q(superseded_at__isnull=True) | Q(superseded_at__gt=start)):
        other.superseded_at = start
        other.revision += 1
        finish(other, EventKind.SUPERSEDED, None, {"by": version.number}, effective_at=start)


def _ends_before(start: datetime, ends: datetime) -> Refused | None:
    if ends > start:
        return None
    return Refused("end_passed", "With this end the authority would end before it starts.", "Choose a later end.")


def why_parent_gone(packet: Packet) -> Refused | None:
    """The reason a run cannot come into force, or None: it holds only inside its system packet."""
    if packet.parent and not packet.parent.versions.granted_at(validity.now()).exists():
        return Refused("parent_not_in_force", f"{packet.parent} is not in force, so no run can be inside it.")
    return None


def request_changes(version_id: int, *, seen: Seen, actor: Person, session: str, reason: str) -> Version:
    """End the review and open draft n+1 with the same content and the reason on top; returns the draft."""
    version = _end_review(version_id, seen, actor, session, reason, Verdict.REQUEST_CHANGES)
    draft: Version = version.packet.versions.for_page().get(number=version.number + 1)
    return draft


def reject(version_id: int, *, seen: Seen, actor: Person, session: str, reason: str) -> Version:
    """End the review for good."""
    return _end_review(version_id, seen, actor, session, reason, Verdict.REJECT)


def _end_review(version_id: int, seen: Seen, actor: Person, session: str, reason: str, verdict: Verdict) -> Version:
    reason = refuse_words(reason)
    return _once(version_id, actor, verdict, Cuts(), lambda: _end(version_id, seen, actor, session, reason, verdict))


def _end(version_id: int, seen: Seen, actor: Person, session: str, reason: str, verdict: Verdict) -> Version:
    with deciding(version_id, seen, actor) as version:
        actor = fresh(actor)
        refuse_if(rules.why_not_decide(version, actor))
        group = actor.groups.filter(pk__in=version.seats.values("group")).order_by("pk")[0]
        shown = presence.spend(actor, session_key=session, purpose=seen.purpose(verdict, Cuts()))
        decision = _decide(version, actor, shown, verdict, reason, Cuts(), group, needs.need(version.rules))
        changes = verdict is Verdict.REQUEST_CHANGES
        settle_glass(version)
        version.state = State.CHANGES_REQUESTED if changes else State.REJECTED
        version.revision += 1
        kind = EventKind.CHANGES_REQUESTED if changes else EventKind.REJECTED
        finish(version, kind, actor, _detail(decision))
        if changes:
            reopen(version)
    return version
