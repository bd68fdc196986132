"""The packets list: tabs, filters, orders, and pages that cost the same whatever stands behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from approvals import access, validity
from approvals.models import Packet, Version
from approvals.pages.filter_bar import Bar, Sort
from approvals.pages.list_filters import BOXES, Filters
from approvals.pages.list_places import ELSEWHERE, OF_PACKETS, OF_TAB, OF_VERSIONS, place_of, sort_of, written
from approvals.querysets import PacketQuerySet, VersionQuerySet, key_shown_at
from approvals.signers import signer_left
from approvals.standing import NEAR, ending_soon, holds_until, standing_of
from approvals.vocabulary import OPEN_STATES, Role, Standing, State
from approvals.walks import Place, from_the_fewest, packets_along, there_is

PAGE = 25
OVER = (Standing.ENDED, Standing.SUPERSEDED, Standing.REVOKED, Standing.REJECTED, Standing.CLOSED)
LONGEST_SEARCH = 200
TABS = {
    "mine": "Mine",
    "waiting": "Waiting for me",
    "in-force": "In force",
    "ends-soon": "Ends soon",
    "stopped": "Stopped",
    "ended": "Ended",
    "all": "All",
}
EMPTY = {
    "mine": "You own no packet yet, and have drafted none. A packet puts one agent under approval.",
    "waiting": "Nothing waits for your signature. When a packet your group signs is submitted, it appears here.",
    "in-force": "No packet you can see is in force.",
    "ends-soon": "No packet you can see ends soon.",
    "stopped": "No packet you can see is suspended.",
    "ended": "No packet you can see has ended.",
    "all": "There is no packet you can see. Packets of your team appear here, and those shared with you.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One packet: the version that counts now, the open one if it is another, and how it stands."""

    version: Version
    open: Version | None
    standing: Standing

    @property
    def signer_left(self) -> bool:
        """Whether somebody who approved it has left since; of what is over nobody asks any more."""
        return getattr(self.version, "signer_left", False) and self.standing not in OVER

    @property
    def ends_at(self) -> datetime | None:
        """The end as granted, else as asked for; by break-glass, the deadline."""
        granted = self.standing in (Standing.BREAK_GLASS, Standing.SUSPENDED)
        return holds_until(self.version) if granted else self.version.ends_at or self.version.ends


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    current: bool
    count: None = None  # counting everything would read everything


@dataclass
class Listing:
    """One list as the address asks for it: tab, filters and order, and the questions that answer it."""

    person: Any
    tab: str
    filters: Filters
    sort: Sort
    now: datetime

    @classmethod
    def of(cls, request: HttpRequest) -> Listing:
        filters = Filters.of(request.GET)
        tab = _tab(request, filters)
        return cls(request.user, tab, filters, sort_of(request.GET, tab), validity.now())

    def keys(self, *, limit: int, beyond: Place | None = None, backwards: bool = False) -> list[int]:
        """Packets of one page, in order, of those this person may see. At most two statements."""
        by_end = self.sort.name == "ends"
        by_version = self.tab == "waiting" or by_end
        rows: Any = self._versions() if by_version else self._packets()
        order = (OF_VERSIONS if by_version else OF_PACKETS)[self.sort.name]
        rows = from_the_fewest(rows, [*self.filters.sets(), *self._sets()], order.packet)
        return packets_along(
            [rows] if by_end else rows.legs_of(self.person), order, limit=limit, beyond=beyond, backwards=backwards
        )

    def _packets(self) -> PacketQuerySet:
        rows = _in_tab(Packet.objects.filter(self.filters.packets()), self.tab, self.person, self.now)
        rows = rows.saying(self.filters.terms())
        if self.filters.asks_versions():
            shown = self.filters.versions(Version.objects.filter(packet=OuterRef("pk")).shown_at(self.now), self.now)
            rows = rows.filter(Exists(shown))
        return rows

    def _versions(self) -> VersionQuerySet:
        """Where each packet stands for one version: the one that waits, or the one in force."""
        rows = self.filters.versions(self._versions_in_tab(), self.now)
        matching = Packet.objects.filter(self.filters.packets()).saying(self.filters.terms())
        if "q" in self.filters.asked or self.filters.packets():
            rows = rows.filter(Exists(matching.filter(pk=OuterRef("packet"))))
        return rows

    def _sets(self) -> list[QuerySet[Any]]:
        """Sets of the tab that are small where it is, beside those of the filters."""
        seen = [] if access.sees_every_packet(self.person) else [Packet.objects.visible_to(self.person).values("pk")]
        return [*self._sets_of_tab(), *(seen if self.sort.name == "ends" else [])]

    def _sets_of_tab(self) -> list[QuerySet[Any]]:
        match self.tab:
            case "mine":
                return [Version.objects.filter(_own(self.person)).values("packet")]
            case "stopped":
                return [Packet.objects.suspensions_at(self.now).values("packet")]
            case "ends-soon":
                ends = Version.objects.filter(state=State.APPROVED, ends_at__gt=self.now)
                near = ends.filter(access.sight_of(self.person, "packet"), ends_at__lte=self.now + LONGEST_NEAR)
                return [near.values("packet")]
        return []

    def _versions_in_tab(self) -> VersionQuerySet:
        """The versions of the tab; by their end, those this person may see: asked first of each, for it is quick."""
        if self.tab == "waiting":
            return Version.objects.waiting_for(self.person)
        seen = Version.objects.filter(access.sight_of(self.person, "packet"))
        # A break-glass has no end to sort by yet. That the end is to come is said where an index by it can be read.
        rows = seen.filter(state=State.APPROVED, ends_at__gt=self.now).in_force_at(self.now)
        if self.tab == "ends-soon":
            near = rows.alias(end_said=Coalesce("ends_at", "ends")).filter(ends_at__lte=self.now + LONGEST_NEAR)
            rows = near.filter(ending_soon(self.now, "end_said"))
        found: VersionQuerySet = rows
        return found

    def url(self, **changes: str) -> str:
        """The address of this list with other values; empty ones are left out, and it begins at its beginning."""
        sort = "" if self.sort.is_own else self.sort.name
        given = {"tab": self.tab, **self.filters.asked, "sort": sort} | changes
        return "?" + urlencode({name: value for name, value in given.items() if value})

    def bar(self) -> Bar:
        """What it is filtered and sorted by, and the file of it."""
        return Bar(
            BOXES, self.filters.asked, self.sort, self.url, reverse("packets-csv") + self.url(), {"tab": self.tab},
            [*self.filters.problems, *filter(None, [self.sort.problem])],
        )  # fmt: skip


