"""The letters of break-glass: in force with signatures missing, and stopped because they did not come."""

from __future__ import annotations

from approvals.letters.audience import Recipient
from approvals.letters.message import Block, Message, told
from approvals.letters.occasion import Occasion, facts, foot, quoted, rollback
from approvals.letters.stopping import still_runs


def glass_broken(occasion: Occasion, to: Recipient) -> Message:
    """Who did it and why, until when it holds, and what is missing."""
    version, at = occasion.version, occasion.event.effective_at
    until, missing = version.glass_until or occasion.now, ", ".join(occasion.detail["missing"])
    return Message(
        subject=f"{occasion.name} is in force by break-glass until {occasion.said(until)}",
        first=f"{occasion.who} broke the glass on {told(at, to.person)}: {version} for {occasion.agent} is in force on "
        f"their signature alone, for it was urgent. Signatures still missing: {missing}.",
        second=f"If you may sign it, decide now. If nobody does, {occasion.agent} loses this authority on "
        f"{told(until, to.person)}, and {occasion.packet} is suspended. To end it at once: request changes, reject it, "
        "or suspend the packet.",
        tone="bad", facts=(*facts(version, to.person), ("Risk", version.tier.capitalize())),
        blocks=(*quoted(f"Why, in the words of {occasion.who}", occasion.detail["reason"]),
                Block("Still missing", (missing,)), rollback(version)),
        path=version.get_absolute_url(), link_label="Look at it now", because=to.because, foot=foot(version),
    )  # fmt: skip


def unfilled(occasion: Occasion, to: Recipient) -> Message:
    """The deadline came with signatures missing."""
    version, at = occasion.version, occasion.event.effective_at
    missing = ", ".join(occasion.detail["missing"])
    why = f"{version.glass_broken_by_name} broke the glass"
    return Message(
        subject=f"{occasion.packet} {occasion.agent} is suspended: break-glass ended unsigned, {occasion.said(at)}",
        first=f"The break-glass of {version} ended on {told(at, to.person)} with signatures missing: {missing}. "
        f"{occasion.agent} may do nothing under {occasion.packet}.",
        second="Check with the rollback owner whether something has to be undone. If nothing is done it stays "
        f"suspended until someone of Security resumes it; {version} itself holds only with all its signatures.",
        tone="bad", facts=facts(version, to.person),
        blocks=(*quoted(f"Why {why}", version.glass_reason), Block("What still runs", still_runs(occasion, to.person)),
                rollback(version)),
        path=version.get_absolute_url(), because=to.because, foot=foot(version),
    )  # fmt: skip
