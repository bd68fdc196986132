"""What stands in a letter, and how it is laid out as text and as HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from approvals import events, telling
from approvals.people import Person

LONGEST_SUBJECT = 200  # in characters; the column holds 300
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with lines under it. `kind`: lines (canonical text), words (sentences) or quote (a person's words)."""

    heading: str
    lines: tuple[str, ...]
    kind: str = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A letter before it is laid out. `first` says what happens and when, `second` what to do and what if not."""

    subject: str
    first: str
    second: str
    tone: str = "info"
    facts: tuple[tuple[str, str], ...] = ()
    blocks: tuple[Block, ...] = ()
    path: str = "/"
    link_label: str = "Open the packet"
    because: str = ""
    foot: tuple[str, ...] = ()


def one_line(text: str, longest: int = LONGEST_SUBJECT) -> str:
    """Text that is harmless in a header: one line, no control characters, not too long."""
    plain = telling.visible(" ".join(text.split()))
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


def subject_moment(instant: datetime, now: datetime) -> str:
    """Mon 30 Nov 12:00 UTC, with the year only when it is another one."""
    there = instant.astimezone(UTC)
    year = f" {there.year}" if there.year != now.astimezone(UTC).year else ""
    return f"{there:%a} {there.day} {there:%b}{year} {there:%H:%M} UTC"


def told(instant: datetime, reader: Person) -> str:
    """Mon 30 Nov 2026 12:00 UTC (13:00 in Europe/Berlin)."""
    local = telling.local_text(instant, reader.time_zone)
    return telling.moment_text(instant) + (f" ({local} in {reader.time_zone})" if local else "")


def link(message: Message) -> str:
    """The one address in the letter. It opens a page and does nothing else."""
    return f"{settings.PUBLIC_URL}{message.path}"


def footers(message: Message) -> list[str]:
    """Version and digest, then what others hang below every letter."""
    return [*message.foot, *(line for line in (footer() for footer in events.letter_footers) if line)]


def as_text(message: Message) -> str:
    """The letter as plain text. Characters nobody can see are spelled out."""
    parts = [message.first, message.second, "\n".join(f"{label}: {value}" for label, value in message.facts)]
    parts += [f"{block.heading}\n" + "\n".join(_indented(block)) for block in message.blocks]
    parts += [f"{message.link_label}: {link(message)}"]
    parts += ["-- \n" + "\n".join([f"You get this because {message.because}.", *footers(message)])]
    return "\n\n".join(telling.visible(part) for part in parts if part) + "\n"


def _indented(block: Block) -> list[str]:
    begin = {"quote": "> ", "lines": "    "}.get(block.kind, "  ")
    return [begin + row for line in _shown(block) for row in line.split("\n")]


def _shown(block: Block) -> tuple[str, ...]:
    more = len(block.lines) - MOST_LINES
    return block.lines if more <= 0 else (*block.lines[:MOST_LINES], f"… and {more} more on the page.")


def as_html(message: Message) -> str:
    """The letter as one well-formed page without any picture, script or address to load."""
    rows: dict[str, Any] = {
        "message": message,
        "blocks": [Block(block.heading, _shown(block), block.kind) for block in message.blocks],
        "link": link(message),
        "foot": footers(message),
    }
    return render_to_string("letters/letter.html", rows)
