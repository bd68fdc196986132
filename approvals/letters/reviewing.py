"""Letters of the review: submitted, question, answer, signed, changes requested, rejected, closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from approvals.asking import asked
from approvals.cuts import Changes, Cuts
from approvals.lateness import IDLE
from approvals.letters.audience import Recipient
from approvals.letters.granting import cut
from approvals.letters.message import Block, Message, told
from approvals.letters.occasion import Occasion, accepted, facts, foot, quoted, signers_gone
from approvals.models import Question, Version
from approvals.transitions.assessing import changes_since, compared
from approvals.vocabulary import Field, Severity, State, Verdict


def submitted(occasion: Occasion, to: Recipient) -> Message:
    """For signers: what waits, until when, and word for word what is wider and what is risky."""
    version, until = occasion.version, occasion.version.answer_by
    due = f" until {occasion.said(until)}" if until else ""
    by = f" by {told(until, to.person)}" if until else ""
    rows = version.seats.filter(decision__isnull=True).values_list("group__name", flat=True)
    groups = " and ".join(f"{list(rows).count(name)} of {name}" for name in dict.fromkeys(rows))
    author = version.submitted_by.printed_name if version.submitted_by else occasion.who
    return Message(
        subject=f"{occasion.name} waits for your signature{due}",
        first=f"{author} submitted {version} for {occasion.agent} on "
        f"{told(version.submitted_at or occasion.now, to.person)}; signatures needed: {groups or 'none any more'}.",
        second=f"Look at it, then sign, ask, send it back or reject it{by}. If nobody does, {occasion.agent} gets no "
        "authority from it, and the review is closed after 21 days without an event.",
        facts=(*facts(version, to.person), ("Risk", version.tier.capitalize())),
        blocks=(*wider(occasion), *risky(occasion), *left_since(occasion)),
        path=version.get_absolute_url(), link_label="Open it to decide", because=to.because, foot=foot(version),
    )  # fmt: skip


def wider(occasion: Occasion) -> tuple[Block, ...]:
    """Each line that is wider than what is in force, word for word; without anything in force every line is new.

    And, as on the page, each that is wider than an approved version that begins later, whose place this would take.
    """
    version, at = occasion.version, occasion.event.effective_at
    difference, later = compared(version, at), to_begin(version, at)
    if difference is None and later is None:
        content = asked(version)
        places = [place for place in Field if place is not Field.NEVER and content.of(place)]
        return tuple(Block(f"New: {place.label}", tuple(map(str, content.of(place))), "lines") for place in places)
    blocks: tuple[Block, ...] = (_wider_than("the version in force", difference),) if difference else ()
    if later is not None and later.in_force_from is not None:
        name = f"v{later.number}, which begins {occasion.said(later.in_force_from)}"
        blocks += (_wider_than(name, changes_since(later, replace(asked(version), starts=None), at)),)
    return blocks


def _wider_than(other: str, difference: Changes) -> Block:
    rows = tuple(f"{change.label}: {change.text}" for change in difference.wider)
    return Block(f"Wider than {other}", rows or ("Nothing is wider.",), "lines" if rows else "words")


def to_begin(version: Version, moment: datetime) -> Version | None:
    """The approved version of the packet that begins last, when one is yet to begin."""
    others = version.packet.versions.for_page().exclude(pk=version.pk)
    waiting = others.filter(state=State.APPROVED, superseded_at__isnull=True, in_force_from__gt=moment)
    found: Version | None = waiting.order_by("-number").first()
    return found


def left_since(occasion: Occasion) -> tuple[Block, ...]:
    """Who signed what is in force and has left the group they signed for, or the portal: their word is history."""
    version = occasion.version
    in_force = version.packet.versions.granted_at(occasion.event.effective_at).order_by("-number").first()
    return signers_gone(in_force) if in_force else ()


def risky(occasion: Occasion) -> tuple[Block, ...]:
    """Each high finding, with its line and what would mend it."""
    rows = [row for row in occasion.version.findings if row["severity"] == Severity.HIGH]
    told_of = tuple(
        f"{row['line'] + ': ' if row.get('line') else ''}{row['sentence']} {row.get('remedy') or ''}".strip()
        for row in rows
    )
    return (Block("High risk", told_of),) if told_of else ()


def question(occasion: Occasion, to: Recipient) -> Message:
    """For the submitting side: the question in full."""
    version, row = occasion.version, Question.objects.get(pk=occasion.detail["question"])
    until = f" by {told(version.answer_by, to.person)}" if version.answer_by else ""
    about = f" about the line {row.line}" if row.line else ""
    return Message(
        subject=f"{occasion.name} has a question from {row.asked_by_name}, {occasion.said(row.asked_at)}",
        first=f"{row.asked_by_name} asked a question{about} on {told(row.asked_at, to.person)}, while {version} is in "
        "review.",
        second="Answer it on the page. The review goes on meanwhile, but without an answer the signers may not decide"
        f"{until}, and {occasion.agent} waits.",
        facts=facts(version, to.person),
        blocks=(*_about_line(row), *quoted("The question", row.text)),
        path=version.get_absolute_url(), link_label="Open it to answer", because=to.because, foot=foot(version),
    )  # fmt: skip


def _about_line(row: Question) -> tuple[Block, ...]:
    return (Block("The line", (row.line,), "lines"),) if row.line else ()


def answer(occasion: Occasion, to: Recipient) -> Message:
    """For the asker: their question and its answer in full."""
    version, row = occasion.version, Question.objects.get(pk=occasion.detail["question"])
    at = row.answered_at or occasion.now
    return Message(
        subject=f"{occasion.name} has an answer from {row.answered_by_name}, {occasion.said(at)}",
        first=f"{row.answered_by_name} answered your question on {told(at, to.person)}.",
        second=f"Decide on {version}, or ask again. If nobody decides, {occasion.agent} gets no authority from it.",
        facts=facts(version, to.person),
        blocks=(*_about_line(row), *quoted("You asked", row.text), *quoted("The answer", row.answer)),
        path=version.get_absolute_url(), link_label="Open it to decide", because=to.because, foot=foot(version),
    )  # fmt: skip


def verdict(occasion: Occasion) -> tuple[Block, ...]:
    """Who decided, in which role, what they cut, and the reason in full."""
    detail = occasion.detail
    role = f" ({detail['role']})" if detail.get("role") else ""
    past = Verdict(detail["verdict"]).past
    row = occasion.version.decisions.filter(person=occasion.event.actor).first()
    cuts = cut(Cuts.from_data(row.cuts)) if row and row.cuts else ()
    reason = quoted("The reason", detail.get("reason") or "")
    return (Block("The decision", (f"{occasion.who}{role} {past}.", *cuts)), *reason, *accepted(occasion))


def signed(occasion: Occasion, to: Recipient) -> Message:
    """For the owner: one signature of several is there."""
    version = occasion.version
    filled = version.decisions.filter(seat__isnull=False, at__lte=occasion.event.effective_at).count()
    total = version.seats.count()
    return Message(
        subject=f"{occasion.name} has {filled} of {total} signatures, {occasion.said(occasion.event.effective_at)}",
        first=f"{occasion.who} signed {version} on {told(occasion.event.effective_at, to.person)}; "
        f"{filled} of {total} signatures are there.",
        second=f"You have nothing to do. Without the other signatures {occasion.agent} gets no authority from it.",
        facts=facts(version, to.person), blocks=verdict(occasion),
        path=version.get_absolute_url(), because=to.because, foot=foot(version),
    )  # fmt: skip


def changes_requested(occasion: Occasion, to: Recipient) -> Message:
    """For the submitting side: what to change, and where the draft is."""
    version, at = occasion.version, occasion.event.effective_at
    draft = version.packet.versions.filter(number=version.number + 1).select_related("packet").first()
    return Message(
        subject=f"{occasion.name}: {occasion.who} requests changes, {occasion.said(at)}",
        first=f"{occasion.who} requested changes on {told(at, to.person)}; the review of {version} has ended without "
        "approval.",
        second=f"Change the draft {draft or 'that is open'} and submit it again. If nothing is done it stays a draft, "
        f"and {standing(occasion)}.",
        tone="warn", facts=facts(version, to.person), blocks=verdict(occasion),
        path=(draft or version).get_absolute_url(), link_label="Open the draft", because=to.because, foot=foot(version),
    )  # fmt: skip


def rejected(occasion: Occasion, to: Recipient) -> Message:
    """For the submitting side: it ends here."""
    version, at = occasion.version, occasion.event.effective_at
    return Message(
        subject=f"{occasion.name} is rejected by {occasion.who}, {occasion.said(at)}",
        first=f"{occasion.who} rejected {version} on {told(at, to.person)}; nothing of it comes into force.",
        second=f"Amend it if the reason can be met. If nothing is done, {standing(occasion)}.",
        tone="bad", facts=facts(version, to.person), blocks=verdict(occasion),
        path=version.get_absolute_url(), because=to.because, foot=foot(version),
    )  # fmt: skip


def going_idle(occasion: Occasion, to: Recipient) -> Message:
    """For signers and owners: the review is closed soon, because nobody goes on with it."""
    version = occasion.version
    last = version.last_event_at or occasion.event.effective_at
    closes = last + IDLE
    return Message(
        subject=f"{occasion.name}: the review is closed on {occasion.said(closes)} if nobody goes on with it",
        first=f"Nothing has happened in the review of {version} since {told(last, to.person)}; on "
        f"{told(closes, to.person)} it is closed.",
        second="Decide, ask or answer: each puts that off. If nobody does, nothing of it comes into force, and "
        f"{standing(occasion)}.",
        tone="warn", facts=facts(version, to.person), blocks=(*wider(occasion), *risky(occasion)),
        path=version.get_absolute_url(), link_label="Open the review", because=to.because, foot=foot(version),
    )  # fmt: skip


def closed(occasion: Occasion, to: Recipient) -> Message:
    """For the submitting side: the review ended because nobody went on with it."""
    version, at = occasion.version, occasion.event.effective_at
    return Message(
        subject=f"{occasion.name}: the review is closed, {occasion.said(at)}",
        first=f"The review of {version} was closed on {told(at, to.person)}. {version.closed_reason}",
        second=f"Amend it to ask again. If nothing is done, {standing(occasion)}.",
        tone="warn", facts=facts(version, to.person),
        path=version.get_absolute_url(), because=to.because, foot=foot(version),
    )  # fmt: skip


def standing(occasion: Occasion) -> str:
    """What authority the agent has from this packet without the version."""
    current = occasion.packet.versions.in_force_at(occasion.now).select_related("packet").first()
    if current is None or current.ends_at is None:
        return f"{occasion.agent} has no authority from this packet"
    return f"{current} stays in force until {occasion.said(current.ends_at)}"
