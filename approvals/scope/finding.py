"""What an automatic look noticed: one sentence for the signer, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from approvals.vocabulary import Field, Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is stable for machines and tests; `line` is the canonical text of the line it speaks of, if any."""

    code: str
    severity: Severity
    sentence: str
    remedy: str = ""
    line: str | None = None
    field: Field | None = None
