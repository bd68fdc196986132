"""What a packet page prints of a version: its lines with what was cut, what changed, and what was found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from approvals import grouping, validity
from approvals.asking import asked, line_of
from approvals.circumstances import facts_of
from approvals.cuts import Changes, Cuts, changes
from approvals.models import Version
from approvals.pages.dossier import Dossier
from approvals.risk import findings
from approvals.risk.register import known_of
from approvals.scope.grammar import Line
from approvals.standing import stands_at
from approvals.transitions.assessing import changes_since
from approvals.vocabulary import RUN_FIELDS, Field, State, Verdict


@dataclass(frozen=True, slots=True)
class Gone:
    """A line that was asked and no longer stands, and what became of it."""

    line: Line
    words: str


@dataclass(frozen=True, slots=True)
class Place:
    """One field of lines: what stands, what was asked and is gone, and what a signer added."""

    field: Field
    lines: tuple[Line, ...]
    gone: tuple[Gone, ...] = ()
    added: tuple[Gone, ...] = ()
    asking: Any = None  # the form of a question, open under one of its lines


@dataclass(frozen=True, slots=True)
class CutBy:
    """One person's cuts in words: by a signature, or given up."""

    name: str
    summary: str
    lines: tuple[Gone, ...]
    never: tuple[str, ...]
    ends: datetime | None
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What changed since another version."""

    since: Version
    changes: Changes

    @property
    def note(self) -> str:
        """2 wider · 1 narrower · 82 the same."""
        counts = ((self.changes.wider, "wider"), (self.changes.narrower, "narrower"), (self.changes.other, "changed"))
        words = [f"{len(rows)} {word}" for rows, word in counts if rows]
        return " · ".join([*words, f"{self.changes.same} {'line' if self.changes.same == 1 else 'lines'} the same"])


def places(version: Version, moment: datetime) -> dict[str, Place]:
    """Every field with its lines, by the field's key; a draft has nothing but what is typed."""
    if version.state == State.DRAFT or not version.grants.all():
        content = asked(version)
        return {field.value: Place(field, content.of(field)) for field in Field}
    words = _what_became(version)
    return {field.value: _place(version, field, moment, words) for field in Field}


def _place(version: Version, field: Field, moment: datetime, words: dict[tuple[str, str], str]) -> Place:
    rows = [grant for grant in version.grants.all() if grant.field == field]
    lines = tuple(line_of(grant) for grant in rows if stands_at(grant, moment))
    gone = tuple(
        Gone(line_of(grant), words.get((field.value, str(grant)), "cut"))
        for grant in rows
        if not stands_at(grant, moment)
    )
    added = tuple(
        Gone(line_of(grant), f"moved here from “{Field(grant.was).label}”" if grant.was else "added by a cut")
        for grant in rows
        if grant.since is not None and stands_at(grant, moment)
    )
    return Place(field, lines, gone, added)


def _what_became(version: Version) -> dict[tuple[str, str], str]:
    return {
        (cut.field.value, cut.line): f"{fate(cut.to)} by {name}"
        for name, cuts in _all_cuts(version)
        for cut in cuts.lines
    }


def fate(to: Field | None) -> str:
    """What became of a line that was cut: where it was moved, or that it is gone."""
    return f"moved to “{to.label}”" if to else "cut"


def _all_cuts(version: Version) -> Iterable[tuple[str, Cuts]]:
    for decision in version.decisions.all():
        yield decision.person_name, Cuts.from_data(decision.cuts)
    for row in version.given_up.all():
        yield row.by_name, Cuts.from_data(row.cuts)


def cuts_of(version: Version) -> list[CutBy]:
    """Who cut what, in the order it happened: signers first, then what the owner gave up."""
    rows = list(version.decisions.all())
    found = []
    for decision in rows:
        if decision.cuts:
            later = any(other.at < decision.at and Verdict(other.verdict).approves for other in rows)
            found.append(_cut_by(decision.person_name, "cut", decision, " after an earlier signature" if later else ""))
    return found + [_cut_by(row.by_name, "gave up", row, "") for row in version.given_up.all()]


