"""Who may do what now, and why not. Pure over rows: page, button, API and verb ask the same function.

A superuser has every permission and no seat, so no permission is asked here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from django.db.models import prefetch_related_objects

from approvals import validity
from approvals.errors import Refused
from approvals.models import Packet, RuleChange, Seat, Version
from approvals.needs import can_fill, members_of
from approvals.people import Person
from approvals.standing import granted_of
from approvals.vocabulary import OPEN_STATES, Role, RuleOutcome, State


def is_member(person: Person, *groups: int) -> bool:
    """Whether an active person is in one of these groups; verbs ask with a person read anew."""
    return person.is_active and any(group.pk in groups for group in person.memberships())


def has_role(person: Person, *roles: Role) -> bool:
    """Whether an active person holds one of these roles; verbs ask with a person read anew."""
    return person.is_in(*roles)


def is_submitting_side(version: Version, person: Person) -> bool:
    """Owner, backup owner, or the agent's team."""
    if not person.is_active:
        return False
    return person.pk in (version.owner_id, version.backup_owner_id) or is_member(person, version.packet.agent.team_id)


def authors(version: Version) -> set[int]:
    """Keys of everyone who edited or submitted this version or any since the last approved one."""
    earlier = [one for one in version.packet.versions.all() if one.number < version.number]
    last = max((one.number for one in earlier if one.state == State.APPROVED), default=0)
    since = [version, *(one for one in earlier if one.number > last)]
    prefetch_related_objects(since, "editors")  # one statement, and none where a page has them already
    return {pk for one in since for pk in (one.submitted_by_id, *(editor.pk for editor in one.editors.all())) if pk}


def _not_side(version: Version, person: Person) -> Refused | None:
    if is_submitting_side(version, person):
        return None
    return Refused(
        "not_you",
        "Only the agent's owner, the backup owner or its team can do this.",
        f"Ask {version.owner.printed_name if version.owner else 'the owner'} to do it.",
    )


def _revoked(packet: Packet) -> Refused | None:
    if packet.revoked_at is None:
        return None
    return Refused("revoked", f"{packet} was revoked, and that is final.", "Start a new packet.")


def _not_in(version: Version, *states: State) -> Refused | None:
    if version.state in states:
        return None
    return Refused("wrong_state", f"{version} is {State(version.state).label.lower()}, so this cannot be done.")


def why_not_draft(person: Person) -> Refused | None:
    """The reason this person may not start a packet at all, or None. Whose agent it is, is asked later."""
    if person.is_active:
        return None
    return Refused("inactive", "Your account is not active.", "Ask an administrator.")


def why_not_edit(version: Version, person: Person) -> Refused | None:
    """The reason this person may not edit, submit or discard this draft, or None."""
    return _revoked(version.packet) or _not_in(version, State.DRAFT) or _not_side(version, person)


why_not_discard = why_not_edit


def why_not_submit(version: Version, person: Person) -> Refused | None:
    """The reason this person may not submit this draft, or None. Nobody could sign for an agent that is gone."""
    if not version.packet.agent.is_active:
        remedy = "Discard the draft, or ask an administrator."
        return Refused("agent_inactive", f"{version.packet.agent} has been deactivated.", remedy)
    return why_not_edit(version, person)


def why_not_withdraw(version: Version, person: Person) -> Refused | None:
    """The reason this person may not take the version back from review, or None."""
    if version.state == State.APPROVED:
        return Refused("too_late", f"The last signature is on {version}.", "Give it up or revoke the packet instead.")
    return _not_in(version, State.IN_REVIEW) or _not_side(version, person)


def why_not_amend(version: Version, person: Person) -> Refused | None:
    """The reason this person may not draft the next version from this one, or None."""
    if any(other.state in OPEN_STATES for other in version.packet.versions.all()):
        return Refused("open_version", f"{version.packet} has an open version already.", "Go on with that one.")
    if version.state == State.DRAFT or version.submitted_at is None:
        return Refused("wrong_state", f"{version} was never submitted, so there is nothing to amend.")
    return _revoked(version.packet) or _not_the_last(version) or _not_side(version, person)


def _not_the_last(version: Version) -> Refused | None:
    """While an approved version holds or is yet to begin, only the last of them can be amended."""
    now = validity.now()
    holding = [
        one for one in version.packet.versions.all()
        if one.state == State.APPROVED and one.ends_at > now and not (one.superseded_at and one.superseded_at <= now)
    ]  # fmt: skip
    last = max(holding, key=lambda one: one.number, default=version)
    if last.number == version.number:
        return None
    return Refused("not_the_last", f"{last} is the last approved version.", "Amend or renew that one.")


def why_not_give_up(version: Version, person: Person) -> Refused | None:
    """The reason this person may not drop lines or end sooner, or None."""
    return _not_granted(version) or _not_side(version, person)


