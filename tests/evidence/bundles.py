"""Bundles as tests need them: taken, opened, changed and looked at again."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any
from zipfile import ZipFile

from approvals.models import Packet
from approvals.people import Person
from audits import evidence
from audits.evidence import verify

WHY = "The auditors of 2026 asked for it."


def taken(packet: Packet | str, taker: Person, reason: str = WHY, **given: Any) -> bytes:
    """The zip of a packet's bundle."""
    file = io.BytesIO()
    evidence.take_packet(str(packet), file, taker=taker, reason=reason, **given)
    return file.getvalue()


def opened(zipped: bytes) -> dict[str, bytes]:
    """The files of a zip, by a library that is not ours."""
    with ZipFile(io.BytesIO(zipped)) as found:
        return {name: found.read(name) for name in found.namelist()}


@dataclass
class Memory:
    """A bundle's files, to change one and look again."""

    files: dict[str, bytes] = field(default_factory=dict)

    def names(self) -> list[str]:
        return sorted(self.files)

    def read(self, name: str) -> bytes:
        if name not in self.files:
            raise verify.Wrong(f"{name} is missing.")
        return self.files[name]


def holds(files: dict[str, bytes]) -> bool:
    """Whether these files verify as a bundle."""
    return verify.Bundle(Memory(files)).verify()


def holds_zipped(zipped: bytes) -> bool:
    """Whether this zip verifies as a bundle."""
    try:
        return verify.Bundle(verify.Packed(io.BytesIO(zipped))).verify()
    except verify.Wrong:
        return False
