"""Narrowing and comparing. Pure. One table says what is narrower; whatever is not provably narrower counts as wider.

A cut may remove a line of fields 3 to 5, move it to field 6, move a line of 3 to 6 to Never, add a Never line, or bring
the end nearer. Nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from approvals.content import Content, digest_of, instant, to_the_second
from approvals.errors import Refused
from approvals.scope.grammar import Line, LineErrors, parse_line
from approvals.scope.matching import covers, may_write
from approvals.vocabulary import ENDS, IDENTITY, JOB, OWNER, ROLLBACK, RUN_RECORD, Field


@dataclass(frozen=True, slots=True)
class Cut:
    """One line cut: removed (`to` is None), or moved to Human approval or Never."""

    field: Field
    line: str
    to: Field | None = None


@dataclass(frozen=True, slots=True)
class Cuts:
    """Everything one person cuts at once."""

    lines: tuple[Cut, ...] = ()
    never: tuple[str, ...] = ()
    ends: datetime | None = None

    def __post_init__(self) -> None:
        """The end is kept as it is signed: in UTC, to the second."""
        object.__setattr__(self, "ends", to_the_second(self.ends))

    def __bool__(self) -> bool:
        return bool(self.lines or self.never or self.ends)

    def as_data(self) -> dict[str, Any]:
        """Plain data, sorted, so that equal cuts have equal digests. Empty cuts are an empty dict."""
        if not self:
            return {}
        rows = sorted([cut.field.value, cut.line, cut.to.value if cut.to else ""] for cut in self.lines)
        return {"lines": rows, "never": sorted(self.never), "ends": instant(self.ends)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Cuts:
        """What `as_data` wrote."""
        rows = tuple(Cut(Field(field), line, Field(to) if to else None) for field, line, to in data.get("lines", ()))
        ends = data.get("ends")
        return cls(rows, tuple(data.get("never", ())), datetime.fromisoformat(ends).astimezone(UTC) if ends else None)


def why_not_narrower(cuts: Cuts, standing: Iterable[tuple[Field, str]], ends: datetime) -> Refused | None:
    """The reason these cuts are not a narrowing of what stands, or None. `ends` is the end that stands."""
    there = set(standing)
    for line in cuts.never:
        if not _is_canonical(line):
            return Refused("no_such_line", f"“{line[:100]}” is not one line of the scope.", "Write such as Bash(rm *).")
    for cut in cuts.lines:
        if (cut.field, cut.line) not in there:
            return Refused(
                "no_such_line", f"The line {cut.line} is not in {cut.field.label} any more.", "Reload the page."
            )
        if not _narrows(cut):
            return Refused("not_narrower", f"Moving {cut.line} to {cut.to and cut.to.label} would not narrow it.")
    if len({(cut.field, cut.line) for cut in cuts.lines}) < len(cuts.lines):
        return Refused("cut_twice", "A line is cut in two ways.", "Choose one of them.")
    if cuts.ends is not None and cuts.ends >= ends:
        return Refused(
            "not_narrower", "A signer may bring the end nearer, never move it away.", "Choose an earlier end."
        )
    return None


def _is_canonical(line: str) -> bool:
    try:
        return str(parse_line(line)) == line
    except LineErrors:
        return False


def _narrows(cut: Cut) -> bool:
    if cut.field.allows:
        return cut.to in (None, Field.HUMAN_APPROVAL, Field.NEVER)
    return cut.field is Field.HUMAN_APPROVAL and cut.to is Field.NEVER


def decision_digest(version_digest: str, cuts_digest: str, own: Cuts) -> str:
    """What a decision signs: the version's digest, the cuts standing when they signed, and their own cuts."""
    return digest_of({"version": version_digest, "cuts": cuts_digest, "own": own.as_data()})


def purpose_of(digest: str, meaning: str) -> str:
    """What somebody shows who they are for: this decision, with this meaning (its verdict), and no other."""
    return digest_of({"decision": digest, "meaning": meaning})