def _not_granted(version: Version) -> Refused | None:
    now = validity.now()
    if version.state == State.APPROVED and version.ends_at is not None and version.ends_at <= now:
        return Refused("ended", f"{version} has ended.", "Renew it, or start a new packet.")
    if version.state == State.APPROVED and version.superseded_at is not None and version.superseded_at <= now:
        return Refused("superseded", f"A later version took the place of {version}.", "Open the later version.")
    return _revoked(version.packet) or _not_in(version, State.APPROVED)


def _signing_groups(version: Version) -> set[int]:
    return {seat.group_id for seat in version.seats.all()}


def why_not_ask(version: Version, person: Person) -> Refused | None:
    """The reason this person may not ask a question, or None."""
    if not is_member(person, *_signing_groups(version)):
        return Refused("not_you", "Only members of a group that signs this version can ask here.")
    return _not_in(version, State.IN_REVIEW)


def why_not_answer(version: Version, person: Person) -> Refused | None:
    """The reason this person may not answer a question, or None."""
    return _not_in(version, State.IN_REVIEW) or _not_side(version, person)


def why_not_decide(version: Version, person: Person) -> Refused | None:
    """What keeps this person from any decision on this version, or None."""
    return _not_to_judge(version, person) or _decided(version, person) or _no_seat(version, person)


def why_not_accept(version: Version, person: Person) -> Refused | None:
    """The reason this person may not accept a finding of this version, or None: a decision given is no hindrance."""
    return _not_to_judge(version, person) or _no_seat(version, person)


def _not_to_judge(version: Version, person: Person) -> Refused | None:
    """What keeps this person from judging the version at all: where it stands, or that they wrote part of it."""
    if refused := why_not_draft(person):
        return refused
    if version.state == State.APPROVED:
        return Refused(
            "too_late", f"{version} has all its signatures.", "Suspend or revoke the packet to stop the agent."
        )
    refused = _revoked(version.packet) or _not_in(version, State.IN_REVIEW) or _end_passed(version)
    if refused:
        return refused
    if person.accounts() & authors(version):  # two accounts with one address are one person
        return Refused("own_version", "You wrote part of this version.", "Another member of the group has to decide.")
    return None


def _decided(version: Version, person: Person) -> Refused | None:
    if any(decision.person_id in person.accounts() for decision in version.decisions.all()):
        return Refused("already_decided", "You have decided on this version already.", "Nothing more is needed of you.")
    return None


def _no_seat(version: Version, person: Person) -> Refused | None:
    if is_member(person, *_signing_groups(version)):
        return None
    return Refused("no_seat", "No signature on this version is for a group you belong to.")


def _end_passed(version: Version) -> Refused | None:
    ends = min((end for end in (version.ends, version.ends_at) if end is not None), default=None)  # asked, and as cut
    if ends is not None and ends <= validity.now():
        return Refused("end_passed", "The end of this version has passed.", "The owner has to amend it with a new end.")
    return None


why_not_request_changes = why_not_reject = why_not_decide


def why_not_sign(version: Version, person: Person) -> Refused | None:
    """The reason this person may not sign now, or None."""
    if refused := why_not_decide(version, person):
        return refused
    if not version.packet.agent.is_active:
        return Refused("agent_inactive", f"{version.packet.agent} has been deactivated.", "Reject it, or ask its team.")
    if seat_for(version, person) is None:
        return Refused("seat_taken", "Every signature your group has to give is given.", "Nothing more is needed.")
    return None


def seat_for(version: Version, person: Person) -> Seat | None:
    """The open seat this person would fill, or None: one that leaves every other seat to somebody who can fill it."""
    open_seats = sorted(
        (seat for seat in version.seats.all() if seat.decision_id is None), key=lambda seat: seat.position
    )
    mine = [seat for seat in open_seats if is_member(person, seat.group_id)]
    if len({seat.group_id for seat in mine}) < 2:
        return next(iter(mine), None)
    taken = authors(version) | {decision.person_id for decision in version.decisions.all()} | person.accounts()
    members = members_of({seat.group_id for seat in open_seats}, taken)
    rest = [[other.group_id for other in open_seats if other is not seat] for seat in mine]
    return next((seat for seat, others in zip(mine, rest, strict=True) if can_fill(others, members)), mine[0])


def why_not_suspend(packet: Packet, person: Person) -> Refused | None:
    """The reason this person may not stop the packet, or None."""
    refused = _revoked(packet)
    if refused:
        return refused
    if any(stop.until is None for stop in packet.suspensions.all()):
        return Refused("already_suspended", f"{packet} is suspended already.", "Security can resume it.")
    if refused := _over(packet):
        return refused
    if has_role(person, Role.SECURITY, Role.RESPONDERS) or _is_of(
        packet, person, "owner", "backup_owner", "rollback_owner"
    ):
        return None
    if is_member(person, packet.agent.team_id):
        return None
    return Refused("not_you", "Only its owners, its team, the rollback owner, Security or Responders can stop it.")


