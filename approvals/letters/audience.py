"""Who hears of what: active people with an address who may see the packet. Nobody is told of their own act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from approvals import rules
from approvals.letters.occasion import Occasion
from approvals.models import Packet, Question, Version
from approvals.named import is_asked
from approvals.people import Person
from approvals.vocabulary import EventKind, LetterState, Role


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person and why they hear of it ("you own this agent")."""

    person: Person
    because: str


# The owner hears of their own act when it takes authority away: a receipt they may need to show.
ENDS_AUTHORITY = (EventKind.REVOKED, EventKind.GIVEN_UP)


def reachable(person: Person | None) -> bool:
    """Whether a letter could reach this person at all: active, and with an address that is one."""
    if person is None or not person.is_active:
        return False
    try:
        validate_email(person.email)
    except ValidationError:
        return False
    return True


def may_see(person: Person, packet: Packet | None) -> bool:
    """Whether this person sees the packet now."""
    return packet is None or Packet.objects.visible_to(person).filter(pk=packet.pk).exists()


def hears(occasion: Occasion) -> list[Recipient]:
    """Everyone owed a letter about this event, each once, with the first reason that holds."""
    found: dict[int, Recipient] = {}
    actor = occasion.event.actor_id
    for one in _told(occasion):
        own = one.person.pk == actor and not _needs_receipt(occasion, one.person)
        if one.person.pk not in found and not own and reachable(one.person) and may_see(one.person, occasion.packet):
            found[one.person.pk] = one
    return list(found.values())


def _needs_receipt(occasion: Occasion, person: Person) -> bool:
    return occasion.kind in ENDS_AUTHORITY and person.pk == occasion.version.owner_id


def _told(occasion: Occasion) -> Iterator[Recipient]:
    version = occasion.version
    match occasion.kind:
        case EventKind.SUBMITTED:
            yield from signers(version)
            yield from named_by_others(version)
        case EventKind.SEATS_ADDED:
            yield from signers(version, occasion.detail["groups"])
        case EventKind.ANSWER_OVERDUE | EventKind.REVIEW_GOES_IDLE | EventKind.RENEWAL_LATE:
            yield from _late(occasion)
        case EventKind.QUESTION_ANSWERED:
            asked = Question.objects.select_related("asked_by").get(pk=occasion.detail["question"])
            yield Recipient(asked.asked_by, "you asked the question")
        case EventKind.GLASS_BROKEN | EventKind.SUSPENDED | EventKind.RESUMED | EventKind.REVOKED:
            yield from _alarmed(occasion)
        case EventKind.HANDED_OVER:
            yield from concerned(version, and_security=False)
        case EventKind.GIVEN_UP:
            yield from owners(version)
            groups = version.seats.values_list("group", "group__name")
            yield from (one for pk, name in groups for one in members(pk, f"{name} signed it"))
        case _:
            yield from owners(version)
            if version.submitted_by:
                yield Recipient(version.submitted_by, "you submitted it")


NAMED_AS = {"owner": "you are named as the agent’s owner", "rollback_owner": "you are named as its rollback owner"}


def named_by_others(version: Version) -> Iterator[Recipient]:
    """Owner and rollback owner whom somebody else has named, and who have not accepted it for this packet yet."""
    taken = set(version.packet.parts_accepted.filter(at__isnull=False).values_list("part", "person"))
    for part, why in NAMED_AS.items():
        person = getattr(version, part)
        if person is not None and is_asked(version, part, person.pk) and (part, person.pk) not in taken:
            yield Recipient(person, why)


def _late(occasion: Occasion) -> Iterator[Recipient]:
    """A review that waits: signers and owners. An end without a renewal: owners and team. Both, when due: Security."""
    version = occasion.version
    if occasion.kind is not EventKind.RENEWAL_LATE:
        yield from signers(version)
    yield from owners(version)
    if occasion.kind is EventKind.RENEWAL_LATE:
        yield from team(version)
        yield from security("you are in Security, and it ends without a renewal")
    if occasion.kind is EventKind.ANSWER_OVERDUE:
        yield from security("you are in Security, and an answer is overdue")


