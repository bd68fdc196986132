"""How text, links and instants are told to people, on pages and in letters alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from approvals.scope.characters import BLANKS, is_variation
from approvals.scope.lookalikes import lookalikes

# Categories without a picture of their own: controls, formats (zero-width, bidi), separators, odd spaces.
UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs"})
# Spaces that belong to ordinary prose: no-break, narrow no-break (French), ideographic.
PLAIN_SPACES = frozenset(" \u00a0\u202f\u3000")
TELEPHONE = re.compile(r"\+?[0-9](?:[ ()/.-]?[0-9]){4,17}")
MINUTE, HOUR, DAY, YEAR = 60, 3600, 86400, 365 * 86400


def visible(text: object) -> str:
    """The text with each character nobody can see, or can tell from another, as [U+200B]. Still to be escaped."""
    return "".join(piece for piece, _ in pieces(text))


def pieces(text: object) -> Iterator[tuple[str, bool]]:
    """The visible text in pieces, each with whether it stands for a character that cannot be seen or told apart."""
    plain = "" if text is None else str(text).replace("\r\n", "\n")
    if plain.isascii() and plain.isprintable():
        yield "".join(plain), False
        return
    alike, kept = lookalikes(plain), ""
    for place, one in enumerate(plain):
        if place in alike or _unseen(one):
            yield kept, False
            yield f"[U+{ord(one):04X}]", True
            kept = ""
        else:
            kept += one
    yield kept, False


def _unseen(one: str) -> bool:
    if one in "\n\t" or one in PLAIN_SPACES:
        return False
    return one in BLANKS or is_variation(one) or unicodedata.category(one) in UNSEEN_CATEGORIES


def outside_link(url: object) -> str | None:
    """The address if it may stand behind a link (http or https with a host), else None: then show it as text."""
    text = "" if url is None else str(url).strip()
    if visible(text) != text or any(one.isspace() or one == "\\" for one in text):
        return None
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and host and "@" not in parts.netloc else None


def dialled(contact: str) -> str:
    """The number to dial, as digits with a leading plus, if the contact is nothing but a telephone number; else ""."""
    return re.sub(r"[^+0-9]", "", contact) if TELEPHONE.fullmatch(contact) else ""


def moment_text(instant: datetime) -> str:
    """Mon 30 Nov 2026 12:00 UTC."""
    there = instant.astimezone(UTC)
    return f"{day_text(there)} {there:%H:%M} UTC"


def short_text(instant: datetime, now: datetime) -> str:
    """23 Nov 09:12 UTC, with the year only when it is another one."""
    there = instant.astimezone(UTC)
    year = f" {there.year}" if there.year != now.astimezone(UTC).year else ""
    return f"{there.day} {there:%b}{year} {there:%H:%M} UTC"


def day_text(instant: datetime) -> str:
    """Mon 30 Nov 2026, as the calendar of the instant's own zone says."""
    return f"{instant:%a} {instant.day} {instant:%b} {instant.year}"


def local_text(instant: datetime, zone: str | None) -> str:
    """The reader's own clock: 13:00, or Tue 1 Dec 01:00 when the day is another; empty when it is UTC's."""
    try:
        here = instant.astimezone(ZoneInfo(zone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
    there = instant.astimezone(UTC)
    if here.utcoffset() == there.utcoffset():
        return ""
    day = "" if here.date() == there.date() else f"{here:%a} {here.day} {here:%b} "
    return f"{day}{here:%H:%M}"


def relative_text(instant: datetime, now: datetime) -> str:
    """In 7 days, 3 hours ago: to the nearest unit that reads well."""
    seconds = (instant - now).total_seconds()
    if abs(seconds) < MINUTE:
        return "now" if seconds == 0 else "in less than a minute" if seconds > 0 else "just now"
    count, unit = _measured(abs(seconds))
    words = f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return f"in {words}" if seconds > 0 else f"{words} ago"


def _measured(seconds: float) -> tuple[int, str]:
    for limit, size, unit in ((HOUR, MINUTE, "minute"), (2 * DAY, HOUR, "hour"), (2 * YEAR, DAY, "day")):
        count = int(seconds / size + 0.5)
        if count * size < limit:
            return count, unit
    return int(seconds / YEAR + 0.5), "year"
