"""An answer of Why? on paper: the same facts as its page, in plain words, with question and answer as JSON inside."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import rfc8785
from django.conf import settings
from django.urls import reverse

from approvals.content import digest, normal
from approvals.models import Decision
from approvals.printing.characters import all_printable, on_one_line
from approvals.printing.paper import to_the_second
from approvals.printing.typeset import compiled
from approvals.scope.matching import Placed
from approvals.telling import local_text, moment_text
from approvals.vocabulary import ENDS, IDENTITY, JOB, OWNER, ROLLBACK, RUN_RECORD, EventKind, Field, Verdict
from audits.answer_data import whole
from audits.bases import Basis
from audits.holding import Held
from audits.pages.why import Authority, Shown

FILE = "answer.json"
LONG = 800
CLOSING = (
    f"The attached file {FILE} holds question and answer as canonical JSON (RFC 8785). Its SHA-256 stands at the foot "
    "of every page. The answer was read from the record when this was printed; it says what the packets were worth at "
    "the moment asked about. Each signature prints the SHA-256 of what was signed: the version's digest with the cuts "
    "that stood then and the signer's own."
)


def pdf(shown: Shown, authorities: list[Authority], around: list[Any], now: datetime, zone: str) -> bytes:
    """The PDF, and nothing that the page does not say."""
    found = shown.answer
    body = rfc8785.dumps(normal({"question": shown.question, "answer": whole(found)}))
    data = _data(shown, authorities, around, zone) | {
        "digest": digest(body), "closing": f"{CLOSING} Printed {to_the_second(now)}.",
    }  # fmt: skip
    kept = {
        "title": on_one_line(f"Was {found.word} allowed to do that? {found.headline}"), "file": FILE,
        "url": f"{settings.PUBLIC_URL}{reverse('why')}?{shown.query}", "tone": found.verdict.tag.tone or "quiet",
    }  # fmt: skip
    paper = json.dumps(dict(all_printable(data)) | kept)
    return compiled("answer.typ", {"paper": paper, "body": body.decode()}, now)


def _data(shown: Shown, authorities: list[Authority], around: list[Any], zone: str) -> dict[str, Any]:
    found = shown.answer
    local = local_text(found.at, zone)
    minute = "within the minute " if found.is_whole_minute else ""
    return {
        "agent": found.word,
        "headline": found.headline,
        "question": f"Did {found.word} have authority for: {shown.question['did']}",
        "read_as": f"Read as: {found.action or 'nothing that can be read'}, {minute}{moment_text(found.at)}"
        + (f" ({local} in {zone})" if local else ""),
        "said": [part for part in (found.detail, *found.notes) if part],
        "authorities": [_authority(one, place) for place, one in enumerate(authorities)],
        "near_misses": [{"line": str(miss.placed.line), "words": miss.sentence} for miss in found.near_misses],
        "around": [_event(event) for event in around],
    }


def _authority(one: Authority, place: int) -> dict[str, Any]:
    version = one.version
    since = f", in force since {moment_text(version.in_force_from)}" if version.in_force_from else ""
    title = "The authority then" if place == 0 else "And this packet applied too"
    return {
        "title": f"{title}: {version}{since}",
        "name": str(version),
        "fields": list(_fields(one.basis, one)),
        "signatures": [_signature(*row) for row in one.signers],
    }


def _fields(basis: Basis, one: Authority) -> Iterable[dict[str, Any]]:
    """The ten, in their order, then the other fields with lines, then the digest."""
    version, lines = basis.version, dict(one.fields)
    owner, backup, back = version.owner, version.backup_owner, version.rollback_owner
    night = f"\nAt night: {back.night_contact}" if back and back.night_contact else ""
    ten = (Field.DATA_SOURCES, Field.TOOLS, Field.WRITE_ACTIONS, Field.HUMAN_APPROVAL)
    yield _entry("The line that decides", f"{Field(basis.placed.field).label}: {basis.placed.line}", mono=True)
    yield _entry(OWNER, _name(owner) + (f"\nBackup: {_name(backup)}" if backup else ""))
    yield _entry(JOB, version.job)
    for field in ten:
        yield _entry(field.label, _lines(lines.get(field, [])), mono=True)
    yield _entry(IDENTITY, version.identity, mono=True)
    yield _entry(RUN_RECORD, f"{version.run_record_location}, kept {version.retention_days} days")
    yield _entry(ENDS, moment_text(basis.ends) if basis.ends else "not set")
    yield _entry(ROLLBACK, f"{_name(back)}{night}\n{version.rollback_path}")
    for field, rows in lines.items():
        if field not in ten:
            yield _entry(field.label, _lines(rows), mono=True)
    yield _entry(f"Content digest of {version}", version.digest, mono=True)


def _entry(label: str, text: str, *, mono: bool = False) -> dict[str, Any]:
    return {"label": label, "text": text, "mono": mono, "long": len(text) > LONG or text.count("\n") > 12}


def _lines(rows: list[Placed]) -> str:
    return "\n".join(str(row.line) for row in rows) or "None."


def _name(person: Any) -> str:
    return f"{person.printed_name} ({person.username})" if person else "Nobody"


def _signature(decision: Decision, held: Held | None) -> dict[str, Any]:
    rule = f", under “{decision.rule}”" if decision.rule else ""
    by = f", put there by {held.by}" if held and held.by else ", from the first set-up" if held else ""
    since = f", in the group since {moment_text(held.since)}{by}" if held else ""
    left = ", has left it since" if held and held.left else ""
    return {
        "name": decision.person_name,
        "past": f"{Verdict(decision.verdict).past} {moment_text(decision.at)}",
        "role": f"For {decision.role}{rule}{since}{left}; {decision.signed_with}.",
        "reason": decision.reason,
        "digest": decision.digest,
    }


def _event(event: Any) -> dict[str, str]:
    by_itself = event.actor_id is None
    words = [moment_text(event.shown_at), event.detail, f"“{event.reason}”" if event.reason else ""]
    return {
        "what": EventKind(event.kind).label,
        "who": "by the portal" if by_itself else f"by {event.actor_name}",
        "words": " · ".join(word for word in words if word),
    }