LONGEST_NEAR = timedelta(days=max(NEAR))


@require_safe
def packets(request: HttpRequest) -> HttpResponse:
    """What this person may see, one page of it, as the address asks."""
    listing = Listing.of(request)
    keys, newer, older = _page(request, listing)
    rows = rows_of(keys, listing.now, waiting=listing.tab == "waiting")
    context = {
        "tabs": _tabs(listing), "tab": listing.tab, "label": TABS[listing.tab], "rows": rows,
        "empty": EMPTY[listing.tab],
        "asked": listing.filters.asked, "bar": listing.bar(), "by_time": listing.sort.name == "newest",
        "newer": listing.url(after=written(rows[0].version, listing.sort.name)) if newer and rows else "",
        "older": listing.url(before=written(rows[-1].version, listing.sort.name)) if older and rows else "",
        "begun": bool(request.GET.get("before") or request.GET.get("after")),
    }  # fmt: skip
    return render(request, "approvals/packets.html", context)


def _page(request: HttpRequest, listing: Listing) -> tuple[list[int], bool, bool]:
    """Keys of the page, and whether there are pages before and after it."""
    before, after = (place_of(request.GET.get(name, ""), listing.sort.name) for name in ("before", "after"))
    if after is not None:
        keys = listing.keys(limit=PAGE + 1, beyond=after, backwards=True)
        return keys[-PAGE:], len(keys) > PAGE, bool(keys)
    keys = listing.keys(limit=PAGE + 1, beyond=before)
    return keys[:PAGE], before is not None and bool(keys), len(keys) > PAGE


def _tab(request: HttpRequest, filters: Filters) -> str:
    """The tab asked for; else all for a search, and what each role comes for."""
    asked, person = request.GET.get("tab", ""), request.user
    if asked in TABS:
        return asked
    if filters.asked or person.is_anonymous:
        return "all"
    if person.is_in(Role.SECURITY):
        return "waiting"
    return "mine" if person.teams() else "all"


def _in_tab(rows: PacketQuerySet, tab: str, person: Any, now: datetime) -> PacketQuerySet:
    versions = Version.objects.filter(packet=OuterRef("pk"))
    granted = versions.filter(state=State.APPROVED)
    over = Q(ends_at__lte=now) | Q(superseded_at__lte=now) | Q(packet__revoked_at__lte=now)
    match tab:
        case "mine":
            return rows.filter(Exists(versions.filter(_own(person))))
        case "in-force":
            return rows.with_version_in_force_at(now)
        case "ends-soon":
            return rows.filter(Exists(versions.in_force_at(now).filter(ending_soon(now))))
        case "stopped":
            return rows.suspended_at(now)
        case "ended":
            return rows.filter(Exists(granted)).exclude(Exists(granted.exclude(over)))
    return rows


def _own(person: Any) -> Q:
    return Q(owner=person) | Q(backup_owner=person) | Q(created_by=person)


def _tabs(listing: Listing) -> list[Tab]:
    """Each tab with the same filters; the order only where that tab has it too."""
    sort = listing.sort.name
    kept = {key: sort if sort in OF_TAB.get(key, ELSEWHERE)[1:] else "" for key in TABS}
    return [Tab(label, listing.url(tab=key, sort=kept[key]), key == listing.tab) for key, label in TABS.items()]


def rows_of(keys: list[int], now: datetime, *, waiting: bool = False) -> list[Row]:
    """The rows of these packets in their order: two statements, whatever their number."""
    found: dict[int, list[Version]] = {}
    for version in counting(now).filter(packet__in=keys):
        found.setdefault(version.packet_id, []).append(version)
    return [_row(found[key], now, waiting) for key in keys if key in found]


def counting(now: datetime) -> Any:
    """Of each packet the version in force (else the newest), and the open one; with what a row says of them."""
    parent = Version.objects.in_force_at(now).filter(packet=OuterRef("packet__parent"))
    return (
        Version.objects.filter(Q(pk=key_shown_at(now)) | Q(state__in=OPEN_STATES))
        .annotate(parent_holds=Q(packet__parent__isnull=True) | Q(there_is(parent)), signer_left=signer_left())
        .select_related("packet__agent__team", "owner", "submitted_by")
        .prefetch_related("packet__suspensions")
        .defer("content", "lines", "findings", "rules")
    )


def _row(versions: list[Version], now: datetime, waiting: bool) -> Row:
    newest_first = sorted(versions, key=lambda version: -version.number)
    main = newest_first[0] if waiting else newest_first[-1]
    other = next((one for one in newest_first if one.state in OPEN_STATES and one != main), None)
    return Row(main, other, standing_of(main, now, parent_holds=getattr(main, "parent_holds", True)))


urls = [path("packets/", packets, name="packets")]
