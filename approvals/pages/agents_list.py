"""The agents list: who runs with what authority, by name or newest first, filtered as the address says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from approvals import access, rules, validity
from approvals.models import Agent, Packet, Suspension, Version
from approvals.pages import Request
from approvals.pages.filter_bar import Bar, Box, Sort, chosen, read
from approvals.pages.list_places import place_of_key, slug
from approvals.pages.lists import Tab
from approvals.pages.turning import leaf
from approvals.standing import by_break_glass, holds_until
from approvals.vocabulary import Standing, State
from approvals.walks import NEWEST, Order, Place, along, there_is

PAGE = 25
SHOW = {"": "All", "mine": "My teams", "without": "No packet in force", "stopped": "Stopped"}
EMPTY = {
    "": "There is no agent you can see. An agent begins with its first packet.",
    "mine": "Your teams run no agent yet. An agent begins with its first packet.",
    "without": "Every agent you can see has a packet in force.",
    "stopped": "No agent you can see is stopped.",
}
BOXES = (
    Box("q", "Name", "or a part of it", kind="search"),
    Box("team", "Team", longest=150, teams=True),
    Box("owner", "Owner", "sign-in name", longest=150),
)
SORTS = {"name": "Name, A to Z", "newest": "Newest first"}
ORDERS = {"name": Order("slug", key="slug"), "newest": NEWEST}


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One agent, the version in force that counts first, and how it stands; None: nothing one may see gives it leave.

    `seen_whole`: the reader sees every packet of it, so that there is none can be said.
    """

    agent: Agent
    holds: Version | None
    standing: Standing | None
    seen_whole: bool

    @property
    def ends_at(self) -> datetime | None:
        return holds_until(self.holds) if self.holds else None

    @property
    def words(self) -> str:
        """How it stands, in words."""
        if not self.agent.is_active:
            return "Deactivated"
        without = "No packet in force" if self.seen_whole else "None you can see"
        return self.standing.tag.words if self.standing else without


@dataclass(frozen=True, slots=True)
class AgentsListing:
    """The list as the address asks for it: tab, filters and order."""

    person: Any
    show: str
    asked: dict[str, str]
    problems: list[str]
    sort: Sort
    now: datetime

    @classmethod
    def of(cls, request: Request) -> AgentsListing:
        show = request.GET.get("show", "")
        asked, problems = read(BOXES, request.GET)
        sort = chosen(request.GET, SORTS)
        return cls(request.user, show if show in SHOW else "", asked, problems, sort, validity.now())

    @property
    def order(self) -> Order:
        return ORDERS[self.sort.name]

    def agents(self) -> QuerySet[Any]:
        """All of them, in no order yet."""
        rows = _shown(Agent.objects.visible_to(self.person), self.show, self.person, self.now)
        columns = {"q": "slug__icontains", "team": "team__name"}
        rows = rows.filter(**{column: self.asked[name] for name, column in columns.items() if name in self.asked})
        if "owner" in self.asked:
            versions = Version.objects.visible_to(self.person).in_force_at(self.now)
            rows = rows.filter(pk__in=versions.filter(owner__username=self.asked["owner"]).values("packet__agent"))
        found: QuerySet[Any] = rows.select_related("team")
        return found

    def in_order(self) -> QuerySet[Any]:
        return along(self.agents(), self.order)

    def url(self, **changes: str) -> str:
        """The address of this list with other values; empty ones are left out."""
        given = {"show": self.show, **self.asked, "sort": "" if self.sort.is_own else self.sort.name} | changes
        return "?" + urlencode({name: value for name, value in given.items() if value})

    def bar(self) -> Bar:
        problems = [*self.problems, *filter(None, [self.sort.problem])]
        file = reverse("agents-csv") + self.url()
        return Bar(BOXES, self.asked, self.sort, self.url, file, {"show": self.show}, problems)

    def place_of(self, typed: str) -> Place | None:
        """The place an address names; None when it names none."""
        if self.sort.name == "newest":
            return place_of_key(typed)
        return Place(typed, typed) if slug(typed) else None

    def written(self, agent: Agent) -> str:
        return str(agent.pk) if self.sort.name == "newest" else agent.slug


