"""What of the record is asked for: packet, agent, person, kind and time, as read from an address or a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Q

from approvals.models import Event
from approvals.querysets import EventQuerySet
from approvals.vocabulary import EventKind
from audits.moments import MomentError, read_moment

LONGEST = 200
MAX_KEY = 2**63 - 1
FILTERS = {
    "packet": "packet__reference",
    "agent": "agent__slug",
    "person": "actor__username",
    "kind": "kind",
}
TIMES = ("since", "until")


class Unreadable(ValueError):
    """A filter or a place in the record that cannot be meant; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as typed, and the period as it was read: from `since`, up to and without `until`."""

    typed: dict[str, str]
    since: datetime | None = None
    until: datetime | None = None

    @property
    def given(self) -> dict[str, str]:
        return {name: value for name, value in self.typed.items() if value}

    @property
    def query(self) -> str:
        return urlencode(self.given)

    def of(self, events: EventQuerySet) -> EventQuerySet:
        """The events that match every filter."""
        for name, column in FILTERS.items():
            if value := self.typed[name]:
                events = events.filter(**{column: value.upper() if name == "packet" else value})
        return events.recorded_in(self.since, self.until)


def typed_in(data: Mapping[str, str]) -> Asked:
    """What was typed, not yet looked at."""
    return Asked({name: data.get(name, "").strip() for name in (*FILTERS, *TIMES)})


def read(data: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Asked:
    """The filters, looked at. Raises Unreadable."""
    typed = typed_in(data).typed
    for value in typed.values():
        if len(value) > LONGEST or "\x00" in value:
            raise Unreadable("A filter is too long, or holds characters that no name has.")
    if typed["kind"] and typed["kind"] not in set(EventKind):
        raise Unreadable("There is no such kind of event. Choose one from the list.")
    since, until = (_moment(typed[name], zone, now) for name in TIMES)
    if since and until and since >= until:
        raise Unreadable("The period ends before it begins. Turn “from” and “until” round.")
    return Asked(typed, since, until)


def _moment(typed: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """A bare day is its beginning in the reader's zone."""
    if not typed:
        return None
    try:
        found = read_moment(typed, zone, now)
    except MomentError as error:
        raise Unreadable(str(error)) from error
    if not found.note:
        return found.at
    return found.at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def page_of(events: EventQuerySet, before: str, size: int, *, by_time: bool) -> list[Event]:
    """The page before that event, newest first, and one event more when there are any. Raises Unreadable.

    In a period the record is walked along its time, else along its keys: each has its index.
    """
    order = ("-recorded_at", "-pk") if by_time else ("-pk",)
    if before:
        if not (before.isascii() and before.isdigit() and len(before) < 20) or int(before) > MAX_KEY:
            raise Unreadable("This page of the record does not exist. Begin with the newest events.")
        events = _beyond(events, int(before), by_time=by_time)
    return list(events.select_related("packet", "version__packet", "agent").order_by(*order)[: size + 1])


def _beyond(events: EventQuerySet, key: int, *, by_time: bool) -> EventQuerySet:
    """Those that come after this event on the way back; none when there is no such event."""
    if not by_time:
        return events.filter(pk__lt=key)
    at = Event.objects.filter(pk=key).values_list("recorded_at", flat=True).first()
    if at is None:
        return events.none()
    return events.filter(Q(recorded_at__lt=at) | Q(recorded_at=at, pk__lt=key))