def _over(packet: Packet) -> Refused | None:
    """What was approved has ended and nothing is open: there is nothing left that a stop would stop."""
    now, versions = validity.now(), list(packet.versions.all())
    approved = [one for one in versions if one.state == State.APPROVED]
    if not approved or any(one.ends_at > now for one in approved) or any(one.state in OPEN_STATES for one in versions):
        return None
    return Refused("ended", f"{packet} has ended, so there is nothing to stop.", "A renewal is reviewed anew.")


def why_not_resume(packet: Packet, person: Person) -> Refused | None:
    """The reason this person may not start the packet again, or None."""
    if not any(stop.until is None for stop in packet.suspensions.all()):
        return Refused("not_suspended", f"{packet} is not suspended.")
    if not has_role(person, Role.SECURITY):
        return Refused("not_you", "Only Security can start an agent again.", "Ask a member of Security.")
    now = validity.now()
    current = in_force_or_last(packet) or _newest(packet)  # it can be stopped before anything is approved
    if current is not None and person.accounts() & authors(current):
        return Refused("own_version", "You wrote part of this version.", "Another member of Security has to resume it.")
    if current is not None and current.state == State.APPROVED and (current.ends_at or now) <= now:
        return Refused("ended", f"The end of {packet} has passed while it was suspended.", "Renew it instead.")
    return _revoked(packet)


def why_not_revoke(packet: Packet, person: Person) -> Refused | None:
    """The reason this person may not revoke the packet, or None."""
    if has_role(person, Role.SECURITY) or (person.is_active and _is_of(packet, person, "owner", "backup_owner")):
        return _revoked(packet)
    return Refused("not_you", "Only the agent's owner, the backup owner or Security can revoke a packet.")


def why_not_share(packet: Packet, person: Person) -> Refused | None:
    """The reason this person may not let others see the packet, or None."""
    if person.is_active and _is_of(packet, person, "owner", "backup_owner"):
        return None
    return Refused("not_you", "Only the agent's owner or the backup owner can share a packet.")


def why_not_hand_over(packet: Packet, person: Person) -> Refused | None:
    """The reason this person may not name somebody else for whoever leaves, or None. The draft is reviewed as any."""
    if has_role(person, Role.ADMINISTRATORS, Role.SECURITY) or is_member(person, packet.agent.team_id):
        return _revoked(packet)
    remedy = "Ask one of them."
    return Refused("not_you", "Only Administrators, Security and the agent's team can hand a packet over.", remedy)


def why_not_change_rules(person: Person) -> Refused | None:
    """The reason this person may not change sign-off rules, or None. A superuser alone is no administrator here."""
    if has_role(person, Role.ADMINISTRATORS):
        return None
    return Refused("not_you", "Only Administrators can change sign-off rules.", "Ask one of them.")


class Waiting(Protocol):
    """A change that waits for a second administrator: of a sign-off rule, or of another row that asks for less."""

    outcome: Any
    asked_by_id: Any

    def get_outcome_display(self) -> str: ...


def why_not_settle(change: RuleChange, person: Person) -> Refused | None:
    """The reason this person may not apply or decline a change that waits, or None: it takes a second administrator."""
    return why_not_change_rules(person) or why_not_be_second(change, person)


def why_not_be_second(change: Waiting, person: Person) -> Refused | None:
    """The reason this administrator may not be the second one for a change that waits, or None."""
    if change.outcome != RuleOutcome.WAITING:
        return Refused("wrong_state", f"This change is {change.get_outcome_display().lower()} already.")
    if change.asked_by_id in person.accounts():  # two accounts with one address are one person
        return Refused("own_change", "You asked for this change.", "Another administrator has to look at it.")
    return None


def why_not_withdraw_change(change: Waiting, person: Person) -> Refused | None:
    """The reason this person may not take a waiting change back, or None."""
    if change.outcome != RuleOutcome.WAITING:
        return Refused("wrong_state", f"This change is {change.get_outcome_display().lower()} already.")
    if change.asked_by_id != person.pk or not person.is_active:
        return Refused("not_you", "Only whoever asked for this change can take it back.")
    return None


def _is_of(packet: Packet, person: Person, *parts: str) -> bool:
    """Whether this person is named in what was approved; before anything is, in the newest version.

    Not in a draft of something approved: else whoever may edit could name themselves owner, and revoke or share.
    """
    version = in_force_or_last(packet) or _newest(packet)
    if version is None or not person.is_active:
        return False
    return any(getattr(version, f"{part}_id") == person.pk for part in parts)


def _newest(packet: Packet) -> Version | None:
    return max(packet.versions.all(), key=lambda version: version.number, default=None)


def in_force_or_last(packet: Packet, moment: datetime | None = None) -> Version | None:
    """The version in force at that moment (default now), else the last approved one, else None."""
    versions = list(packet.versions.all())
    approved = (version for version in versions if version.state == State.APPROVED)
    last = max(approved, key=lambda version: version.number, default=None)
    return granted_of(versions, moment or validity.now()) or last