@require_safe
def agents(request: Request) -> HttpResponse:
    """The agents this person may see, one page of them."""
    listing = AgentsListing.of(request)
    before, after = (listing.place_of(request.GET.get(name, "")) for name in ("before", "after"))
    page = leaf(listing.agents(), listing.order, PAGE, before=before, after=after)
    context = {
        "rows": rows_of(page.rows, listing.person, listing.now),
        "tabs": [Tab(label, listing.url(show=key), key == listing.show) for key, label in SHOW.items()],
        "bar": listing.bar(), "empty": EMPTY[listing.show], "begun": bool(before or after),
        "narrowed": bool(listing.asked), "by_time": listing.sort.name == "newest",
        "newer": listing.url(after=listing.written(page.rows[0])) if page.newer else "",
        "older": listing.url(before=listing.written(page.rows[-1])) if page.older else "",
    }  # fmt: skip
    return render(request, "approvals/agents.html", context)


def _shown(rows: Any, show: str, person: Any, now: datetime) -> Any:
    match show:
        case "mine":
            return rows.filter(team__in=person.teams())
        case "without":
            return rows.without_packet_in_force_at(now)
        case "stopped":
            return rows.filter(Exists(_stops(person, now)))
    return rows


def _stops(person: Any, now: datetime) -> QuerySet[Suspension]:
    open_now = Q(until__isnull=True) | Q(until__gt=now)
    sight = access.sight_of(person, "packet")
    return Suspension.objects.filter(sight, open_now, since__lte=now, packet__agent=OuterRef("pk"))


def rows_of(agents: Iterable[Agent], person: Any, now: datetime) -> list[AgentRow]:
    """Each agent with what its row says, only of packets this person may see: two statements."""
    told = {one.pk: one for one in _told(agents, person, now)}
    ahead = Version.objects.filter(pk__in=[one.first for one in told.values() if one.first])
    versions = ahead.select_related("packet", "owner").defer("content", "lines", "findings", "rules").in_bulk()
    return [_row(one, told[one.pk], versions.get(told[one.pk].first), person, now) for one in agents]


def _told(agents: Iterable[Agent], person: Any, now: datetime) -> QuerySet[Any]:
    # Each is asked by way of the agent's packets: by their state, every version in review was read for each agent.
    packets = Packet.objects.filter(access.sight_of(person), agent=OuterRef("pk"))
    versions = Version.objects.filter(access.sight_of(person, "packet"), packet__agent=OuterRef("pk"))
    ahead = versions.in_force_at(now).order_by("-packet__level", "ends_at", "pk")  # standing authority before a run
    in_review = Version.objects.filter(packet=OuterRef("pk"), state=State.IN_REVIEW)
    told: QuerySet[Any] = Agent.objects.filter(pk__in=[one.pk for one in agents]).annotate(
        first=Subquery(ahead.values("pk")[:1]),
        is_stopped=there_is(_stops(person, now)),
        in_review=there_is(packets.filter(Exists(in_review))),
    )
    return told


def _row(agent: Agent, told: Any, holds: Version | None, person: Any, now: datetime) -> AgentRow:
    """Stopped before all else, then what gives it authority, then what is on its way."""
    given = Standing.BREAK_GLASS if holds and by_break_glass(holds, now) else Standing.IN_FORCE
    standing = Standing.SUSPENDED if told.is_stopped else given if holds else Standing.IN_REVIEW
    there = told.is_stopped or holds or told.in_review
    return AgentRow(agent, holds, standing if there else None, sees_whole(agent, person))


def sees_whole(found: Agent, person: Any) -> bool:
    """Whether this person sees every packet of the agent, so that a page may say that there is none."""
    return access.sees_every_packet(person) or rules.is_member(person, found.team_id)


urls = [path("agents/", agents, name="agents")]
