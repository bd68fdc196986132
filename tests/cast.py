"""The people of the tests, a clock they can move, and versions walked through the verbs: never by setting fields.

Everything here is a fixture (`cast`, `clock`, `drafted`, `in_review`, `in_force` …) or a plain function to import
(`content`, `refused`, `no_trace`, `kinds`, `latest`, `sign`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection

from approvals import transitions, validity
from approvals.content import Content
from approvals.errors import Refused
from approvals.models import Event, Packet, Presence, Pulse, SignOffRule, Version
from approvals.transitions import Seen
from approvals.vocabulary import EventKind, Role, State, Verdict
from portal.models import User
from tests import present
from tests.contents import content as content
from tests.contents import run_content as run_content
from tests.contents import working_day as working_day

PASSWORD = "a long enough password for tests"
TEAM, OTHER_TEAM = "Web platform", "Billing"
MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
ONE_OF_SECURITY = {"Security": 1}
DECIDES_NOTHING = (Presence, Pulse)  # to have shown who one is, and signs of life
PEOPLE = {  # username: given name, family name, groups
    "engineer": ("Erin", "Ek", (TEAM, Role.ENGINEERS)),
    "teammate": ("Tomás", "Ortiz", (TEAM, Role.ENGINEERS)),
    "outsider": ("Olga", "Olsen", (OTHER_TEAM, Role.ENGINEERS)),
    "security": ("Sam", "Sato", (Role.SECURITY,)),
    "security2": ("Sofia", "Silva", (Role.SECURITY,)),
    "auditor": ("Ada", "Aydin", (Role.AUDITORS,)),
    "responder": ("Ravi", "Rao", (Role.RESPONDERS,)),
    "admin": ("Alex", "Adler", (Role.ADMINISTRATORS,)),
}


@dataclass
class Cast:
    """The demo accounts. `admin` is a superuser and has no seat; more people come on demand."""

    engineer: User
    teammate: User
    outsider: User
    security: User
    security2: User
    auditor: User
    responder: User
    admin: User
    team: Group
    other_team: Group
    more: dict[str, User] = field(default_factory=dict)

    def person(self, username: str, *groups: str) -> User:
        """One more person, in these groups (made when they are not there); the same person for the same name."""
        if username not in self.more:
            self.more[username] = person(username, username.capitalize(), "More", groups)
        return self.more[username]

    def signers(self, count: int, group: str = Role.SECURITY) -> list[User]:
        """That many more people of a group; nobody of the cast is among them."""
        return [self.person(f"{group.lower().replace(' ', '')}-signer{number}", group) for number in range(count)]

    def everyone(self) -> list[User]:
        """The eight accounts, then whoever came on demand."""
        return [getattr(self, name) for name in PEOPLE] + list(self.more.values())


def person(username: str, first: str, last: str, groups: tuple[str, ...], **columns: Any) -> User:
    """An account with a human name, an address, a password and its groups."""
    made = User.objects.create_user(
        username, f"{username}@example.org", PASSWORD, first_name=first, last_name=last, **columns
    )
    made.groups.add(*(Group.objects.get_or_create(name=str(name))[0] for name in groups))
    return made


@pytest.fixture
def cast(db: None) -> Cast:
    """The demo accounts, in their groups."""
    people: dict[str, Any] = {
        name: person(name, first, last, groups, is_staff=name == "admin", is_superuser=name == "admin")
        for name, (first, last, groups) in PEOPLE.items()
    }
    return Cast(**people, team=Group.objects.get(name=TEAM), other_team=Group.objects.get(name=OTHER_TEAM))


class Clock:
    """The portal's clock, standing still. Only `validity.now()` is stopped: servers and browsers go on living."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def to(self, moment: datetime) -> datetime:
        """Stand at this instant."""
        self.moment = moment
        return moment

    def forward(self, **by: float) -> datetime:
        """Go on by days=, hours=, seconds= …"""
        return self.to(self.moment + timedelta(**by))

    def just_before(self, moment: datetime) -> datetime:
        """Stand one microsecond before this instant."""
        return self.to(moment - MICROSECOND)

    def now(self, zone: Any = None) -> datetime:
        """What `datetime.now` says to `validity`."""
        return self.moment


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock stands on Monday 2 November 2026, 09:00 UTC, until the test moves it."""
    stopped = Clock(MONDAY)
    monkeypatch.setattr(validity, "datetime", stopped)
    return stopped


def rules_ask(seats: Mapping[str, int], *, longest_life: int = 400) -> None:
    """From now on every version needs these signatures: group name, or "team", to how many."""
    for rule in SignOffRule.objects.filter(is_active=True):
        rule.is_active = False
        rule.save()
    for name, count in seats.items():
        group = None if name == "team" else Group.objects.get_or_create(name=name)[0]
        rule, _ = SignOffRule.objects.get_or_create(name=f"{count} of {name}", defaults={"longest_life": longest_life})
        rule.group, rule.count, rule.longest_life, rule.is_active = group, count, longest_life, True
        rule.save()


Walk = Callable[..., Version]


def latest(version: Version) -> Version:
    """The version as the database has it now."""
    found: Version = Version.objects.for_page().get(pk=version.pk)
    return found


def sign(version: Version, actor: User, reason: str = "The scope is narrow.", **kwargs: Any) -> Version:
    """One signature by someone who has the version as it is now before their eyes; the version afterwards."""
    if kwargs.get("cuts"):
        kwargs.setdefault("verdict", Verdict.APPROVE_NARROWER)
    present.sign(version.pk, seen=Seen.of(latest(version)), actor=actor, reason=reason, **kwargs)
    return latest(version)


@pytest.fixture
def drafted(cast: Cast) -> Walk:
    """drafted(actor=…, **changes of content): version 1 of a new packet, as a draft."""

    def walk(
        *, actor: User | None = None, team: Group | None = None, body: Content | None = None, **changes: Any
    ) -> Version:
        return latest(transitions.draft(body or content(**changes), actor=actor or cast.engineer, team=team))

    return walk


@pytest.fixture
def in_review(cast: Cast, drafted: Walk) -> Walk:
    """in_review(seats={"Security": 1}, **changes of content): submitted; seats=None asks the rules as they are.

    Whoever is missing to fill the seats comes on demand. `of` is a draft that is there already.
    """

    def walk(
        *, seats: Mapping[str, int] | None = ONE_OF_SECURITY, of: Version | None = None, **changes: Any
    ) -> Version:
        version = of or drafted(**changes)
        if seats is not None:
            rules_ask(seats)
            _staff(cast, seats)
        return latest(
            transitions.submit(version.pk, seen=Seen.of(version), actor=changes.get("actor") or cast.engineer)
        )

    return walk


def _staff(cast: Cast, seats: Mapping[str, int]) -> None:
    """People enough for these seats: authors never sign, so one more of the team than asked."""
    for name, count in seats.items():
        group = TEAM if name == "team" else name
        there = User.objects.filter(groups__name=group, is_active=True).count()
        cast.signers(count - there + (2 if name == "team" else 0), group)


@pytest.fixture
def in_force(cast: Cast, in_review: Walk) -> Walk:
    """in_force(**as in_review): every signature given. `starts` in the future makes it scheduled; `of` is a draft."""

    def walk(**changes: Any) -> Version:
        version = in_review(**changes)
        for seat in version.seats.filter(decision__isnull=True).order_by("position"):
            sign(version, _free_member(version, seat.group))
        assert latest(version).state == State.APPROVED
        return latest(version)

    return walk


def _free_member(version: Version, group: Group) -> User:
    """Someone of the group who has not written the version and not decided on it."""
    taken = {*version.decisions.values_list("person", flat=True), *version.editors.values_list("pk", flat=True)}
    return User.objects.filter(groups=group, is_active=True).exclude(pk__in=taken).order_by("pk")[0]


@pytest.fixture
def ended(in_force: Walk, clock: Clock) -> Walk:
    """ended(**as in_force): the clock stands at its end, and nobody has written that down yet."""

    def walk(**changes: Any) -> Version:
        version = in_force(**changes)
        clock.to(version.ends_at or MONDAY)
        return version

    return walk


@pytest.fixture
def renewed(cast: Cast, in_force: Walk) -> Walk:
    """renewed(version, **as in_review): the next version of the packet, approved; it supersedes the one given."""

    def walk(version: Version, *, ends: datetime | None = None, seats: Mapping[str, int] | None = None) -> Version:
        draft = transitions.renew(version.pk, actor=cast.engineer, ends=ends)
        return in_force(of=draft, seats=seats)

    return walk


@pytest.fixture
def suspended(cast: Cast, in_force: Walk) -> Walk:
    """suspended(**as in_force): stopped by a responder."""

    def walk(**changes: Any) -> Version:
        version = in_force(**changes)
        transitions.suspend(version.packet_id, actor=cast.responder, reason="It deleted a branch.")
        return latest(version)

    return walk


@pytest.fixture
def revoked(cast: Cast, in_force: Walk) -> Walk:
    """revoked(**as in_force): ended for good by Security."""

    def walk(**changes: Any) -> Version:
        version = in_force(**changes)
        transitions.revoke(version.packet_id, actor=cast.security, reason="The agent is retired.")
        return latest(version)

    return walk


def kinds(about: Version | Packet) -> list[EventKind]:
    """The kinds of the events of a version or packet, oldest first."""
    events = Event.objects.filter(**{"version" if isinstance(about, Version) else "packet": about})
    return [EventKind(kind) for kind in events.order_by("pk").values_list("kind", flat=True)]


@contextmanager
def refused(code: str) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """What happens inside is refused with this code, in a full sentence."""
    with pytest.raises(Refused) as caught:
        yield caught
    assert caught.value.code == code, f"refused “{caught.value.code}”: {caught.value}"
    assert caught.value.message.rstrip().endswith((".", "?", "”"))


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that the life of packets touches, for comparing before and after."""
    return {table: rows_of(table) for table in _tables()}


@cache
def _tables() -> list[str]:
    models: list[Any] = [*apps.get_app_config("approvals").get_models(include_auto_created=True), Group, User]
    return [model._meta.db_table for model in models if model not in DECIDES_NOTHING]


def rows_of(table: str) -> list[tuple[Any, ...]]:
    """Every row of this table, in the order of its first column."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
        return list(cursor.fetchall())


@contextmanager
def no_trace() -> Iterator[None]:
    """Nothing in the database is different afterwards."""
    before = everything()
    yield
    after = everything()
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
