"""A large installation in seconds: agents, packets, versions, lines, seats, events and sights, the same each time.

Rows are written in bulk, not by the verbs: what the tests of the pages need is their number and their shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from approvals import validity
from approvals.models import (
    Agent,
    Event,
    Grant,
    Letter,
    Packet,
    PacketGroupSight,
    PacketUserSight,
    SearchTerm,
    Seat,
    Suspension,
    Version,
)
from approvals.terms import terms_of
from approvals.vocabulary import EventKind, Field, LetterState, Role, State
from portal.models import User
from tests.bench.pouring import catch_up, pour

JOBS = (
    "Triage new issues", "Rotate expiring keys", "Answer tickets", "Review dependencies", "Draft release notes",
    "Clean stale branches", "Reconcile invoices", "Index documents", "Watch error budgets", "Label photos",
)  # fmt: skip
TOOLS = (
    "mcp__github__list_issues", "Bash(git diff *)", "zendesk(get_ticket)", "Read(docs/**)", "jira(search_issues)",
    "mcp__sentry__get_event", "crm.customers(read)", "WebFetch(domain:docs.python.org)",
)  # fmt: skip
RARE = "okapi"  # stands in a few packets only
DIGEST = "0" * 64


@dataclass
class World:
    """Who is there, and how much of everything."""

    packets: int
    now: datetime
    teams: list[Group]
    people: list[User]
    viewers: dict[str, User]
    random: Random

    @property
    def agents(self) -> int:
        return max(self.packets // 40, 4)

    def owner(self, packet: int) -> User:
        """People of a team own its agents' packets."""
        team = self.team(packet)
        mine = self.people[team :: len(self.teams)]
        return mine[packet % len(mine)]

    def agent(self, packet: int) -> int:
        return packet % self.agents + 1

    def team(self, packet: int) -> int:
        return (self.agent(packet) - 1) % len(self.teams)


def fill(packets: int) -> World:
    """Make so many packets, with everything that belongs to them. Into an empty database."""
    world = World(packets, validity.now(), *_people(packets), Random(7))
    with transaction.atomic():
        _agents(world)
        kinds = [_kind(world, number) for number in range(1, packets + 1)]
        pour(Packet, _packets(world, kinds), level="system")
        pour(Version, (row for number, kind in enumerate(kinds, 1) for row in _versions(world, number, kind)))
        pour(Grant, _grants(world, kinds), field=Field.TOOLS.value)
        pour(Seat, _seats(world, kinds))
        pour(Suspension, _suspensions(world, kinds), since=world.now - timedelta(days=1), reason="It deleted a branch.")
        pour(Event, _events(world, kinds), body=b'{"detail":{}}', request_id="")
        pour(SearchTerm, _terms(world))
        pour(Letter, _letters(world, kinds), text="It is approved.", html="<p>It is approved.</p>")
        _sights(world, kinds)
    catch_up()
    return world


def fill_ending(packets: int, owners: int, ends: datetime) -> World:
    """So many packets in force that all end at one instant, owned in turn by so many people with an address."""
    team, now = Group.objects.create(name="Team 000"), validity.now()
    names = (f"owner{number:05d}" for number in range(owners))
    pour(User, ({"username": name, "email": f"{name}@example.org"} for name in names), password="!", time_zone="UTC",
         date_joined=now)  # fmt: skip
    people = list(User.objects.filter(username__startswith="owner").order_by("username"))
    world = World(packets, now, [team], people, {}, Random(7))
    right = Permission.objects.get(content_type__app_label="approvals", codename="view_packet").pk
    numbers, begun = range(1, packets + 1), now - timedelta(days=100)
    with transaction.atomic():
        _agents(world)
        pour(Packet, _packets(world, ["ends soon"] * packets), level="system")
        pour(Version, (_version(world, number, 1, State.APPROVED, begun, ends, None) for number in numbers))
        sights = ({"content_object_id": number, "user_id": world.owner(number).pk} for number in numbers)
        pour(PacketUserSight, sights, permission_id=right)
    catch_up()
    return world


