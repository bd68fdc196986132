"""A version on paper as a bundle prints it: from what was signed and from the events, so it is the same at any time.

The PDF of the packet page also says what holds now: who has left since, how to reach people at night. Not here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings

from approvals import grouping
from approvals.content import TEAM
from approvals.cuts import Cuts
from approvals.models import Version
from approvals.pages import sheet
from approvals.printing.paper import Became, CutBy, Entry, Finding, Paper, Signature
from approvals.scope.grammar import parse_line
from approvals.telling import moment_text
from approvals.vocabulary import (
    ENDS,
    IDENTITY,
    JOB,
    OWNER,
    ROLLBACK,
    RUN_FIELDS,
    RUN_RECORD,
    Field,
    Level,
    Verdict,
)  # fmt: skip
from audits.evidence.verify import DECISIONS, Life, instant

HELD = {False: "In force", True: "IN FORCE BY BREAK-GLASS, signatures missing,"}
ON_PAPER = ("submitted", *DECISIONS, "glass_broken", "given_up", "finding_accepted")
READ = (Field.DATA_SOURCES, Field.TOOLS, Field.WRITE_ACTIONS)
Told = dict[str, Any]


def paper(version: Version, life: Life, at: datetime) -> Paper:
    """The version as its events up to this instant tell it."""
    said, events = json.loads(bytes(version.content or b"")), life.of(version.number, *ON_PAPER)
    holds, words = life.in_force(at)
    is_held = holds == version.number
    stands = HELD[bool(life.by_break_glass(version.number, at))] if is_held else "Not in force"
    span = life.granted(version.number)
    return Paper(
        name=str(version), heading=version.heading, about=tuple(_about(said, version)), submitted=_submitted(events),
        stands=stands, tone="good" if stands == HELD[False] else "warn" if is_held else "quiet",
        remarks=(*_remarks(span, is_held, words), *_broken(events)),
        ends=instant(span[1]) if span else version.ends, at=at,
        ten=tuple(_ten(said, version)), extras=tuple(_extras(said, version)), compared=(),
        findings=tuple(_findings(version, events)), cuts=tuple(_cuts(events)),
        needed=() if any(one["kind"] in DECISIONS for one in events) else ("Nobody has decided on it.",),
        signatures=tuple(_signature(one) for one in events if one["kind"] in DECISIONS),
        digest=version.digest, url=f"{settings.PUBLIC_URL}{version.get_absolute_url()}",
        file=f"{version.packet.reference}-v{version.number}.json", body=bytes(version.content or b""),
    )  # fmt: skip


def _about(said: Told, version: Version) -> Iterator[str]:
    yield f"agent {said['agent']}"
    yield Level(said["level"]).label + (f" inside {said['parent']}" if said["parent"] else "")
    if version.tier:
        yield f"{version.tier.capitalize()} risk"


def _submitted(events: list[Told]) -> str:
    one = next((event for event in events if event["kind"] == "submitted"), None)
    return f"Submitted by {one['actor']['name']}, {_moment(one['effective_at'])}" if one else ""


def _remarks(span: tuple[str, str] | None, is_held: bool, words: str) -> Iterator[str]:
    yield f"Granted from {_moment(span[0])} until {_moment(span[1])}." if span else "It was never approved."
    if not is_held:
        yield f"Of its packet: {words}."


def _broken(events: list[Told]) -> Iterator[str]:
    for one in events:
        if one["kind"] == "glass_broken":
            yield (
                f"Break-glass: {one['actor']['name']} put it in force with signatures missing, "
                f"{_moment(one['effective_at'])}, until {_moment(one['detail']['until'])} at the latest: "
                f"“{one['detail']['reason']}”"
            )


def _ten(said: Told, version: Version) -> Iterator[Entry]:
    """The ten fields, in their order, as they were signed."""
    backup = f"\nBackup: {_name(said['backup_owner'])}" if said["backup_owner"] else ""
    by = "the agent's team" if said["human_approval_by"] == TEAM else said["human_approval_by"]
    kept = said["run_record"]
    yield Entry(label=OWNER, text=_name(said["owner"]) + backup)
    yield Entry(label=JOB, text=said["job"])
    yield from (_lines(said, field, version) for field in READ)
    yield _lines(said, Field.HUMAN_APPROVAL, version, note=f"answered by {by}")
    yield Entry(label=IDENTITY, text=said["identity"], mono=True)
    yield Entry(label=RUN_RECORD, text=f"{kept['location']}, kept {kept['retention_days']} days")
    starts = f"Starts {_moment(said['starts'])}, ends " if said["starts"] else ""
    yield Entry(label=ENDS, text=f"Asked: {starts}{_moment(said['ends'])}")
    yield Entry(label=ROLLBACK, text=f"{_name(said['rollback']['owner'])}\n{said['rollback']['path']}")


def _extras(said: Told, version: Version) -> Iterator[Entry]:
    """Never allowed, then what only a system or only a run packet has, then links and the digest."""
    yield _lines(said, Field.NEVER, version, note="wins over everything")
    if "system" in said:
        more = said["system"]
        yield Entry(label="How access is revoked", text=more["access_revoked"])
        yield Entry(label="What happens when the agent is wrong", text=more["when_wrong"])
        yield Entry(label="Each run needs its own packet", text="Yes" if more["each_run_needs_packet"] else "No")
    else:
        more = said["run"]
        yield Entry(label="Task", text=more["task"])
        yield from (_lines(more, field, version) for field in RUN_FIELDS)
        yield Entry(label="What the reviewer should look at", text=more["look_at"])
        yield Entry(label="Link", text=more["link"] or "None.")
    if said["links"]:
        rows = (row["url"] + (f"\nsha256 {row['sha256']}" if row["sha256"] else "") for row in said["links"])
        yield Entry(label="Links", text="\n".join(rows))
    yield Entry(label="Content digest", text=version.digest, mono=True)


def _lines(said: Told, field: Field, version: Version, note: str = "") -> Entry:
    lines = tuple(map(parse_line, said[field.value]))
    groups = tuple(grouping.grouped(lines, version.findings))
    return Entry(label=field.label, text="" if lines else "None.", lines=lines, groups=groups, note=note)


def _findings(version: Version, events: list[Told]) -> Iterator[Finding]:
    """As they were at the submission, each with who took it on."""
    took = {one["detail"]["place"]: one for one in events if one["kind"] == "finding_accepted"}
    for place, row in enumerate(version.findings):
        by = took.get(place)
        words = f"Accepted by {by['actor']['name']}: “{by['detail']['reason']}”" if by else ""
        yield Finding(row["severity"], row["sentence"], row.get("remedy") or "", row.get("line") or "", words)


def _cuts(events: list[Told]) -> Iterator[CutBy]:
    for one in events:
        cuts = Cuts.from_data(one["detail"].get("cuts") or {})
        if cuts:
            rows = [Became(cut.line, sheet.fate(cut.to), True) for cut in cuts.lines]
            rows += [Became(text, "added to “Never allowed”", False) for text in cuts.never]
            rows += [Became(f"ends {moment_text(cuts.ends)}", "the end was brought nearer", False)] if cuts.ends else []
            verb = "gave up" if one["kind"] == "given_up" else "cut"
            said = f"{one['actor']['name']} {verb}, {_moment(one['effective_at'])}"
            yield CutBy(said, one["detail"]["reason"], tuple(rows))


def _signature(event: Told) -> Signature:
    said = event["detail"]
    rule = f", under “{said['rule']}”" if said["rule"] else ""
    shown = f"; signed with {said['shown_by']}" if said["shown_by"] else ""
    return Signature(
        name=event["actor"]["name"], past=Verdict(said["verdict"]).past, at=instant(event["effective_at"]),
        reason=said["reason"], role=f"As {said['role']}{rule}{shown}.", digest=said["digest"],
    )  # fmt: skip


def _name(person: dict[str, str] | None) -> str:
    return f"{person['name']} ({person['username']})" if person else "Nobody."


def _moment(text: str) -> str:
    return moment_text(instant(text))
