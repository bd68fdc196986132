"""What came of a test."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """Whether it went well, and what was found, in full sentences that do not overclaim."""

    passed: bool
    said: str