def _people(packets: int) -> tuple[list[Group], list[User], dict[str, User]]:
    """Teams of about ten, and one viewer for each role; `one` sees a tenth of everything, by name."""
    count = max(packets // 100, 20)
    teams = [Group.objects.create(name=f"Team {number:03d}") for number in range(max(count // 10, 3))]
    stem = {"password": "!", "time_zone": "UTC"}
    pour(User, ({"username": f"person{n:05d}", "first_name": "Ada", "last_name": f"Number{n}"} for n in range(count)),
         date_joined=validity.now(), **stem)  # fmt: skip
    people = list(User.objects.filter(username__startswith="person").order_by("username"))
    for number, person in enumerate(people):
        person.groups.add(teams[number % len(teams)])
    viewers = {"owner": people[0]}
    for role in (Role.SECURITY, Role.AUDITORS, Role.RESPONDERS, Role.ADMINISTRATORS):
        viewers[role.value.lower()] = User.objects.create(username=role.value.lower())
        viewers[role.value.lower()].groups.add(Group.objects.get(name=role))
    viewers["outsider"] = User.objects.create(username="outsider-of-all")
    viewers["many shares"] = User.objects.create(username="many-shares")
    return teams, people, viewers


def _agents(world: World) -> None:
    pour(Agent, (
        {"id": n, "slug": f"agent-{n:06d}", "team_id": world.teams[(n - 1) % len(world.teams)].pk}
        for n in range(1, world.agents + 1)
    ), added_at=world.now, added_by_id=world.people[0].pk, is_active=True)  # fmt: skip


SHARES = (("in force", 50), ("ended", 26), ("renewed", 6), ("in review", 5), ("draft", 5), ("rejected", 3),
          ("revoked", 2), ("ends soon", 2), ("suspended", 1))  # fmt: skip


def _kind(world: World, number: int) -> str:
    """How this packet stands: drawn, so that old and new ones are mixed."""
    return world.random.choices([name for name, _ in SHARES], [share for _, share in SHARES])[0]


def _packets(world: World, kinds: list[str]) -> Iterator[dict[str, Any]]:
    for number, kind in enumerate(kinds, 1):
        over = world.now - timedelta(days=3) if kind == "revoked" else None
        yield {
            "id": number, "reference": f"AP-{number:04d}", "agent_id": world.agent(number),
            "created_at": world.now - timedelta(days=200), "created_by_id": world.owner(number).pk, "revoked_at": over,
            "revoked_by_id": world.people[0].pk if over else None,
        }  # fmt: skip


def _versions(world: World, number: int, kind: str) -> Iterator[dict[str, Any]]:
    """One version, or two when the packet was renewed. Its key is twice its packet's, less one for the first."""
    begun = world.now - timedelta(days=100)
    ends = world.now + timedelta(days=31 + number % 300, seconds=number % 86400)
    if kind == "ended":
        ends = world.now - timedelta(days=1 + number % 90)
    if kind == "ends soon":
        ends = world.now + timedelta(days=1 + number % 13)
    state = {"in review": State.IN_REVIEW, "draft": State.DRAFT, "rejected": State.REJECTED}.get(kind, State.APPROVED)
    again = world.now - timedelta(days=9) if kind == "renewed" else None
    yield _version(world, number, 1, state, begun, ends, again)
    if again:
        yield _version(world, number, 2, state, again, ends, None)


def _version(
    world: World, number: int, which: int, state: State, begun: datetime, ends: datetime, superseded: datetime | None
) -> dict[str, Any]:
    owner, approved, sent = world.owner(number).pk, state is State.APPROVED, state is not State.DRAFT
    job, identity, lines = said(number)
    return {
        "id": 2 * number - 2 + which, "packet_id": number, "number": which, "state": state.value, "owner_id": owner,
        "rollback_owner_id": owner, "created_by_id": owner, "created_at": begun, "job": job, "identity": identity,
        "lines": {"tools": lines}, "run_record_location": "s3://runs/", "retention_days": 365, "rollback_path": "Stop.",
        "ends": ends, "submitted_at": begun if sent else None, "submitted_by_id": owner if sent else None,
        "digest": DIGEST if sent else "", "content": b"{}", "tier": ("low", "medium", "high")[number % 3],
        "change": "new", "answer_by": begun + timedelta(days=101 + number % 5) if state is State.IN_REVIEW else None,
        "last_event_at": world.now, "in_force_from": begun if approved else None, "ends_at": ends if approved else None,
        "superseded_at": superseded, "reminder_days": [30, 14, 7],
    }  # fmt: skip


def said(number: int) -> tuple[str, str, list[str]]:
    """Job, identity and lines of one packet."""
    rare = f" Feeds the {RARE}." if number % 9973 == 17 else ""
    lines = [TOOLS[(number + step) % len(TOOLS)] for step in range(3)]
    return f"{JOBS[number % len(JOBS)]} of area {number % 1000}.{rare}", f"svc-area-{number % 5000}", lines


def _grants(world: World, kinds: list[str]) -> Iterator[dict[str, Any]]:
    for number, kind in enumerate(kinds, 1):
        for place, line in enumerate(said(number)[2], 1):
            target, bracket, method = line.partition("(")
            yield {
                "version_id": 2 * number - (0 if kind == "renewed" else 1), "position": place, "target": target,
                "method": method.rstrip(")") if bracket else None,
            }  # fmt: skip


def _seats(world: World, kinds: list[str]) -> Iterator[dict[str, Any]]:
    security = Group.objects.get(name=Role.SECURITY).pk
    for number, kind in enumerate(kinds, 1):
        if kind == "in review":
            yield {"version_id": 2 * number - 1, "group_id": security, "position": 1}


def _suspensions(world: World, kinds: list[str]) -> Iterator[dict[str, Any]]:
    for number, kind in enumerate(kinds, 1):
        if kind == "suspended":
            yield {"packet_id": number, "by_id": world.people[0].pk, "by_name": "Ada"}


def _events(world: World, kinds: list[str]) -> Iterator[dict[str, Any]]:
    for number in range(1, len(kinds) + 1):
        owner, at = world.owner(number), world.now - timedelta(days=100)
        for kind in (EventKind.DRAFTED, EventKind.SUBMITTED, EventKind.SIGNED):
            yield {
                "kind": kind.value, "packet_id": number, "version_id": 2 * number - 1, "agent_id": world.agent(number),
                "actor_id": owner.pk, "actor_name": owner.printed_name, "effective_at": at, "recorded_at": at,
            }  # fmt: skip


def _letters(world: World, kinds: list[str]) -> Iterator[dict[str, Any]]:
    """One to each owner for each packet that was sent in; one in a thousand was not delivered."""
    for number, kind in enumerate(kinds, 1):
        if kind == "draft":
            continue
        owner, at = world.owner(number), world.now - timedelta(days=100) + timedelta(seconds=number)
        state = LetterState.FAILED if number % 1000 == 0 else LetterState.SENT
        yield {
            "key": f"bench-{number}", "version_id": 2 * number - 1, "recipient_id": owner.pk,
            "address": f"{owner.username}@example.org", "subject": f"AP-{number:04d} v1 is approved",
            "state": state.value, "written_at": at, "next_attempt_at": at, "settled_at": at,
        }  # fmt: skip


def _terms(world: World) -> Iterator[dict[str, Any]]:
    for number in range(1, world.packets + 1):
        job, identity, lines = said(number)
        for term in sorted(terms_of([f"AP-{number:04d}", f"agent-{world.agent(number):06d}", identity, job, *lines])):
            yield {"packet_id": number, "term": term}


def _sights(world: World, kinds: list[str]) -> None:
    """As `access` would write them: owner, team, Security where it signs; a tenth shared with one person."""
    right = Permission.objects.get(content_type__app_label="approvals", codename="view_packet").pk
    security, shared = Group.objects.get(name=Role.SECURITY).pk, world.viewers["many shares"].pk
    numbers = range(1, len(kinds) + 1)
    by_name = [(number, world.owner(number).pk) for number in numbers]
    by_name += [(number, shared) for number in numbers if number % 10 == 0]
    groups = [(number, world.teams[world.team(number)].pk) for number in numbers] + [(n, security) for n in numbers]
    pour(PacketUserSight, ({"content_object_id": n, "user_id": who} for n, who in by_name), permission_id=right)
    pour(PacketGroupSight, ({"content_object_id": n, "group_id": who} for n, who in groups), permission_id=right)
