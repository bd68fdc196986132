"""What each page costs: statements and time, for each role, beside one limit of the same run."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.models import Version
from approvals.pages import lists
from portal.models import User
from tests.bench.filling import RARE, World, fill
from tests.pages.asking import signed_in

MOST = 10  # statements of one page
LIST, SEARCH = 3.0, 10.0  # times the limit: DESIGN 13 and goal G6c


@dataclass(frozen=True)
class Page:
    """One address, what it may cost in times the limit (None: it is only printed), and who is asked."""

    name: str
    address: str
    budget: float | None = None


def pages(world: World) -> list[Page]:
    """Every page that grows with the installation, with an address that exists."""
    middle, agent = world.packets // 2, "agent-000001"  # of the owner's team
    tabs = [Page(f"tab {tab}", f"/packets/?tab={tab}", LIST) for tab in lists.TABS]
    return [
        Page("Home", "/"),
        *tabs,
        Page("last page", f"/packets/?tab=all&before={lists.PAGE}", LIST),
        Page("in force, ends first", "/packets/?tab=in-force&sort=ends", LIST),
        Page("all, by agent", "/packets/?tab=all&sort=agent", LIST),
        Page("filter agent", f"/packets/?tab=all&agent={agent}", LIST),
        Page("filter owner, tier", f"/packets/?tab=all&owner={world.people[0].username}&tier=high", LIST),
        Page("filter rejected", "/packets/?tab=all&standing=rejected", LIST),
        Page("search common", "/search/?q=mcp__github list", SEARCH),
        Page("search rare", f"/search/?q={RARE}", SEARCH),
        Page("search absent", "/search/?q=qqqqq", SEARCH),
        Page("words common", "/packets/?tab=all&q=triage", SEARCH),
        Page("packet", f"/packets/AP-{middle:04d}/"),
        Page("agent", f"/agents/{agent}/"),
        Page("agents", "/agents/"),
        Page("agents, newest", "/agents/?sort=newest"),
        Page("agents of a team", f"/agents/?team={world.teams[0].name}"),
        Page("agents of an owner", f"/agents/?owner={world.people[0].username}"),
        Page("agents without", "/agents/?show=without"),
        Page("who", "/who/?q=crm.customers"),
        Page("who, ends first", "/who/?q=crm.customers&sort=ends"),
        Page("record", "/record/"),
        Page("record of agent", f"/record/?agent={agent}"),
        Page("e-mails", "/letters/"),
        Page("e-mails, oldest", "/letters/?sort=oldest"),
        Page("e-mails of a packet", f"/letters/?packet=AP-{middle:04d}"),
        Page("e-mails to somebody", f"/letters/?to={world.people[0].username}"),
        Page("e-mails not delivered", "/letters/?show=undelivered"),
        Page("Why?", f"/why/?agent={agent}&did=git+diff+HEAD"),
    ]


def statements(client: Any, address: str) -> tuple[int, int]:
    """Status and number of statements, session and navigation counted."""
    _ = connection.features.supports_json_field  # Django asks the database once for each process
    with CaptureQueriesContext(connection) as asked:
        status = client.get(address).status_code
    return status, len(asked)


def timed(ask: Callable[[], Any], rounds: int) -> list[float]:
    """Milliseconds of each round, after one to warm up.

    With SQLite everything happens in this process, so its processor time is taken, which nothing else here disturbs.
    """
    clock = time.process_time if connection.vendor == "sqlite" else time.perf_counter
    ask()
    spent = []
    for _ in range(rounds):
        begun = clock()
        ask()
        spent.append((clock() - begun) * 1000)
    return spent


def limit(world: World, rounds: int) -> float:
    """The median of a packets page whose keys come from one owner's index and nothing else."""
    owner = world.people[0]
    rows = Version.objects.filter(owner=owner).order_by("-pk").values_list("packet", flat=True)
    ours = lists.Listing.keys
    lists.Listing.keys = lambda self, *, limit, **_: list(dict.fromkeys(rows[:limit]))  # type: ignore[method-assign]
    try:
        client = signed_in(owner)
        return median(timed(lambda: client.get("/packets/?tab=all"), rounds))
    finally:
        lists.Listing.keys = ours  # type: ignore[method-assign]


def report(packets: int, rounds: int) -> int:
    """Print a line for each page and role; 1 when a budget is broken."""
    call_command("migrate", verbosity=0)
    begun = time.perf_counter()
    world = fill(packets)
    say(f"{packets} packets on {connection.vendor}, made in {time.perf_counter() - begun:.0f} s")
    say("The limit is the packets page read by one owner's index, measured again before each page.")
    say(f"{'page':24}{'viewer':16}{'statements':>11}{'p50 ms':>9}{'p95 ms':>9}{'x limit':>9}")
    floors, broken = list[float](), list[str]()
    for page in pages(world):
        floors.append(limit(world, rounds))
        lines = [measured(page, viewer, person, floors[-1], rounds) for viewer, person in world.viewers.items()]
        broken += filter(None, lines)
    say(f"limit: {median(floors):.1f} ms, from {min(floors):.1f} to {max(floors):.1f}")
    for told in broken:
        say(f"BROKEN: {told}")
    return 1 if broken else 0


def measured(page: Page, viewer: str, person: User, floor: float, rounds: int) -> str:
    """Prints the line; the sentence that says which budget is broken, or nothing."""
    client = signed_in(person)
    status, count = statements(client, page.address)
    spent = timed(lambda: client.get(page.address), rounds) if status == 200 else []
    if not spent:
        say(f"{page.name:24}{viewer:16}{count:>11}     answers {status}")
        return "" if status in (302, 404) else f"{page.name} answers {status} for {viewer}"
    times = median(spent) / floor
    say(f"{page.name:24}{viewer:16}{count:>11}{median(spent):>9.1f}{quantiles(spent, n=20)[-1]:>9.1f}{times:>9.2f}")
    if count > MOST:
        return f"{page.name} takes {count} statements for {viewer}, not {MOST}"
    if page.budget is not None and times > page.budget:
        return f"{page.name} takes {times:.1f} times the limit for {viewer}, not {page.budget}"
    return ""


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
