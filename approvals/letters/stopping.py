"""Letters of a stop: suspended, resumed, revoked. Who, why, what still runs, and whom to reach."""

from __future__ import annotations

from approvals.letters.audience import Recipient
from approvals.letters.message import Block, Message, told
from approvals.letters.occasion import Occasion, facts, foot, quoted, rollback
from approvals.models import Packet
from approvals.people import Person


def suspended(occasion: Occasion, to: Recipient) -> Message:
    """At once, and until Security resumes it."""
    at, version = occasion.event.effective_at, occasion.version
    end = f" or until its end on {told(occasion.ends, to.person)}" if occasion.ends else ""
    return Message(
        subject=f"{occasion.packet} {occasion.agent} is suspended by {occasion.who}, {occasion.said(at)}",
        first=f"{occasion.who} suspended {occasion.packet} on {told(at, to.person)}; from that instant "
        f"{occasion.agent} may do nothing under it.",
        second="Check with the rollback owner whether something has to be undone. If nothing is done it stays "
        f"suspended until someone of Security resumes it{end}.",
        tone="bad", facts=facts(version, to.person), blocks=_why_and_what(occasion, to.person),
        path=occasion.packet.get_absolute_url(), because=to.because, foot=foot(version),
    )  # fmt: skip


def revoked(occasion: Occasion, to: Recipient) -> Message:
    """For good."""
    at, version = occasion.event.effective_at, occasion.version
    return Message(
        subject=f"{occasion.packet} {occasion.agent} is revoked by {occasion.who}, {occasion.said(at)}",
        first=f"{occasion.who} revoked {occasion.packet} on {told(at, to.person)}; from that instant "
        f"{occasion.agent} may do nothing under it, and that is final.",
        second="Check with the rollback owner whether something has to be undone. If nothing is done the agent stays "
        "without this authority; a fresh start is a new packet.",
        tone="bad", facts=facts(version, to.person), blocks=_why_and_what(occasion, to.person),
        path=occasion.packet.get_absolute_url(), because=to.because, foot=foot(version),
    )  # fmt: skip


def resumed(occasion: Occasion, to: Recipient) -> Message:
    """The agent may act again."""
    at, version = occasion.event.effective_at, occasion.version
    end = f" until {told(occasion.ends, to.person)}" if occasion.ends else ""
    return Message(
        subject=f"{occasion.packet} {occasion.agent} is resumed by {occasion.who}, {occasion.said(at)}",
        first=f"{occasion.who} resumed {occasion.packet} on {told(at, to.person)}; from that instant what {version} "
        f"grants holds again{end}.",
        second="Nothing has to be done. If it should not run, suspend it again on the page.",
        tone="warn", facts=facts(version, to.person),
        blocks=(*quoted("The reason", occasion.detail.get("reason") or ""), rollback(version)),
        path=occasion.packet.get_absolute_url(), because=to.because, foot=foot(version),
    )  # fmt: skip


def _why_and_what(occasion: Occasion, reader: Person) -> tuple[Block, ...]:
    reason = quoted(f"Why, in the words of {occasion.who}", occasion.detail.get("reason") or "")
    return (*reason, Block("What still runs", still_runs(occasion, reader)), rollback(occasion.version))


def still_runs(occasion: Occasion, reader: Person) -> tuple[str, ...]:
    """What the stop does not reach; of other packets those the reader may see."""
    others = Packet.objects.visible_to(reader).filter(agent=occasion.packet.agent).exclude(pk=occasion.packet.pk)
    running = others.with_version_in_force_at(occasion.now).order_by("pk").values_list("reference", flat=True)[:20]
    names, agent = ", ".join(running), occasion.agent
    return (
        f"Still in force for {agent}: {names}." if names else f"No other packet of {agent} is in force.",
        "What the agent began before is not undone, and an agent that does not ask this portal before it acts has to "
        "be stopped where it runs.",
    )
