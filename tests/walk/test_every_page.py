"""Every page and state, as every account of the demo, in every look: no fault of any kind.

In `make test` nobody and one engineer see one page of each address, and every state is seen, in one look each;
`make proofs` goes through the full product. A page that is added is found by its address; nothing has to be
listed here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser

from portal.demo.people import PEOPLE
from tests.conftest import PROOFS_FULL
from tests.walk.demo import NOBODY, Demo, client_of
from tests.walk.faults import Eyes, eyes
from tests.walk.looks import LOOKS, Look
from tests.walk.places import Place, addresses
from tests.walk.states import STATES, State

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Everybody in `make proofs`, which takes its time; every day nobody and one engineer, and every state below.
WALKERS = (NOBODY, *PEOPLE) if PROOFS_FULL else (NOBODY, "outsider")
NO_PAGE = {"act", "file", "part"}
ENDS_THE_SESSION = {"sign-out", "account_logout", "end-every-session", "admin:logout"}


@dataclass
class World:
    """The demo, and what has been seen of it so far."""

    demo: Demo
    seen: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))  # kind → looks
    outcomes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # address → what GET answered
    pages: Counter[str] = field(default_factory=Counter)  # account → pages
    checks: int = 0
    states: int = 0
    unsure: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def world(demo: Demo) -> World:
    """One for the whole file."""
    return World(demo)


def outcome(client: Client, place: Place) -> str:
    """What GET answers: a page, an act (only POST), a file, part of a page, another address, or a refusal's number."""
    answer = client.get(place.path)
    assert answer.status_code < 500, f"{place} answered {answer.status_code}."
    if answer.status_code in (301, 302):
        return "elsewhere"
    if answer.status_code == 405:
        return "act"
    if "text/html" not in answer.headers.get("Content-Type", ""):
        return "file"
    if b"<html" not in answer.content:
        return "part"
    return "page" if answer.status_code == 200 else str(answer.status_code)


def shown_to(client: Client, world: World, found: list[Place], full: bool) -> Iterator[Place]:
    """What this account gets a page for.

    Unless in full: one of each address and of a sort of refusals, and none that others have seen in every look.
    """
    once: set[Any] = set()
    for place in found:
        known = world.outcomes[place.name]
        if place.name in ENDS_THE_SESSION or (known & NO_PAGE and "page" not in known):
            continue
        if not full and (place.name in once or len(world.seen[place.kind]) == len(LOOKS)):
            continue
        answered = outcome(client, place)
        world.outcomes[place.name].add(answered)
        if answered == "page":
            once |= {place.name, place.kind}
            yield place
        elif answered.isdigit() and (refusal := kind_of_refusal(place, answered)) not in once:
            once.add(refusal)
            yield Place(place.name, place.path, f"{place.state} {answered}")


def kind_of_refusal(place: Place, answered: str) -> tuple[str, ...]:
    """Nothing there looks the same everywhere; every question has an answer of its own, every address its reasons."""
    if "?" in place.path:
        return (*place.kind, answered)
    return (answered,) if answered == "404" else (place.name, answered)


def looks_for(world: World, place: Place, turn: int, full: bool) -> list[Look]:
    """All looks in full; otherwise one that nobody has seen this kind of page in, or whose turn it is."""
    if full:
        return list(LOOKS)
    missing = [look for look in LOOKS if look.name not in world.seen[place.kind]]
    return missing[:1] or [LOOKS[turn % len(LOOKS)]]


def look_at(world: World, viewer: Eyes, place: Place, looks: list[Look]) -> list[str]:
    """The faults of one page."""
    answer = viewer.page.goto(world.demo.url + place.path)
    assert answer is not None
    found = faults_of(world, viewer, place, looks)
    return [f"{place}: {one}" for one in found]


def faults_of(world: World, viewer: Eyes, place: Place, looks: list[Look]) -> list[str]:
    found = viewer.misfits() if not world.seen[place.kind] or looks == list(LOOKS) else []
    for look in looks:
        found += viewer.faults(look)
        world.seen[place.kind].add(look.name)
    return found


@pytest.mark.parametrize("name", WALKERS)
def test_no_page_has_a_fault(name: str, world: World, browser: Browser, full_scale: bool) -> None:
    client = client_of(name)
    viewer = eyes(world.demo.browser_of(name, browser))
    found: list[str] = []
    for turn, place in enumerate(shown_to(client, world, world.demo.places, full_scale)):
        found += look_at(world, viewer, place, looks_for(world, place, turn, full_scale))
        world.pages[name] += 1
    finish(world, viewer)
    assert not found, "\n".join(found)
    assert world.pages[name]


@pytest.mark.parametrize("state", STATES, ids=lambda state: f"{state.who} {state.name}".replace(" ", "-"))
def test_no_state_has_a_fault(state: State, world: World, browser: Browser, full_scale: bool) -> None:
    viewer = eyes(world.demo.browser_of(state.who, browser))
    viewer.page.goto(world.demo.url + world.demo.first(state.who, state.address, state.of, state.holding))
    state.reach(viewer.page)
    looks = list(LOOKS) if full_scale else [LOOKS[STATES.index(state) % len(LOOKS)]]
    found = faults_of(world, viewer, Place("state", viewer.page.url, state.name), looks)
    world.states += 1
    finish(world, viewer)
    assert not found, "\n".join(found)


def test_the_looks_nobody_took_are_taken(world: World, browser: Browser, full_scale: bool) -> None:
    """A page that one account alone has was seen in one look by then."""
    found: list[str] = []
    lonely = [place for place in world.demo.places if 0 < len(world.seen[place.kind]) < len(LOOKS)]
    for name in WALKERS if full_scale else (NOBODY,):
        client = client_of(name)
        viewer = eyes(world.demo.browser_of(name, browser))
        for place in shown_to(client, world, lonely, full=False):
            missing = [look for look in LOOKS if look.name not in world.seen[place.kind]]
            if missing:
                found += look_at(world, viewer, place, missing)
        finish(world, viewer)
    assert not found, "\n".join(found)


def test_every_address_was_seen_by_somebody(world: World, full_scale: bool) -> None:
    """Whatever GET answers with a page has been looked at, once everybody has walked.

    Which stock screens nobody has, test_stock_screens holds.
    """
    if len(world.pages) < len(WALKERS):
        pytest.fail("This counts what the tests above saw: run the whole file.")
    unseen = [
        f"Nobody saw a page at {one.name} (answers: {sorted(world.outcomes[one.name]) or 'none'}): name a row of the "
        "demo that has one in tests/walk/places.py, or give the demo such a row."
        for one in addresses()
        if not one.name.startswith("admin:")
        and one.name not in ENDS_THE_SESSION
        and not world.outcomes[one.name] & {"page", "elsewhere", *NO_PAGE}
    ]
    assert not (full_scale and unseen), "\n".join(unseen)
    print(
        f"walked: {len(world.pages) - 1} accounts and nobody, {sum(world.pages.values())} pages of {len(world.seen)} "
        f"kinds, {world.states} states, {world.checks} checks, 0 faults; {len(world.unsure)} results to look at by eye"
    )


def finish(world: World, viewer: Eyes) -> None:
    world.checks += viewer.checks
    world.unsure |= set(viewer.unsure)
    viewer.context.close()
