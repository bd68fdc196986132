"""What each page costs: statements and time, for each role, beside one limit of the same run."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from unittest.mock import patch

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.models import Version
from approvals.pages import lists
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
        Page("agents", "/agents/", LIST),
        Page("agents, newest", "/agents/?sort=newest", LIST),
        Page("agents of a team", f"/agents/?team={world.teams[0].name}", LIST),
        Page("agents of an owner", f"/agents/?owner={world.people[0].username}", LIST),
        Page("agents without", "/agents/?show=without", LIST),
        Page("who", "/who/?q=crm.customers"),
        Page("who, ends first", "/who/?q=crm.customers&sort=ends"),
        Page("record", "/record/", LIST),
        Page("record of agent", f"/record/?agent={agent}", LIST),
        Page("e-mails", "/letters/", LIST),
        Page("e-mails, oldest", "/letters/?sort=oldest", LIST),
        Page("e-mails of a packet", f"/letters/?packet=AP-{middle:04d}", LIST),
        Page("e-mails to somebody", f"/letters/?to={world.people[0].username}"),
        Page("e-mails not delivered", "/letters/?show=undelivered", LIST),
        Page("Why?", f"/why/?agent={agent}&did=git+diff+HEAD"),
    ]


def statements(client: Any, address: str) -> tuple[int, int]:
    """Status and number of statements, session and navigation counted."""
    _ = connection.features.supports_json_field  # Django asks the database once for each process
    with CaptureQueriesContext(connection) as asked:
        status = client.get(address).status_code
    return status, len(asked)


def spent() -> float:
    """Seconds of processor time so far, of this process and of the PostgreSQL process that answers it.

    Nothing else that runs here disturbs it, as it does the time on the clock. Without /proc only this process counts.
    """
    here = time.process_time()
    if connection.vendor != "postgresql":
        return here
    file = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return here + (int(file.read_text(encoding="ascii").split()[0]) / 1e9 if file.exists() else 0)


def alone() -> None:
    """PostgreSQL answers in one process, so that all of its work is counted."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET max_parallel_workers_per_gather = 0")


def in_turn(contenders: Sequence[Callable[[], Any]], rounds: int) -> list[list[float]]:
    """Milliseconds of each contender in each round: A B A B, after one round to warm up."""
    for ask in contenders:
        ask()
    found: list[list[float]] = [[] for _ in contenders]
    for _ in range(rounds):
        for ask, times in zip(contenders, found, strict=True):
            begun = spent()
            ask()
            times.append((spent() - begun) * 1000)
    return found


class Limit:
    """A packets page whose keys come from one owner's index and nothing else."""

    def __init__(self, world: World) -> None:
        owner = world.people[0]
        self.client = signed_in(owner)
        self.rows = Version.objects.filter(owner=owner).order_by("-pk").values_list("packet", flat=True)

    def __call__(self) -> None:
        with patch.object(lists.Listing, "keys", lambda _, *, limit, **__: list(dict.fromkeys(self.rows[:limit]))):
            self.client.get("/packets/?tab=all")


def report(packets: int, rounds: int) -> int:
    """Print a line for each page and role; 1 when a budget is broken."""
    call_command("migrate", verbosity=0)
    begun = time.perf_counter()
    world = fill(packets)
    say(f"{packets} packets on {connection.vendor}, made in {time.perf_counter() - begun:.0f} s")
    return compared(world, rounds)


def compared(world: World, rounds: int) -> int:
    """Every page as every viewer, each beside the limit. 1 when a budget is broken."""
    alone()
    say("The limit is the packets page read by one owner's index, measured in turn with each page.")
    say(f"{'page':24}{'viewer':16}{'statements':>11}{'p50 ms':>9}{'p95 ms':>9}{'x limit':>9}")
    limit = Limit(world)
    asked = [(page, viewer) for page in pages(world) for viewer in world.viewers]
    broken = [told for page, viewer in asked if (told := measured(page, viewer, world, limit, rounds))]
    for told in broken:
        say(f"BROKEN: {told}")
    return 1 if broken else 0


def measured(page: Page, viewer: str, world: World, limit: Limit, rounds: int) -> str:
    """Prints the line; the sentence that says which budget is broken, or nothing."""
    client = signed_in(world.viewers[viewer])
    status, count = statements(client, page.address)
    if status != 200:
        say(f"{page.name:24}{viewer:16}{count:>11}     answers {status}")
        return "" if status in (302, 404) else f"{page.name} answers {status} for {viewer}"
    floor, taken = in_turn([limit, lambda: client.get(page.address)], rounds)
    times = median(taken) / median(floor)
    say(f"{page.name:24}{viewer:16}{count:>11}{median(taken):>9.1f}{quantiles(taken, n=20)[-1]:>9.1f}{times:>9.2f}")
    if count > MOST:
        return f"{page.name} takes {count} statements for {viewer}, not {MOST}"
    if page.budget is not None and times > page.budget:
        return f"{page.name} takes {times:.1f} times the limit for {viewer}, not {page.budget}"
    return ""


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
