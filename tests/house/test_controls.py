"""The control map names only fields and events that are there, says “helps to show”, and never claims more."""

from __future__ import annotations

import re

from django.urls import resolve

from approvals.documents import KEYS
from approvals.vocabulary import EventKind
from tests.house.reading import HERE

TEXT = (HERE / "docs" / "controls.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("|") and not line.startswith("|---") and "Helps to show" not in line
]
FRAMEWORKS = ("EU AI Act", "ISO/IEC 42001", "SOC 2", "OWASP AISVS", "21 CFR Part 11")
CLAIMS = re.compile(
    r"\b(compliant|compliance|complies|comply|certified|conforms|guarantees?|ensures?)\b", re.IGNORECASE
)


def named(column: int) -> set[str]:
    return {name for row in ROWS for name in re.findall(r"`([^`]+)`", row[column])}


def test_every_field_of_the_control_map_is_a_key_of_the_packet() -> None:
    assert named(2) <= set(KEYS), f"No packet has these fields: {sorted(named(2) - set(KEYS))}"


def test_every_event_of_the_control_map_can_happen() -> None:
    assert named(3) <= set(EventKind), f"No event is of these kinds: {sorted(named(3) - set(EventKind))}"


def test_every_address_of_the_control_map_answers() -> None:
    for address in named(4):
        assert resolve(address).url_name != "catch_all", address


def test_the_control_map_helps_to_show_and_claims_nothing() -> None:
    assert all(f"## {name}" in TEXT for name in FRAMEWORKS)
    assert len(ROWS) > 25
    assert all(len(row) == 5 for row in ROWS)
    assert TEXT.count("Helps to show") == 2 * len(FRAMEWORKS)
    assert not CLAIMS.findall(TEXT), "Say that it helps to show, and leave the verdict to whoever audits."