def _alarmed(occasion: Occasion) -> Iterator[Recipient]:
    """Of a stop whoever it concerns; of a break-glass, and of its end unsigned, also signers and Responders."""
    broken = occasion.kind is EventKind.GLASS_BROKEN
    if broken:
        yield from signers(occasion.version)
    yield from concerned(occasion.version)
    if broken or occasion.detail.get("break_glass"):
        yield from responders("you are in Responders, and the glass was broken")


def concerned(version: Version, *, and_security: bool = True) -> Iterator[Recipient]:
    """Whoever a stop is about: owners, rollback owner, the agent's team, and Security."""
    yield from owners(version)
    if version.rollback_owner:
        yield Recipient(version.rollback_owner, "you are its rollback owner")
    yield from team(version)
    if and_security:
        yield from security()


def signers(version: Version, groups: Sequence[str] | None = None) -> Iterator[Recipient]:
    """Those who may fill an open seat (of these groups): members who wrote none of it and have not decided."""
    taken = rules.authors(version) | set(version.decisions.values_list("person", flat=True))
    seats = version.seats.filter(decision__isnull=True).values_list("group", "group__name").distinct().order_by("group")
    for pk, name in seats if groups is None else seats.filter(group__name__in=groups):
        for one in members(pk, f"a signature of {name} is needed, and you may give it"):
            if one.person.pk not in taken:
                yield one


def owners(version: Version) -> Iterator[Recipient]:
    """Owner and backup owner; when neither can be reached the agent's team, then Security."""
    named = [(version.owner, "you own this agent"), (version.backup_owner, "you are its backup owner")]
    there = [Recipient(person, why) for person, why in named if person and reachable(person)]
    if there:
        yield from there
        return
    gone = "the agent's owner and backup owner cannot be reached"
    in_team = [one for one in team(version, f"you are in its team, and {gone}") if reachable(one.person)]
    yield from in_team or security(gone)


def next_in_line(version: Version, lost: Person, told: Mapping[int, str]) -> list[Recipient]:
    """Who hears instead of somebody no letter reaches: the first later step of owner, backup owner, team, Security.

    `told` are the people who have this letter, with its state. Nobody, when somebody later in the line has it already.
    """
    line = _line(version, f"it could not be delivered to {lost.printed_name}")
    mine = next((place for place, step in enumerate(line) if any(one.person.pk == lost.pk for one in step)), len(line))
    for step in line[mine:]:
        if any(told.get(one.person.pk, LetterState.FAILED) != LetterState.FAILED for one in step):
            return []
        fresh = [one for one in step if one.person.pk not in told and reachable(one.person)]
        if fresh := [one for one in fresh if may_see(one.person, version.packet)]:
            return fresh
    return []


def why(version: Version, person: Person) -> str:
    """Why this person hears of an end: owner, backup owner, team or Security, whichever comes first."""
    line = [*owners(version), *team(version), *security()]
    return next((one.because for one in line if one.person.pk == person.pk), "nobody nearer to the agent could be told")


def _line(version: Version, why: str) -> list[list[Recipient]]:
    named = [version.owner, version.backup_owner]
    first = [[Recipient(person, f"{why}, and you are its backup owner")] if person else [] for person in named]
    in_team, in_security = team(version, f"{why}, and you are in the agent's team"), security(f"{why} or the team")
    return [*first, list(in_team), list(in_security)]


def team(version: Version, because: str = "") -> Iterator[Recipient]:
    """The agent's team."""
    group = version.packet.agent.team
    yield from members(group.pk, because or f"you are in {group.name}, the agent's team")


def security(because: str = "you are in Security") -> Iterator[Recipient]:
    """Everyone of Security."""
    yield from _of_role(Role.SECURITY, because)


def responders(because: str) -> Iterator[Recipient]:
    """Everyone of Responders."""
    yield from _of_role(Role.RESPONDERS, because)


def _of_role(role: Role, because: str) -> Iterator[Recipient]:
    everyone = get_user_model()._default_manager.filter(groups__name=role, is_active=True)
    yield from _each(everyone.order_by("pk"), because)


def members(group: int, because: str) -> Iterator[Recipient]:
    """The active people of a group."""
    everyone = get_user_model()._default_manager.filter(groups=group, is_active=True)
    yield from _each(everyone.order_by("pk"), because)


def _each(people: Iterable[object], because: str) -> Iterator[Recipient]:
    for person in people:
        yield Recipient(person, because)  # type: ignore[arg-type]  # the account model is a Person
