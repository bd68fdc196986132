"""The moment of a question, as people type it: "yesterday 14:00", "2026-11-22 14:02", nothing for now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateparser.date import DateDataParser

LONGEST = 64
MINUTE = timedelta(minutes=1)
JUST = timedelta(microseconds=1)
INSTANT = timedelta(0)
SAY = "Write it like “yesterday 14:00” or “2026-11-22 14:02”; leave it empty for now."

BARE_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
TO_THE_SECOND = re.compile(r"\d:\d\d:\d\d")
PLAIN = re.compile(r"[A-Za-z0-9 :.,/+-]+\Z")
# Without the parsers that read a bare number as seconds since 1970.
PARSERS = ["relative-time", "custom-formats", "absolute-time", "no-spaces-time"]


class MomentError(ValueError):
    """The moment cannot be read; the text says why and what to write."""


@dataclass(frozen=True, slots=True)
class Moment:
    """From `at`, for `span`: a minute means the whole minute. `note` says what was assumed, or is empty."""

    at: datetime
    span: timedelta = INSTANT
    note: str = ""


def read_moment(typed: str, zone: ZoneInfo, now: datetime) -> Moment:
    """The moment meant, in UTC; a text without a zone of its own is read in `zone`. Raises MomentError."""
    text = typed.strip()
    if text.lower() in ("", "now"):
        return Moment(now)
    if len(text) > LONGEST or not PLAIN.match(text):
        raise MomentError(f"This moment cannot be read. {SAY}")
    found, has_time = _parsed(text, zone, now)
    at = _in_utc(found, zone)
    if not TO_THE_SECOND.search(text):
        at = at.replace(second=0, microsecond=0)
        note = "" if has_time else "No time of day was given, so this one minute of that day was asked."
        return Moment(at, MINUTE, note)
    return Moment(at)


def _parsed(text: str, zone: ZoneInfo, now: datetime) -> tuple[datetime, bool]:
    """The date as written (naive when no zone was written), and whether a time of day was."""
    try:
        return datetime.fromisoformat(text), not BARE_DAY.match(text)
    except ValueError:
        pass
    settings = {
        "RELATIVE_BASE": now.astimezone(zone).replace(tzinfo=None),
        "PREFER_DATES_FROM": "past",
        "RETURN_TIME_AS_PERIOD": True,
        "DATE_ORDER": "DMY",
        "PARSERS": PARSERS,
    }
    try:
        data = DateDataParser(languages=["en"], settings=settings).get_date_data(text)
    except (ValueError, OverflowError, TypeError):  # what a date library raises for numbers no calendar has
        raise MomentError(f"This moment cannot be read. {SAY}") from None
    if data.date_obj is None or data.period not in ("time", "day") or len(text) < len("9:00"):
        raise MomentError(f"This moment cannot be read. {SAY}")
    return data.date_obj, data.period == "time"


def _in_utc(found: datetime, zone: ZoneInfo) -> datetime:
    """In UTC. Raises MomentError for a time that the change of the clocks skipped, or made twice, that night."""
    try:
        if found.tzinfo is not None:
            return found.astimezone(UTC)
        first, second = (found.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
        if first.utcoffset() != second.utcoffset():
            raise _clocks_changed(found, first, zone)
        return first.astimezone(UTC)
    except OverflowError:
        raise MomentError(f"This moment cannot be read. {SAY}") from None


def _clocks_changed(found: datetime, first: datetime, zone: ZoneInfo) -> MomentError:
    there = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == found
    offset = f"{first:%z}"
    return MomentError(
        f"The clocks changed then: {found:%H:%M} {'was twice' if there else 'never was'} that day in {zone.key}. "
        f"Write the offset too, as in {found:%Y-%m-%dT%H:%M}{offset[:3]}:{offset[3:]}."
    )