def _cut_by(name: str, verb: str, row: Any, when: str) -> CutBy:
    cuts = Cuts.from_data(row.cuts)
    counted = [_count(len(cuts.lines), "line")] if cuts.lines else []
    counted += [f"added {_count(len(cuts.never), 'line')} to Never allowed"] if cuts.never else []
    counted += ["brought the end nearer"] if cuts.ends else []
    summary = f"{verb if cuts.lines else ''} {' and '.join(counted)}{when}".strip()
    lines = tuple(Gone(_plain(cut.line), f"{fate(cut.to)}, was in “{cut.field.label}”") for cut in cuts.lines)
    return CutBy(name, summary, lines, cuts.never, cuts.ends, row.at, row.reason)


def _plain(text: str) -> Line:
    target, bracket, rest = text.partition("(")
    return Line(target, rest[:-1] if bracket else None)


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def since_base(dossier: Dossier) -> Compared | None:
    """What changed since the version in force (or, for one that was in force itself, the one before it)."""
    if dossier.base is None:
        return None
    moment = dossier.moment if dossier.shown.state != State.APPROVED else dossier.shown.submitted_at or dossier.moment
    return Compared(dossier.base, changes_since(dossier.base, asked(dossier.shown), moment))


def since_to_begin(dossier: Dossier) -> Compared | None:
    """What changed since the approved version that begins later, whose place this one would take."""
    if dossier.to_begin is None:
        return None
    wanted = replace(asked(dossier.shown), starts=None)  # until it begins, the one in force is the measure
    return Compared(dossier.to_begin, changes_since(dossier.to_begin, wanted, dossier.moment))


def since_sent_back(dossier: Dossier) -> Compared | None:
    """What changed since the version a signer sent back last."""
    if dossier.sent_back is None or dossier.shown.state == State.APPROVED:
        return None
    return Compared(dossier.sent_back, changes(asked(dossier.sent_back), asked(dossier.shown)))


def found(version: Version) -> list[dict[str, Any]]:
    """The findings as they were at submission; for a draft as they are now, but for what only the rules tell."""
    if version.state != State.DRAFT:
        return list(version.findings)
    content = asked(version)
    return [asdict(one) for one in findings(content, facts_of(content, version.packet, validity.now()))]


def known_data(dossier: Dossier) -> dict[str, str]:
    """What data each line reaches, by its text: “customer data · owner Customer care”."""
    content, told = asked(dossier.shown), {}
    for field in Field:
        for line in content.of(field):
            known = known_of(field, line, dossier.register)
            if known is not None:
                entry = known.entry
                words = f"{known.data_class.label} · owner {entry.owner}" if entry else "not registered: as production"
                told[str(line)] = words
    return told


def other_findings(version: Version, rows: list[dict[str, Any]], compared: Compared | None) -> list[dict[str, Any]]:
    """The findings that no row of the comparison shows, the gravest first; those about a line that was cut last.

    Each has `fate`: what became of its line since, or nothing.
    """
    ranks = {"high": 0, "medium": 1, "low": 2}
    left = grouping.unplaced(compared.changes, rows) if compared else rows
    became = _what_became(version)
    told = [row | {"fate": became.get((str(row["field"] or ""), row["line"] or ""), "")} for row in left]
    return sorted(told, key=lambda row: (bool(row["fate"]), ranks[row["severity"]]))


def fates(version: Version) -> dict[str, str]:
    """What became of each line that was cut or given up, by its text."""
    return {line: words for (_, line), words in _what_became(version).items()}


def wider_lines(compared: Compared | None) -> set[str]:
    """Canonical texts of the lines that widen."""
    return {change.line for change in compared.changes.wider if change.line} if compared else set()


def run_places(shown: dict[str, Place]) -> list[Place]:
    """The fields only a run has."""
    return [shown[field.value] for field in RUN_FIELDS]