def standing_digest(cuts: Iterable[Cuts]) -> str:
    """One digest over all cuts so far, in the order they were made; empty when nothing was cut."""
    rows = [cut.as_data() for cut in cuts if cut]
    return digest_of(rows) if rows else ""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: where (a label), what, and the line it is about if it is one."""

    label: str
    text: str
    line: str | None = None
    field: Field | None = None

    @property
    def is_end(self) -> bool:
        """A change of the end alone: what every renewal asks."""
        return self.label == ENDS


@dataclass(frozen=True, slots=True)
class Changes:
    """What a version changes against another: wider first, then narrower, then what changes no authority."""

    wider: tuple[Change, ...] = ()
    narrower: tuple[Change, ...] = ()
    other: tuple[Change, ...] = ()
    same: int = 0


def changes(before: Content, after: Content) -> Changes:
    """Compare two contents. A line is narrower only when what stood before provably covers it."""
    wider, narrower, same = _line_changes(before, after)
    field_wider, field_narrower, other = _field_changes(before, after)
    return Changes(tuple(wider + field_wider), tuple(narrower + field_narrower), tuple(other), same)


def _line_changes(before: Content, after: Content) -> tuple[list[Change], list[Change], int]:
    wider: list[Change] = []
    narrower: list[Change] = []
    same = 0
    for field in Field:
        old, new = _bare(before.of(field)), _bare(after.of(field))
        same += sum(line in old for line in new)
        for line in (line for line in new if line not in old):
            change = Change(field.label, str(line), str(line), field)
            (narrower if _added_is_narrower(field, line, before) else wider).append(change)
        for line in (line for line in old if line not in new):
            change = Change(field.label, f"without {line}", str(line), field)
            (narrower if _gone_is_narrower(field, line, after) else wider).append(change)
    return wider, narrower, same


def _bare(lines: Iterable[Line]) -> list[Line]:
    """Lines without their notes: a note is for people and allows nothing."""
    return [Line(line.target, line.method) for line in lines]


def _added_is_narrower(field: Field, line: Line, before: Content) -> bool:
    if field is Field.NEVER:
        return True
    writes = field.counts_as is Field.WRITE_ACTIONS or (field is Field.HUMAN_APPROVAL and may_write(line))
    return any(
        covers(old, line)
        for place in Field
        if (place.allows and (not writes or place.counts_as is Field.WRITE_ACTIONS))
        or (field is Field.HUMAN_APPROVAL and place is Field.HUMAN_APPROVAL)
        for old in before.of(place)
    )


def _gone_is_narrower(field: Field, line: Line, after: Content) -> bool:
    if field.allows:
        return True
    stricter = (Field.NEVER,) if field is Field.NEVER else (Field.NEVER, Field.HUMAN_APPROVAL)
    return any(covers(new, line) for place in stricter for new in after.of(place))


WIDER_IF_CHANGED = (
    ("owner", OWNER),
    ("job", JOB),
    ("human_approval_by", Field.HUMAN_APPROVAL.label),
    ("identity", IDENTITY),
    ("run_record_location", RUN_RECORD),
    ("rollback_owner", ROLLBACK),
    ("rollback_path", ROLLBACK),
    ("access_revoked", "How access is revoked"),
    ("when_wrong", "What happens when the agent is wrong"),
    ("task", "Task"),
    ("look_at", "What the reviewer should look at"),
)
NO_AUTHORITY = (("backup_owner", "Backup owner"), ("run_link", "Link"), ("links", "Links"))


def _field_changes(before: Content, after: Content) -> tuple[list[Change], list[Change], list[Change]]:
    wider = [
        Change(label, _now_was(before, after, key)) for key, label in WIDER_IF_CHANGED if _differs(before, after, key)
    ]
    other = [Change(label, _now_was(before, after, key)) for key, label in NO_AUTHORITY if _differs(before, after, key)]
    narrower: list[Change] = []
    for change, is_narrower in _ordered_changes(before, after):
        (narrower if is_narrower else wider).append(change)
    if [line.note for field in Field for line in before.of(field)] != [
        line.note for field in Field for line in after.of(field)
    ]:
        other.append(Change("Notes", "The notes beside the lines changed."))
    return wider, narrower, other


def _ordered_changes(before: Content, after: Content) -> Iterable[tuple[Change, bool]]:
    """What can be compared: an earlier end, a later start, longer retention and stricter runs are narrower."""
    if before.ends != after.ends:
        nearer = bool(before.ends and after.ends and after.ends < before.ends)
        yield Change(ENDS, f"ends {_day(after.ends)}, was {_day(before.ends)}"), nearer
    if before.starts != after.starts:
        later = after.starts is not None and (before.starts is None or after.starts > before.starts)
        yield Change("Start", f"starts {_day(after.starts)}, was {_day(before.starts)}"), later
    if before.retention_days != after.retention_days:
        longer = (after.retention_days or 0) > (before.retention_days or 0)
        yield Change(RUN_RECORD, f"kept {after.retention_days} days, was {before.retention_days}"), longer
    if before.each_run_needs_packet != after.each_run_needs_packet:
        words = "yes, was no" if after.each_run_needs_packet else "no, was yes"
        yield Change("Each run needs its own packet", words), after.each_run_needs_packet


def _differs(before: Content, after: Content, key: str) -> bool:
    return bool(getattr(before, key) != getattr(after, key))


def _now_was(before: Content, after: Content, key: str) -> str:
    if key == "links":
        return "The links changed."
    return f"now “{getattr(after, key) or 'empty'}”, was “{getattr(before, key) or 'empty'}”"


def _day(moment: datetime | None) -> str:
    return f"{moment:%-d %b %Y %H:%M} UTC" if moment else "open"
