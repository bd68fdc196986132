"""Letters of authority given: approved and renewed; and given back by its owner."""

from __future__ import annotations

from approvals.cuts import Cuts
from approvals.letters.audience import Recipient
from approvals.letters.message import Block, Message, told
from approvals.letters.occasion import Occasion, accepted, facts, foot, quoted
from approvals.models import Decision
from approvals.telling import moment_text
from approvals.vocabulary import EventKind, Verdict

SUSPENDED = (
    " The packet is suspended, and this does not lift it: until Security resumes it the agent may do nothing under it."
)


def approved(occasion: Occasion, to: Recipient) -> Message:
    """For the submitting side: from when until when, and every signature with its reason in full."""
    version = occasion.version
    begin, end = version.in_force_from or occasion.now, version.ends_at or occasion.now
    word = "renewed" if occasion.kind is EventKind.RENEWED else "approved"
    later = begin > occasion.event.recorded_at
    begins = f"{'will be in force from' if later else 'is in force since'} {told(begin, to.person)}"
    stopped = SUSPENDED if occasion.suspended else ""
    return Message(
        subject=f"{occasion.name} is {word}, "
        + (f"in force from {occasion.said(begin)}" if later else f"in force until {occasion.said(end)}"),
        first=f"{occasion.who} gave the last signature: {version} {begins} and ends on {told(end, to.person)}."
        + stopped,
        second=f"Nothing has to be done now. On that date {occasion.agent} loses its authority unless a renewal is "
        "signed; you are reminded before.",
        tone="warn" if stopped else "good", facts=facts(version, to.person), blocks=decisions(occasion),
        path=version.get_absolute_url(), because=to.because, foot=foot(version),
    )  # fmt: skip


def decisions(occasion: Occasion) -> tuple[Block, ...]:
    """Each signature: who, role, when, what they cut, and the reason in full."""
    rows = occasion.version.decisions.order_by("pk")
    return (*(block for row in rows for block in _decision(row)), *accepted(occasion))


def _decision(row: Decision) -> tuple[Block, ...]:
    said = f"{row.person_name} ({row.role}) {Verdict(row.verdict).past} on {moment_text(row.at)}; {row.signed_with}."
    cuts = cut(Cuts.from_data(row.cuts)) if row.cuts else ()
    return (Block(f"Signature of {row.person_name}", (said, *cuts)), *quoted(f"{row.person_name} wrote", row.reason))


def cut(cuts: Cuts) -> tuple[str, ...]:
    """What was cut, one sentence each."""
    lines = tuple(
        f"{one.line}: {'moved to ' + one.to.label if one.to else 'removed'} (was in {one.field.label})."
        for one in cuts.lines
    )
    never = tuple(f"{line}: added to Never allowed." for line in cuts.never)
    return (*lines, *never, *((f"The end is now {moment_text(cuts.ends)}.",) if cuts.ends else ()))


def given_up(occasion: Occasion, to: Recipient) -> Message:
    """For owners and those who signed: what is gone."""
    version, at, detail = occasion.version, occasion.event.effective_at, occasion.detail
    gone = Block("Given up", cut(Cuts.from_data(detail["cuts"])))
    return Message(
        subject=f"{occasion.name}: authority given up by {occasion.who}, {occasion.said(at)}",
        first=f"{occasion.who} gave up part of {version} on {told(at, to.person)}; it took effect at once.",
        second="Nothing has to be done. What is given up comes back only by an amended version with its signatures.",
        facts=facts(version, to.person),
        blocks=(gone, *quoted("The reason", detail.get("reason") or "")),
        path=version.get_absolute_url(), because=to.because, foot=foot(version),
    )  # fmt: skip
