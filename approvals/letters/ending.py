"""Letters of an end: it comes soon, it has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from approvals.letters.audience import Recipient
from approvals.letters.message import Block, Message, subject_moment, told
from approvals.letters.occasion import Occasion, facts, foot
from approvals.models import Version
from approvals.people import Person
from approvals.vocabulary import OPEN_STATES, State

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def ended(occasion: Occasion, to: Recipient) -> Message:
    """The end has come; the instant is the granted one, whenever it was written down."""
    version, at = occasion.version, occasion.event.effective_at
    successor = occasion.packet.versions.filter(
        state=State.APPROVED, number__gt=version.number, ends_at__gt=at
    ).select_related("packet").first()  # fmt: skip
    loses = f"{occasion.agent} may do nothing under it any more."
    if successor:
        loses = f"{successor} takes over."
    return Message(
        subject=f"{occasion.name} has ended, {occasion.said(at)}",
        first=f"{version} ended on {told(at, to.person)}; {loses}",
        second="Renew it if the agent is still needed; a renewal always has a full review. If nothing is done, it "
        "stays ended.",
        tone="quiet" if successor else "warn", facts=facts(version, to.person), blocks=renewal(version),
        path=version.get_absolute_url(), because=to.because, foot=foot(version),
    )  # fmt: skip


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
        tone="warn", facts=facts(version, to.person), blocks=open_one,
        path=version.get_absolute_url(), because=to.because, foot=foot(version),
    )  # fmt: skip


def ends_soon(versions: Sequence[Version], to: Recipient, now: datetime) -> Message:
    """One letter for one person: the version that ends first, and whatever else ends for them."""
    first = versions[0]
    return _one(first, to, now) if len(versions) == 1 else _several(versions, to, now)


def _one(version: Version, to: Recipient, now: datetime) -> Message:
    end, agent = _end(version), version.packet.agent.slug
    return Message(
        subject=f"{version} {agent} ends {left(end, now)}, {subject_moment(end, now)}",
        first=f"{version} ends {left(end, now)}, on {told(end, to.person)}.{_stopped(version)}",
        second=f"Renew it before then if the agent is still needed. If nothing is done, {agent} loses this authority "
        "at that instant.",
        tone="warn", facts=facts(version, to.person), blocks=renewal(version),
        path=version.get_absolute_url(), link_label="Open it to renew", because=to.because, foot=foot(version),
    )  # fmt: skip


def _several(versions: Sequence[Version], to: Recipient, now: datetime) -> Message:
    first, end = versions[0], _end(versions[0])
    return Message(
        subject=f"{len(versions)} packets end soon, the first {first} {first.packet.agent.slug} {left(end, now)}, "
        f"{subject_moment(end, now)}",
        first=f"{len(versions)} packets end soon, the first of them, {first}, {left(end, now)}, on "
        f"{told(end, to.person)}.",
        second="Renew those that are still needed. If nothing is done, each agent loses its authority at that instant.",
        tone="warn", blocks=tuple(block for version in versions for block in _section(version, to.person, now)),
        path="/packets/", link_label="Open your packets", because=to.because,
        foot=tuple(line for version in versions for line in foot(version)),
    )  # fmt: skip


def _section(version: Version, reader: Person, now: datetime) -> tuple[Block, ...]:
    rows = tuple(f"{label}: {value}" for label, value in facts(version, reader)[1:])
    heading = f"{version} {version.packet.agent.slug} ends {left(_end(version), now)}"
    stopped = (_stopped(version).strip(),) if _stopped(version) else ()
    return (Block(heading, (*rows, *stopped, *(line for block in renewal(version) for line in block.lines))),)


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
    later = version.packet.versions.filter(state__in=OPEN_STATES, number__gt=version.number)
    draft = later.select_related("packet").first()
    if draft is None:
        return ()
    if draft.state == State.DRAFT:
        said = f"{draft} is a draft. It gives no authority until it is submitted and signed."
    else:
        signed = f"{draft.seats.filter(decision__isnull=False).count()} of {draft.seats.count()} signatures are there"
        said = f"{draft} is in review: {signed}. It gives no authority before the last."
    return (Block("What is open", (said,)),)


def _stopped(version: Version) -> str:
    since = next((row.since for row in version.packet.suspensions.all() if row.until is None), None)
    if since is None:
        return ""
    return f" The packet is suspended since {since:%-d %b %Y %H:%M} UTC; its end comes all the same."


def _end(version: Version) -> datetime:
    if version.ends_at is None:
        raise ValueError(f"{version} was never granted, so it has no end.")
    return version.ends_at
