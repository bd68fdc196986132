"""Letters about who is named: asked to accept it, and handed over to somebody else."""

from __future__ import annotations

from approvals.letters.audience import Recipient
from approvals.letters.message import Message, told
from approvals.letters.occasion import Occasion, facts, foot


def handed_over(occasion: Occasion, to: Recipient) -> Message:
    """For whoever is named now, the other owners and the agent's team."""
    version, at, detail = occasion.version, occasion.event.effective_at, occasion.detail
    parts, leaver, successor = ", ".join(detail["parts"]).lower(), detail["leaver"], detail["successor"]
    return Message(
        subject=f"{occasion.name} is handed over to {successor}, {occasion.said(at)}",
        first=f"{occasion.who} handed {occasion.packet} over from {leaver} to {successor} on "
        f"{told(at, to.person)}: {version} is a draft that names {successor} as {parts}.",
        second=f"Read the draft, then submit it for review. If nobody does, what is in force of {occasion.packet} ends "
        f"on its date, and until then it still names {leaver}.",
        tone="warn", facts=facts(version, to.person), path=version.get_absolute_url(), link_label="Open the draft",
        because=to.because, foot=foot(version),
    )  # fmt: skip


def asked(occasion: Occasion, to: Recipient) -> Message:
    """For the owner and rollback owner whom somebody else has named."""
    version, at = occasion.version, occasion.event.effective_at
    return Message(
        subject=f"{occasion.name} names you, {occasion.said(at)}",
        first=f"{occasion.who} submitted {version} for {occasion.agent} on {told(at, to.person)}, and {to.because}.",
        second="Read it, then say on its page that you accept. If you do nothing, signers see that you have not "
        "accepted yet, and may send it back.",
        facts=facts(version, to.person), path=version.get_absolute_url(), link_label="Read it and accept",
        because=to.because, foot=foot(version),
    )  # fmt: skip
