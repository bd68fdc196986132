"""How the packets list can be sorted, and the place of a row in that order, as it stands in the address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import QueryDict

from approvals.models.agent import SLUG
from approvals.pages.filter_bar import Sort, chosen
from approvals.walks import NEWEST, Order, Place

LARGEST = 2**63 - 1
BY_AGENT = Order("agent__slug", key="pk", key_falling=True)
ENDS_FIRST = Order("ends_at", packet="packet")
DUE_FIRST = Order("answer_by", packet="packet")
NEWEST_VERSION = Order("packet", falling=True, key="packet", key_falling=True, packet="packet")
BY_AGENT_OF_VERSION = Order("packet__agent__slug", key="packet", key_falling=True, packet="packet")

LABELS = {"newest": "Newest first", "due": "Answer due first", "ends": "Ends first", "agent": "Agent, A to Z"}
OF_PACKETS = {"newest": NEWEST, "agent": BY_AGENT}
OF_VERSIONS = {"newest": NEWEST_VERSION, "agent": BY_AGENT_OF_VERSION, "ends": ENDS_FIRST, "due": DUE_FIRST}
# What each tab can be sorted by, its own order first. Only what is in force has one end, only what waits one due date.
OF_TAB = {"waiting": ("due", "newest", "agent"), "in-force": ("newest", "ends", "agent"),
          "ends-soon": ("ends", "newest", "agent")}  # fmt: skip
ELSEWHERE = ("newest", "agent")


def sort_of(given: QueryDict, tab: str) -> Sort:
    """The order of a list as the address asks for it."""
    return chosen(given, {name: LABELS[name] for name in OF_TAB.get(tab, ELSEWHERE)})


def place_of(typed: str, sort: str) -> Place | None:
    """The place an address names; None when it names none, then the list begins at its beginning."""
    value, _, key = typed.rpartition("~")
    number = place_of_key(key)
    if number is None or sort == "newest":
        return None if value else number
    known = slug(value) if sort == "agent" else _instant(value)
    return None if known is None else Place(known, number.key)


def place_of_key(typed: str) -> Place | None:
    """The place of this key where rows are sorted by key; None when it is no key."""
    is_key = typed.isascii() and typed.isdigit() and len(typed) < 20 and int(typed) <= LARGEST
    return Place(int(typed), int(typed)) if is_key else None


def slug(value: str) -> str | None:
    """This text when it may be an agent's name, else None."""
    return value if SLUG.regex.match(value) else None  # type: ignore[union-attr]  # compiled by Django


def _instant(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def written(version: Any, sort: str) -> str:
    """The place of a row in the order, for the address."""
    match sort:
        case "agent":
            return f"{version.packet.agent.slug}~{version.packet_id}"
        case "ends":
            return f"{version.ends_at.isoformat()}~{version.pk}"
        case "due":
            return f"{version.answer_by.isoformat()}~{version.pk}"
    return str(version.packet_id)
