"""One person at one door: what comes back, what is different afterwards, and whether that is as the table says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from zeal import zeal_ignore

from tests.cast import rows_of
from tests.doors.addresses import Place
from tests.doors.table import Table
from tests.doors.typed import typed
from tests.doors.world import MINE, OWNERS, PLAYERS, THEIRS, World
from tests.pages.asking import signed_in

METHODS = ("GET", "POST", "PUT", "DELETE")
READS = ("SELECT", "SAVEPO", "RELEAS", "ROLLBA", "PRAGMA", "BEGIN", "EXPLAI")
# Tables that say who is here and how often somebody tried, and nothing of packets, people or rules.
# The last of them is allauth's copy of each account's own address, made whenever it looks for one.
PASSING = {"django_session", "portal_attempts", "portal_remembered", "usersessions_usersession", "account_emailaddress"}
OWN = {"approvals_event", "portal_user", "portal_historicaluser", "portal_historicaluser_groups", "mfa_authenticator",
       "approvals_workingcopy", "approvals_looking", "approvals_letter"}  # fmt: skip


@dataclass(frozen=True)
class Knock:
    """Who comes with what to which place. No player is nobody: not signed in."""

    method: str
    place: Place
    player: str | None
    role: str

    def __str__(self) -> str:
        who = f"{self.player or 'nobody'} ({self.role})"
        return f"{self.method} {self.place.path} [{self.place.name} {self.place.side} {self.place.state}] as {who}"


def role_at(place: Place, player: str | None, role: str) -> str:
    """A role at a place: a team's people are others at what is the other team's."""
    if role in ("owner", "team") and place.side == THEIRS:
        return "other"
    if player == OWNERS[THEIRS] and place.side == THEIRS:
        return "owner"
    return role


def knocks(places: list[Place], methods: tuple[str, ...] = METHODS) -> Iterator[Knock]:
    """Every combination of address, thing, method and person."""
    for place in places:
        for method in methods:
            for role, players in PLAYERS.items():
                for player in players:
                    yield Knock(method, place, player, role_at(place, player, role))


@dataclass
class Doors:
    """The world with a browser for everyone, and what the database held before anybody knocked."""

    world: World
    table: Table
    form: Callable[[Place, World], dict[str, Any]] = typed
    tried: int = 0
    leaks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cookies = {name: _session(self.world, name) for names in PLAYERS.values() for name in names}
        self.before = everything()
        self.secrets = {name: self._hidden_from(name) for name in self.cookies}

    def _hidden_from(self, name: str | None) -> list[str]:
        """The words this person may not read: of every side whose packets they do not see."""
        sides = (MINE, THEIRS)
        return [word for side in sides if not self._sees(name, side) for word in self.world.secrets(side)]

    def _sees(self, name: str | None, side: str) -> bool:
        """By who they are in the story, which is not asked of the code under test."""
        if name in (None, "leaver"):
            return False
        home = {"engineer": MINE, "teammate": MINE, "outsider": THEIRS, "clerk": ""}
        return home.get(str(name), side) == side

    def problems(self, knock: Knock) -> list[str]:
        """What is not as it should be, in words; the database is put back."""
        self.tried += 1
        with transaction.atomic(), Writing() as writing:
            response = self._ask(knock)
            changed = _differences(self.before, everything()) if writing.seen else []
            transaction.set_rollback(True)
        found = [*_judged(self.table, knock, response, changed), *self._told(knock, response)]
        return [f"{knock}: {problem}" for problem in found]

    def _ask(self, knock: Knock) -> Any:
        client = Client(raise_request_exception=False)
        client.cookies = SimpleCookie(self.cookies[knock.player])
        sent = [self.form(knock.place, self.world)] if knock.method == "POST" else []
        with zeal_ignore():
            return getattr(client, knock.method.lower())(knock.place.path, *sent)

    def _told(self, knock: Knock, response: Any) -> list[str]:
        """Whose words the answer holds that this person may not read, beside what they typed themselves."""
        body = response.getvalue().decode(errors="replace") + response.headers.get("Location", "")
        said = knock.place.tells() + str(self.form(knock.place, self.world) if knock.method == "POST" else "")
        leaked = [word for word in self.secrets[knock.player] if word in body and word not in said]
        self.leaks += leaked
        return [f"tells {', '.join(leaked)}"] if leaked else []


class Writing:
    """Notices every statement that is not a mere reading one."""

    def __init__(self) -> None:
        self.seen = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.seen = self.seen or not sql.lstrip().upper().startswith(READS)
        return execute(sql, params, many, context)

    def __enter__(self) -> Writing:
        self._wrapper = connection.execute_wrapper(self)
        self._wrapper.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._wrapper.__exit__(*error)


def _session(world: World, name: str | None) -> dict[str, str]:
    """The cookie of a session in which this person has just shown who they are."""
    if name is None:
        return {}
    client = signed_in(world.people[name])
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(world.people[name].pk)
    session.save()
    return {settings.SESSION_COOKIE_NAME: str(session.session_key)}


def everything() -> Mapping[str, list[tuple[Any, ...]]]:
    """Every row of every table that is worth a trace."""
    tables = connection.introspection.table_names()
    return {name: rows_of(name) for name in tables if name not in PASSING}


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [name for name, rows in after.items() if rows != before[name]]


def _judged(table: Table, knock: Knock, response: Any, changed: list[str]) -> Iterator[str]:
    """Each way in which this is not what the table says."""
    status, to = response.status_code, response.headers.get("Location", "")
    cell = table.expects(knock.method, knock.place.name, knock.place.state, knock.role)
    if knock.method not in ("GET", "POST"):
        yield from _odd(table, knock, status)
    elif not ANSWERS[cell](status, to):
        yield f"answered {status} {to}, the table says “{cell}”"
    if knock.method == "POST" and cell == "acts":
        if not changed and status < 400:
            yield "was to act, and nothing is different"
    elif changed and not (knock.method == "POST" and cell == "own" and set(changed) <= OWN):
        yield f"changed {', '.join(changed)}, the table says “{cell}”"


def _odd(table: Table, knock: Knock, status: int) -> Iterator[str]:
    """A method no page has opens nothing that GET does not open."""
    opens = table.expects("GET", knock.place.name, knock.place.state, knock.role)
    if status >= 500 or (status == 200 and opens not in ("see", "again")):
        yield f"answered {status}, where GET is “{opens}”"


def _is(*wanted: int) -> Callable[[int, str], bool]:
    return lambda status, to: status in wanted


ANSWERS: dict[str, Callable[[int, str], bool]] = {
    "see": _is(200),
    "again": _is(200, 400, 422),
    "acts": _is(200, 302),
    "own": _is(200, 302, 400, 422),
    "turn": lambda status, to: status == 302 and not to.startswith(("/sign-in/?", "/login/?")),
    "shut": lambda status, to: status == 302 and to.startswith("/login/?"),
    "sign-in": lambda status, to: status == 302 and to.startswith(("/sign-in/", "/login/?")),
    "no": _is(403, 409, 422),
    "403": _is(403),
    "404": _is(404),
    "405": _is(405),
}
