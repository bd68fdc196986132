"""Letters of an end: it comes soon, it has come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Q

from approvals import signers
from approvals.letters.audience import Recipient
from approvals.letters.message import Block, Message, subject_moment, told
from approvals.letters.occasion import Occasion, facts, foot, signers_gone
from approvals.models import Version
from approvals.people import Person
from approvals.vocabulary import OPEN_STATES, EventKind, State

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def ended(occasion: Occasion, to: Recipient) -> Message:
    """The end has come; the instant is the granted one, whenever it was written down."""
    version, at = occasion.version, occasion.event.effective_at
    successor = _successor(occasion)
    loses = f"{successor} takes over." if successor else f"{occasion.agent} may do nothing under it any more."
    return Message(
        subject=f"{occasion.name} has ended, {occasion.said(at)}",
        first=f"{version} ended on {told(at, to.person)}; {loses}",
        second="Renew it if the agent is still needed; a renewal always has a full review. If nothing is done, it "
        "stays ended.",
        tone="quiet" if successor else "warn", facts=facts(version, to.person), blocks=renewal(version),
        path=version.get_absolute_url(), because=to.because, foot=foot(version),
    )  # fmt: skip


def _successor(occasion: Occasion) -> Version | None:
    later = occasion.packet.versions.filter(state=State.APPROVED, number__gt=occasion.version.number)
    return later.filter(ends_at__gt=occasion.event.effective_at).select_related("packet").first()


def unrenewed(occasion: Occasion, to: Recipient) -> Message:
    """For owners, team and Security: the end is near, and nobody has signed a renewal."""
    version, end, now = occasion.version, _end(occasion.version), occasion.now
    open_one = renewal(version)
    said = "A renewal is open and not signed." if open_one else "No renewal was begun."
    return Message(
        subject=f"{occasion.name} ends {left(end, now)} and no renewal is signed, {subject_moment(end, now)}",
        first=f"{version} ends {left(end, now)}, on {told(end, to.person)}. {said}{_stopped(version)}",
        second="If the agent is still needed, see to it that a renewal is submitted and signed before then. If nothing "
        f"is done, {occasion.agent} loses this authority at that instant.",
        tone="warn", facts=facts(version, to.person), blocks=(*open_one, *signers_gone(version)),
        path=version.get_absolute_url(), because=to.because, foot=foot(version),
    )  # fmt: skip


def several(occasions: Sequence[Occasion], to: Recipient) -> Message:
    """Several ends that have come, or several that come without a renewal, as one letter for one person."""
    in_order = sorted(occasions, key=lambda one: (_end(one.version), one.event.pk))
    return _have_ended(in_order, to) if in_order[0].kind is EventKind.ENDED else _end_unrenewed(in_order, to)


def _have_ended(occasions: Sequence[Occasion], to: Recipient) -> Message:
    first, at, count = occasions[0], occasions[0].event.effective_at, len(occasions)
    return _of_several(
        occasions, to, lambda one: f"{one.name} ended on {told(one.event.effective_at, to.person)}",
        subject=f"{count} packets have ended, the first {first.name}, {first.said(at)}",
        first=f"{count} packets have ended, the first of them, {first.version}, on {told(at, to.person)}. Where "
        "nothing takes over, the agent may do nothing under it any more.",
        second="Renew those that are still needed; a renewal always has a full review. If nothing is done, they stay "
        "ended.",
    )  # fmt: skip


def _end_unrenewed(occasions: Sequence[Occasion], to: Recipient) -> Message:
    first, end, count, now = occasions[0], _end(occasions[0].version), len(occasions), occasions[0].now
    return _of_several(
        occasions, to, lambda one: f"{one.name} ends {left(_end(one.version), now)}",
        subject=f"{count} packets end and no renewal is signed, the first {first.name} {left(end, now)}, "
        f"{subject_moment(end, now)}",
        first=f"{count} packets end soon and no renewal of them is signed. The first, {first.version}, ends "
        f"{left(end, now)}, on {told(end, to.person)}.",
        second="See to it that a renewal of those that are still needed is submitted and signed before then. If "
        "nothing is done, each agent loses its authority at that instant.",
    )  # fmt: skip


def _of_several(
    occasions: Sequence[Occasion], to: Recipient, heading: Callable[[Occasion], str], *, subject: str, first: str,
    second: str,
) -> Message:  # fmt: skip
    more = _more([one.version for one in occasions], over=occasions[0].kind is EventKind.ENDED)
    blocks = [Block(heading(one), tuple(_rows(one.version, to.person, _taken_over(one), more))) for one in occasions]
    return Message(
        subject=subject, first=first, second=second, tone="warn", blocks=tuple(blocks), path="/packets/",
        link_label="Open your packets", because=to.because,
        foot=tuple(line for one in occasions for line in foot(one.version)),
    )  # fmt: skip


def _taken_over(occasion: Occasion) -> str:
    """For an end that has come: what takes over. For one that comes: that the packet is suspended."""
    if occasion.kind is not EventKind.ENDED:
        return _stopped(occasion.version).strip()
    successor = _successor(occasion)
    return f"{successor} takes over." if successor else ""


def ends_soon(versions: Sequence[Version], to: Recipient, now: datetime) -> Message:
    """One letter for one person: the version that ends first, and whatever else ends for them."""
    return _one(versions[0], to, now) if len(versions) == 1 else _several(versions, to, now)


def _one(version: Version, to: Recipient, now: datetime) -> Message:
    end, agent = _end(version), version.packet.agent.slug
    return Message(
        subject=f"{version} {agent} ends {left(end, now)}, {subject_moment(end, now)}",
        first=f"{version} ends {left(end, now)}, on {told(end, to.person)}.{_stopped(version)}",
        second=f"Renew it before then if the agent is still needed. If nothing is done, {agent} loses this authority "
        "at that instant.",
        tone="warn", facts=facts(version, to.person), blocks=(*renewal(version), *signers_gone(version)),
        path=version.get_absolute_url(), link_label="Open it to renew", because=to.because, foot=foot(version),
    )  # fmt: skip


def _several(versions: Sequence[Version], to: Recipient, now: datetime) -> Message:
    first, end, more = versions[0], _end(versions[0]), _more(versions)
    return Message(
        subject=f"{len(versions)} packets end soon, the first {first} {first.packet.agent.slug} {left(end, now)}, "
        f"{subject_moment(end, now)}",
        first=f"{len(versions)} packets end soon, the first of them, {first}, {left(end, now)}, on "
        f"{told(end, to.person)}.",
        second="Renew those that are still needed. If nothing is done, each agent loses its authority at that instant.",
        tone="warn", blocks=tuple(_section(version, to.person, now, more) for version in versions),
        path="/packets/", link_label="Open your packets", because=to.because,
        foot=tuple(line for version in versions for line in foot(version)),
    )  # fmt: skip


def _section(version: Version, reader: Person, now: datetime, more: Mapping[int, Sequence[str]]) -> Block:
    heading = f"{version} {version.packet.agent.slug} ends {left(_end(version), now)}"
    return Block(heading, tuple(_rows(version, reader, _stopped(version).strip(), more)))


def _rows(version: Version, reader: Person, state: str, more: Mapping[int, Sequence[str]]) -> Iterator[str]:
    yield from (f"{label}: {value}" for label, value in facts(version, reader)[1:])
    yield from filter(None, (state, *more[version.pk]))


def _more(versions: Sequence[Version], *, over: bool = False) -> dict[int, tuple[str, ...]]:
    """By key of the version: what is open, and unless it is over, which of its signers have left."""
    open_ones, gone = renewals(versions), {} if over else signers.told_of(versions)
    return {one.pk: (open_ones.get(one.pk, ""), *gone.get(one.pk, ())) for one in versions}


def left(end: datetime, now: datetime) -> str:
    """In 7 days, in 1 day, in 5 hours: to the nearest, because a reminder leaves a little after its instant."""
    rest = end - now
    if rest < HOUR:
        return "in less than an hour"
    size, unit = (DAY, "day") if rest >= DAY - HOUR else (HOUR, "hour")
    count = (rest + size / 2) // size
    return f"in {count} {unit}{'s' if count != 1 else ''}"


def renewal(version: Version) -> tuple[Block, ...]:
    """The open renewal, if there is one, and what it waits for."""
    return tuple(Block("What is open", (said,)) for said in renewals([version]).values())


def renewals(versions: Iterable[Version]) -> dict[int, str]:
    """By key of the version: its open renewal, if there is one, and what that waits for. One statement for all."""
    by_packet = {version.packet_id: version for version in versions}
    signed = Count("seats", filter=Q(seats__decision__isnull=False))
    open_ones = Version.objects.filter(packet__in=by_packet, state__in=OPEN_STATES).select_related("packet")
    found = open_ones.defer("content").annotate(needed=Count("seats"), signed=signed)
    return {
        by_packet[draft.packet_id].pk: _waits(draft, draft.needed, draft.signed)
        for draft in found
        if draft.number > by_packet[draft.packet_id].number
    }


def _waits(draft: Version, needed: int, signed: int) -> str:
    if draft.state == State.DRAFT:
        return f"{draft} is a draft. It gives no authority until it is submitted and signed."
    return f"{draft} is in review: {signed} of {needed} signatures are there. It gives no authority before the last."


def _stopped(version: Version) -> str:
    since = next((row.since for row in version.packet.suspensions.all() if row.until is None), None)
    if since is None:
        return ""
    return f" The packet is suspended since {since:%-d %b %Y %H:%M} UTC; its end comes all the same."


def _end(version: Version) -> datetime:
    if version.ends_at is None:
        raise ValueError(f"{version} was never granted, so it has no end.")
    return version.ends_at
