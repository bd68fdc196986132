"""What is printed of a version, before it is set as PDF or as Markdown. Every text is still as people typed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from approvals.grouping import Group, Row
from approvals.scope.grammar import Line
from approvals.telling import day_text


@dataclass(frozen=True, slots=True)
class Became:
    """A line and what became of it; `struck` when it does not stand any more."""

    text: str
    words: str
    struck: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One label and what stands under it: text (`mono` for what machines read), or lines and what became of some.

    `contact` is how to reach them at night: for a document, never for a pull request.
    `groups` are the same lines as a page shows them, by target and the riskiest first.
    """

    label: str
    contact: str = ""
    text: str = ""
    mono: bool = False
    lines: tuple[Line, ...] = ()
    groups: tuple[Group, ...] = ()
    note: str = ""
    became: tuple[Became, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """What changed since another version, wider first."""

    title: str
    note: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding as it was when the version was submitted."""

    severity: str
    sentence: str
    remedy: str
    line: str
    accepted: str = ""  # by whom, when and why; empty while nobody took it on


@dataclass(frozen=True, slots=True)
class CutBy:
    """What one person cut or gave up, and why."""

    said: str
    reason: str
    rows: tuple[Became, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One decision as it is printed: who, what they decided, when, in which role then by which rule, and why."""

    name: str
    past: str
    at: datetime
    role: str
    reason: str
    digest: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One version as it stands at `at`, the instant of printing."""

    name: str
    heading: str
    about: tuple[str, ...]
    submitted: str
    stands: str
    tone: str
    remarks: tuple[str, ...]
    ends: datetime | None
    at: datetime
    ten: tuple[Entry, ...]
    extras: tuple[Entry, ...]
    compared: tuple[Compared, ...]
    findings: tuple[Finding, ...]
    cuts: tuple[CutBy, ...]
    needed: tuple[str, ...]
    signatures: tuple[Signature, ...]
    digest: str
    url: str
    file: str
    body: bytes  # canonical JSON: the signed bytes, or of a draft what they would be now

    @property
    def closing(self) -> str:
        """What the document is, and how its reader checks it."""
        if not self.digest:
            return (
                f"This is a draft. Nobody has submitted or signed it, and it gives no authority. The attached file "
                f"{self.file} holds it as it would be submitted now, as canonical JSON (RFC 8785)."
            )
        return (
            f"The attached file {self.file} holds the content that is signed, as canonical JSON (RFC 8785). Its "
            "SHA-256 is the content digest at the foot of every page. A signature prints the SHA-256 of that digest "
            "with the cuts that stood when it was given and its own. Cuts, and what the owner gave up later, narrow "
            "the content and are not in the file."
        )

    @property
    def as_of(self) -> str:
        """In force as of Fri 27 Nov 2026 12:00:41 UTC."""
        return f"{self.stands} as of {to_the_second(self.at)}"


def to_the_second(instant: datetime) -> str:
    """Fri 27 Nov 2026 12:00:41 UTC: a print says how it stands at one second."""
    there = instant.astimezone(UTC)
    return f"{day_text(there)} {there:%H:%M:%S} UTC"
