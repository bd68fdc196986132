"""The letter of an answer that is overdue: to whoever may still sign, to the owner, and to Security."""

from __future__ import annotations

from approvals.letters.audience import Recipient
from approvals.letters.message import Block, Message, told
from approvals.letters.occasion import Occasion, facts, foot
from approvals.letters.reviewing import risky, standing, wider


def overdue(occasion: Occasion, to: Recipient) -> Message:
    """Who has not answered since when, and what happens if nobody does."""
    version, due = occasion.version, occasion.version.answer_by or occasion.now
    missing = ", ".join(occasion.detail["missing"]) or "none"
    return Message(
        subject=f"{occasion.name} has waited for an answer since {occasion.said(due)}",
        first=f"The answer to {version} for {occasion.agent} was due on {told(due, to.person)}, and signatures are "
        f"still missing: {missing}.",
        second="If you may sign it, decide now: sign, ask, send it back or reject it. If nobody does, "
        f"{standing(occasion)}, and the review is closed after 21 days without an event.",
        tone="warn", facts=(*facts(version, to.person), ("Risk", version.tier.capitalize())),
        blocks=(Block("Still missing", (missing,)), *wider(occasion), *risky(occasion)),
        path=version.get_absolute_url(), link_label="Open it to decide", because=to.because, foot=foot(version),
    )  # fmt: skip
