"""Packets to begin from: documents of the common kinds of agents, in the form of every packet document."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from approvals.content import Content
from approvals.documents import from_yaml

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Starter:
    """One document: its name in an address, what it is called, and when it fits."""

    name: str
    title: str
    says: str

    @property
    def content(self) -> Content:
        """What the document says; people, identity and end are for whoever begins from it."""
        return _read(self.name)


STARTERS = (
    Starter(
        "read-only-researcher", "Read-only researcher",
        "Looks things up on a few sites and in the repository, and reports. It changes nothing.",
    ),
    Starter(
        "coding-agent", "Coding agent on one repository",
        "Reads and edits one repository, runs its tests, and pushes only when a person says yes.",
    ),
    Starter(
        "support-triage", "Support triage",
        "Reads tickets, sorts them and drafts answers. Each reply waits for a person.",
    ),
    Starter(
        "nightly-maintenance", "Nightly maintenance",
        "Updates dependencies on a branch of its own every night, and opens a pull request when a person says yes.",
    ),
)  # fmt: skip


def named(name: str) -> Starter | None:
    """The starter of that name, or None."""
    return next((one for one in STARTERS if one.name == name), None)


@cache
def _read(name: str) -> Content:
    return from_yaml((FOLDER / f"{name}.yaml").read_bytes())
