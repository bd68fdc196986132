"""The packets list: tabs, search and pages that cost the same whatever stands behind them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from approvals import validity
from approvals.models import Agent, Grant, Packet, Version
from approvals.pages.waiting import line_of
from approvals.querysets import PacketQuerySet
from approvals.standing import ending_soon, standing_of
from approvals.vocabulary import OPEN_STATES, Role, Standing, State

PAGE = 25
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
REFERENCE = re.compile(r"ap-?0*([1-9]\d{0,8})(?:\s*v(\d{1,6}))?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Row:
    """One packet: the version that counts now, the open one if it is another, and how it stands."""

    version: Version
    open: Version | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    current: bool
    count: None = None  # counting everything would read everything


@dataclass(frozen=True, slots=True)
class Page:
    """One page of keys, and the links beside it."""

    keys: list[int]
    newer: str = ""
    older: str = ""


@require_safe
def packets(request: HttpRequest) -> HttpResponse:
    """What this person may see, newest first; an exact reference or agent name opens it at once."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    if words and (found := _exact(request.user, words)):
        return redirect(found)
    now, tab = validity.now(), _tab(request, words)
    rows = _matching(_in_tab(Packet.objects.all(), tab, request.user, now), words)
    page = _waiting(request.user, rows, words) if tab == "waiting" else _page(request, rows, tab, words)
    context = {
        "tabs": _tabs(tab, words), "tab": tab, "label": TABS[tab], "words": words, "page": page,
        "rows": rows_of(page.keys, now, waiting=tab == "waiting"), "empty": EMPTY[tab],
    }  # fmt: skip
    return render(request, "approvals/packets.html", context)


def _exact(viewer: Any, words: str) -> str | None:
    """The address of the packet or agent whose name this is, if this person may see it."""
    match = REFERENCE.fullmatch(words)
    if match:
        reference = f"AP-{int(match[1]):04d}"
        if Packet.objects.visible_to(viewer).filter(reference=reference).exists():
            return (
                reverse("version", args=[reference, int(match[2])]) if match[2] else reverse("packet", args=[reference])
            )
    if Agent.objects.visible_to(viewer).filter(slug=words.lower()).exists():
        return reverse("agent", args=[words.lower()])
    return None


def _tab(request: HttpRequest, words: str) -> str:
    """The tab asked for; else all for a search, and what each role comes for."""
    asked, person = request.GET.get("tab", ""), request.user
    if asked in TABS:
        return asked
    if words or person.is_anonymous:
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
            own = Q(owner=person) | Q(backup_owner=person) | Q(created_by=person)
            return rows.filter(Exists(versions.filter(own)))
        case "waiting":
            return rows.filter(Exists(versions.waiting_for(person)))
        case "in-force":
            return rows.with_version_in_force_at(now)
        case "ends-soon":
            return rows.filter(Exists(versions.in_force_at(now).filter(ending_soon(now))))
        case "stopped":
            return rows.suspended_at(now)
        case "ended":
            return rows.filter(Exists(granted)).exclude(Exists(granted.exclude(over)))
    return rows


def _matching(rows: PacketQuerySet, words: str) -> PacketQuerySet:
    """Reference, agent, job, identity, people, and the lines' targets."""
    if not words:
        return rows
    versions = Version.objects.filter(packet=OuterRef("pk"))
    people = Q()
    for part in ("owner", "backup_owner", "rollback_owner"):
        for name in ("username", "first_name", "last_name"):
            people |= Q(**{f"{part}__{name}__icontains": words})
    said = versions.filter(Q(job__icontains=words) | Q(identity__icontains=words) | people)
    target, bracket, method = words.partition("(")
    line = Q(target__icontains=target) & (Q(method__icontains=method.rstrip(")")) if bracket else Q())
    lines = Grant.objects.filter(line, version__packet=OuterRef("pk"))
    named = Q(reference__icontains=words) | Q(agent__slug__icontains=words)
    return rows.filter(named | Exists(said) | Exists(lines))


def _page(request: HttpRequest, rows: PacketQuerySet, tab: str, words: str) -> Page:
    """One page by key: `before` walks to older ones, `after` to newer ones."""
    before, after = _key(request, "before"), _key(request, "after")
    if after is not None:
        keys = rows.newest_visible_to(request.user, limit=PAGE + 1, after=after)
        more, keys = len(keys) > PAGE, keys[-PAGE:]
        return Page(
            keys, _link(tab, words, after=keys[0]) if more else "", _link(tab, words, before=keys[-1]) if keys else ""
        )
    keys = rows.newest_visible_to(request.user, limit=PAGE + 1, before=before)
    more, keys = len(keys) > PAGE, keys[:PAGE]
    newer = _link(tab, words, after=keys[0]) if keys and before is not None else ""
    return Page(keys, newer, _link(tab, words, before=keys[-1]) if more else "")


def _waiting(person: Any, rows: PacketQuerySet, words: str) -> Page:
    """What waits, in the order of Home and of the way on after a decision: the answer that is due first on top."""
    keys = [one.packet_id for one in line_of(person)]
    matching = set(rows.filter(pk__in=keys).values_list("pk", flat=True)) if words else set(keys)
    return Page([key for key in keys if key in matching])


def _key(request: HttpRequest, name: str) -> int | None:
    typed = request.GET.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 18 else None


def _link(tab: str, words: str, **key: int) -> str:
    return "?" + urlencode({"tab": tab, **({"q": words} if words else {}), **key})


def _tabs(current: str, words: str) -> list[Tab]:
    return [Tab(label, _link(key, words), key == current) for key, label in TABS.items()]


def rows_of(keys: list[int], now: datetime, *, waiting: bool = False) -> list[Row]:
    """The rows of these packets in their order: two statements, whatever their number."""
    found: dict[int, list[Version]] = {}
    for version in counting(now).filter(packet__in=keys):
        found.setdefault(version.packet_id, []).append(version)
    return [_row(found[key], now, waiting) for key in keys if key in found]


def counting(now: datetime) -> Any:
    """Of each packet the version in force (else the newest), and the open one; with what a row says of them."""
    same = Version.objects.filter(packet=OuterRef("packet")).order_by("-number")
    shown = Coalesce(Subquery(same.granted_at(now).values("pk")[:1]), Subquery(same.values("pk")[:1]))
    parent = Version.objects.in_force_at(now).filter(packet=OuterRef("packet__parent"))
    return (
        Version.objects.filter(Q(pk=shown) | Q(state__in=OPEN_STATES))
        .annotate(parent_holds=Q(packet__parent__isnull=True) | Exists(parent))
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
