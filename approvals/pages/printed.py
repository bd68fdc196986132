"""What of a packet page goes on paper: the same rows, in plain words, as they stand at one instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.conf import settings

from approvals import grouping
from approvals.asking import canonical_of
from approvals.break_glass import broken_glass
from approvals.models import Decision, Version
from approvals.named import ASKED, is_asked
from approvals.pages import sheet
from approvals.pages.dossier import Dossier
from approvals.printing.paper import Became, Compared, CutBy, Entry, Finding, Paper, Signature
from approvals.standing import by_break_glass, suspension_at
from approvals.telling import moment_text
from approvals.vocabulary import (
    ENDS,
    IDENTITY,
    JOB,
    OWNER,
    ROLLBACK,
    RUN_RECORD,
    Field,
    Level,
    Standing,
    State,
    Verdict,
)  # fmt: skip

NOTES = {"broke_glass": "Put it in force by break-glass.", "gone": "Has left the group since."}
NO_AUTHORITY = "It gives no authority before the last signature."
STANDS = {
    Standing.DRAFT: "DRAFT: nobody has signed this,",
    Standing.IN_REVIEW: "IN REVIEW, not approved,",
    Standing.CHANGES_REQUESTED: "Sent back, not approved,",
    Standing.REJECTED: "Rejected",
    Standing.CLOSED: "Closed, not approved,",
    Standing.SCHEDULED: "Approved, not in force yet,",
    Standing.IN_FORCE: "In force",
    Standing.BREAK_GLASS: "IN FORCE BY BREAK-GLASS, signatures missing,",
    Standing.ENDS_SOON: "In force",
    Standing.SUSPENDED: "SUSPENDED, not in force,",
    Standing.ENDED: "Ended, not in force,",
    Standing.SUPERSEDED: "Superseded, not in force,",
    Standing.REVOKED: "REVOKED, not in force,",
}


def paper(dossier: Dossier) -> Paper:
    """The version the dossier shows, as it is printed."""
    shown, packet = dossier.shown, dossier.packet
    places, found = sheet.places(shown, dossier.moment), sheet.found(shown)
    return Paper(
        name=str(shown), heading=shown.heading, about=tuple(_about(dossier)), submitted=_submitted(shown),
        stands=STANDS[dossier.standing], tone=_tone(dossier.standing), remarks=tuple(_remarks(dossier)),
        ends=shown.ends_at or shown.ends, at=dossier.moment,
        ten=tuple(_ten(shown, places, found)), extras=tuple(_extras(shown, places, found)),
        compared=tuple(_compared(dossier)), findings=tuple(_findings(dossier, found)),
        cuts=tuple(map(_cut_by, sheet.cuts_of(shown))), needed=tuple(_needed(shown)),
        signatures=tuple(map(_signature, shown.decisions.all())),
        digest=shown.digest, url=f"{settings.PUBLIC_URL}{shown.get_absolute_url()}",
        file=f"{packet.reference}-v{shown.number}.json", body=bytes(shown.content or canonical_of(shown)),
    )  # fmt: skip


def _tone(standing: Standing) -> str:
    """As on the page; but a draft on paper warns, for paper is easily taken for signed."""
    return "warn" if standing is Standing.DRAFT else standing.tag.tone


def _about(dossier: Dossier) -> Iterator[str]:
    shown, packet = dossier.shown, dossier.packet
    yield f"agent {packet.agent.slug}"
    yield Level(packet.level).label + (f" inside {packet.parent}" if packet.parent else "")
    if shown.tier:
        yield f"{shown.tier.capitalize()} risk"


def _submitted(shown: Version) -> str:
    if shown.submitted_by is None or shown.submitted_at is None:
        return ""
    return f"Submitted by {shown.submitted_by.printed_name}, {moment_text(shown.submitted_at)}"


def _remarks(dossier: Dossier) -> Iterator[str]:
    """What the standing means, and who stopped it."""
    shown, packet, standing = dossier.shown, dossier.packet, dossier.standing
    stop = suspension_at(packet, dossier.moment)
    if packet.revoked_at and packet.revoked_by:
        by = packet.revoked_by.printed_name
        yield f"Revoked by {by}, {moment_text(packet.revoked_at)}: “{packet.revoked_reason}” This is final."
    elif stop is not None:
        yield f"Suspended by {stop.by_name}, {moment_text(stop.since)}: “{stop.reason}”"
    if standing is Standing.SUSPENDED and stop is None:
        yield f"A run holds only while its system packet does, and {packet.parent} is not in force."
    if shown.glass_broken_at is not None:
        yield broken_glass(shown)
    if shown.state == State.IN_REVIEW and not by_break_glass(shown, dossier.moment):
        yield NO_AUTHORITY
    if shown.state != State.APPROVED:
        yield shown.closed_reason
    if shown.state == State.APPROVED:
        yield _life(shown)


def _life(shown: Version) -> str:
    """From when until when, for a version that was approved."""
    begun = f"Approved to be in force from {moment_text(shown.in_force_from)}" if shown.in_force_from else ""
    until = f"until {moment_text(shown.ends_at)}" if shown.ends_at else ""
    over = f" Superseded {moment_text(shown.superseded_at)}." if shown.superseded_at else ""
    return f"{begun} {until}.{over}"


def _ten(shown: Version, places: dict[str, sheet.Place], found: list[dict[str, Any]]) -> Iterator[Entry]:
    """The ten fields, in their order."""
    days = f", kept {shown.retention_days} days" if shown.retention_days else ""
    backup = f"\nBackup: {_named(shown, 'backup_owner')}" if shown.backup_owner else ""
    answered = f"answered by {shown.human_approval_by or shown.packet.agent.team}"
    yield Entry(label=OWNER, text=_named(shown, "owner", shown.packet.agent.team.name) + backup)
    yield Entry(label=JOB, text=shown.job or "Not written yet.")
    yield from (
        _lines(places[field], found) for field in (Field.DATA_SOURCES, Field.TOOLS, Field.WRITE_ACTIONS)
    )  # fmt: skip
    yield _lines(places[Field.HUMAN_APPROVAL], found, note=answered)
    yield Entry(label=IDENTITY, text=shown.identity or "Not given yet.", mono=bool(shown.identity))
    yield Entry(label=RUN_RECORD, text=(shown.run_record_location or "Not given yet.") + days)
    yield Entry(label=ENDS, text=_ends(shown))
    who, night = _named(shown, "rollback_owner"), getattr(shown.rollback_owner, "night_contact", "")
    yield Entry(
        label=ROLLBACK,
        text=f"{who}\n{shown.rollback_path}".strip(),
        contact=f"At night: {night}" if night else "",
    )


def _ends(shown: Version) -> str:
    start = f"Starts {moment_text(shown.starts)}, ends " if shown.starts else ""
    asked = start + (moment_text(shown.ends) if shown.ends else "not set")
    if shown.ends_at is None or shown.ends_at == shown.ends:
        return asked
    return f"Granted: ends {moment_text(shown.ends_at)}\nAsked: {asked}"


def _extras(shown: Version, places: dict[str, sheet.Place], found: list[dict[str, Any]]) -> Iterator[Entry]:
    """Never allowed, then what only a system or only a run packet has, then links and the digest."""
    yield _lines(places[Field.NEVER], found, note="wins over everything", empty="No line.")
    unwritten = "Not written yet."
    if shown.packet.level == Level.SYSTEM:
        yield Entry(label="How access is revoked", text=shown.access_revoked or unwritten)
        yield Entry(label="What happens when the agent is wrong", text=shown.when_wrong or unwritten)
        yield Entry(label="Each run needs its own packet", text="Yes" if shown.each_run_needs_packet else "No")
    else:
        yield Entry(label="Task", text=shown.task or unwritten)
        yield from (_lines(place, found) for place in sheet.run_places(places))
        yield Entry(label="What the reviewer should look at", text=shown.look_at or unwritten)
    if shown.run_link:
        yield Entry(label="Link", text=shown.run_link)
    if shown.links:
        rows = (row["url"] + (f"\nsha256 {row['sha256']}" if row["sha256"] else "") for row in shown.links)
        yield Entry(label="Links", text="\n".join(rows))
    no_digest = "A draft has none. It is made when the draft is submitted, and it is what is signed."
    yield Entry(label="Content digest", text=shown.digest or no_digest, mono=bool(shown.digest))


def _lines(place: sheet.Place, found: list[dict[str, Any]], note: str = "", empty: str = "None.") -> Entry:
    became = [Became(_with_note(one.line), one.words, False) for one in place.added]
    became += [Became(_with_note(one.line), f"asked, {one.words}", True) for one in place.gone]
    groups = tuple(grouping.grouped(place.lines, found))
    text = "" if groups else empty
    return Entry(label=place.field.label, text=text, lines=place.lines, groups=groups, note=note, became=tuple(became))


def _with_note(line: Any) -> str:
    return f"{line}  # {line.note}" if line.note else str(line)


def _findings(dossier: Dossier, found: list[dict[str, Any]]) -> Iterator[Finding]:
    """Each with who took it on."""
    for place, row in enumerate(found):
        one = dossier.acceptances.get(place)
        said = f"Accepted by {one.by_name} ({one.role}), {moment_text(one.at)}: “{one.reason}”" if one else ""
        yield Finding(row["severity"], row["sentence"], row.get("remedy") or "", row.get("line") or "", said)


def _named(shown: Version, part: str, team: str = "") -> str:
    """The person of this part, and whether they accepted to be named by somebody else."""
    person = getattr(shown, part)
    rows = shown.packet.parts_accepted.all()
    taken = next((row for row in rows if person and (row.part, row.person_id) == (part, person.pk)), None)
    if taken is not None and taken.at is not None:
        return f"{_person(person, team)}, accepted {moment_text(taken.at)}"
    waits = taken is not None or (part in ASKED and is_asked(shown, part, person.pk if person else None))
    return _person(person, team) + (", has not accepted yet" if waits else "")


def _person(person: Any, team: str = "") -> str:
    if person is None:
        return "Nobody yet."
    inside = ", ".join(word for word in (person.username, team) if word)
    gone = " (has left)" if person.has_left else " (has not signed in yet)" if person.awaited else ""
    return f"{person.printed_name} ({inside}){gone}"


def _compared(dossier: Dossier) -> Iterator[Compared]:
    in_force = dossier.base is not None and dossier.base == dossier.in_force
    which = "the version in force" if in_force else "the version approved before"
    for one, words in (
        (sheet.since_base(dossier), which),
        (sheet.since_to_begin(dossier), "which begins later"),
        (sheet.since_sent_back(dossier), "which was sent back"),
    ):
        if one is not None:
            title = f"What changed since v{one.since.number}, {words}"
            yield Compared(title, one.note, tuple(grouping.rows(one.changes)))


def _cut_by(one: sheet.CutBy) -> CutBy:
    rows = [Became(str(gone.line), gone.words, True) for gone in one.lines]
    rows += [Became(text, "added to “Never allowed”", False) for text in one.never]
    rows += [Became(f"ends {moment_text(one.ends)}", "the end was brought nearer", False)] if one.ends else []
    return CutBy(f"{one.name} {one.summary}, {moment_text(one.at)}", one.reason, tuple(rows))


def _needed(shown: Version) -> Iterator[str]:
    """The signatures that are not there, or that nobody decided."""
    if shown.state == State.DRAFT:
        yield "None. A draft is signed after it is submitted."
        return
    if shown.state == State.IN_REVIEW:
        rows = Counter(seat.group.name for seat in shown.seats.all() if seat.decision_id is None)
        yield from (f"Signature needed: {count} of {name}" for name, count in rows.items())
    elif not shown.decisions.all():
        yield "Nobody decided on this version."


def _signature(decision: Decision) -> Signature:
    rule = f", under “{decision.rule}”" if decision.rule else ""
    return Signature(
        name=decision.person_name, past=Verdict(decision.verdict).past, at=decision.at, reason=decision.reason,
        role=f"As {decision.role}{rule}; {decision.signed_with}." if decision.role else "", digest=decision.digest,
        note=" ".join(words for name, words in NOTES.items() if getattr(decision, name, False)),
    )  # fmt: skip
