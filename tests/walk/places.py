"""Every page there is: each address of the URLconf, with each row of the demo it can be about, and each thing asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from approvals import validity
from approvals.models import Delivery, Event, Letter, SignOffRule, Version
from approvals.standing import standing_of
from approvals.starters import STARTERS
from approvals.vocabulary import EventKind, Level

# Of rows that differ in nothing a page could show, so many are looked at.
ENOUGH = 2

# What is asked of an address beyond the address itself: a name for the state → the query.
ASKED: dict[str, dict[str, str]] = {
    "packets": {
        **{tab: f"tab={tab}" for tab in ("mine", "waiting", "in-force", "ends-soon", "stopped", "ended", "all")},
        "found": "tab=all&q=docs", "found nothing": "q=there+is+no+such+thing", "beyond the end": "tab=all&older=x",
    },
    "agents": {"without": "show=without", "found nothing": "q=there+is+no+such+thing"},
    "letters": {"mine": "show=mine", "all": "show=all", "not delivered": "show=undelivered"},
    "who": {"found": "q=Bash", "found nothing": "q=there.is.none", "shell": "q=git+diff+HEAD"},
    "may": {
        "found": "agent=docs-writer", "stopped": "agent=deploy-bot", "narrowed": "agent=docs-writer&q=git",
        "unknown agent": "agent=there-is-none", "unreadable": "agent=docs-writer&q=%00",
    },
    "record": {
        "an agent": "agent=docs-writer", "found nothing": "agent=there-is-none",
        "a period": "since=2+days+ago&until=now", "unreadable": "since=yesteryear",
    },
    "audit-sample": {
        "drawn": "n=5&seed=7", "no seed": "n=5", "nothing": "since=2001-01-01&until=2001-01-02&n=5&seed=7",
    },
    "audit-evidence": {
        "a period": "since=2+days+ago&until=now", "nothing": "since=2001-01-01&until=2001-01-02",
        "unreadable": "since=yesteryear",
    },
    "why": {
        "would have allowed": "agent=docs-writer&did=git+diff+HEAD",
        "held": "agent=docs-writer&did=mcp__github__create_pull_request",
        "not allowed": "agent=docs-writer&did=rm+-rf+.",
        "stopped": "agent=deploy-bot&did=kubectl+get+pods",
        "ended": "agent=changelog-bot&did=git+diff+HEAD",
        "cannot say": "agent=docs-writer&did=git+diff+%22",
        "unknown agent": "agent=there-is-none&did=ls",
        "unreadable moment": "agent=docs-writer&did=ls&at=yesteryear",
    },
    "packet-new": {"run": "level=run"},
    "identity-stop": {"of deploy-bot": "identity=svc-deploy-bot", "unknown": "identity=there-is-none"},
    "admin:portal_user_changelist": {"found": "q=mara", "found nothing": "q=nobody", "filtered": "is_active__exact=1"},
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One page: the name of its address, the address, and what sets it apart from others of that name."""

    name: str
    path: str
    state: str = ""

    @property
    def kind(self) -> tuple[str, str]:
        """Two places of one kind differ only in whom or what they name."""
        return self.name, self.state

    def __str__(self) -> str:
        return f"{self.path} ({self.name}{', ' if self.state else ''}{self.state})"


@dataclass(frozen=True)
class Address:
    """One row of the URLconf: its name and what has to be filled in."""

    name: str
    blanks: tuple[str, ...]


def addresses() -> list[Address]:
    """Every named address. The admin's last one, which only says that nothing is there, has none."""
    return list(_addresses(get_resolver().url_patterns, "", ()))


def _addresses(patterns: Iterable[Any], space: str, before: tuple[str, ...]) -> Iterator[Address]:
    for one in patterns:
        blanks = before + tuple(one.pattern.regex.groupindex)
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from _addresses(one.url_patterns, inner, blanks)
        elif isinstance(one, URLPattern) and one.name:
            yield Address(space + one.name, blanks)


def places() -> list[Place]:
    """All of them that something here can fill in."""
    rows = _rows()
    found: dict[str, Place] = {}
    for address in addresses():
        for place in _at(address, rows):
            found.setdefault(place.path, place)  # the first address that fits is the one that answers
    return [*found.values(), Place("(none)", "/there-is-no-such-page/", "404")]


def unfilled() -> list[Address]:
    """The addresses nothing here can fill in."""
    rows = _rows()
    return [one for one in addresses() if _screen_rows(one) is None and tuple(sorted(one.blanks)) not in rows]


Row = tuple[str, dict[str, Any]]  # what sets it apart, and what is filled in


def _at(address: Address, rows: dict[tuple[str, ...], list[Row]]) -> Iterator[Place]:
    blanks = _screen_rows(address) or rows.get(tuple(sorted(address.blanks)), [])
    for state, values in blanks:
        try:
            path = reverse(address.name, kwargs=values)
        except NoReverseMatch:  # this row has no such page
            continue
        yield Place(address.name, path, state)
        for asked, query in ASKED.get(address.name, {}).items():
            yield Place(address.name, f"{path}?{query}", asked)


def _rows() -> dict[tuple[str, ...], list[Row]]:
    now = validity.now()
    versions = [(_standing(one, now), one) for one in Version.objects.for_page().order_by("pk")]
    latest = {one.packet.reference: standing for standing, one in versions}
    agents = {one.packet.agent.slug: standing for standing, one in versions}
    return {
        (): [("", {})],
        ("reference",): [(standing, {"reference": reference}) for reference, standing in latest.items()],
        ("number", "reference"): [
            (standing, {"reference": one.packet.reference, "number": one.number}) for standing, one in versions
        ],
        ("key", "uidb36"): [("used link", {"uidb36": "1", "key": "used-up"})],
        ("kind", "number", "reference"): [],  # files to take away
        ("number", "question", "reference"): [],  # only answered by POST
        ("number", "place", "reference"): [
            (standing, {"reference": one.packet.reference, "number": one.number, "place": 1})
            for standing, one in versions
            if one.findings
        ],
        ("slug",): [(standing, {"slug": slug}) for slug, standing in agents.items()],
        ("username",): [(name, {"username": name}) for name in ("engineer", "auditor")],
        ("pk",): _letters(),
        ("name",): [("", {"name": starter.name}) for starter in STARTERS],
        ("rule",): [("", {"rule": key}) for key in SignOffRule.objects.values_list("pk", flat=True)],
        ("event",): [("kept answer", {"event": key}) for key in _kept()],
        ("change", "verdict"): [],  # only settled by POST
        ("test",): [],  # only run by POST
        ("kind",): [],  # only tried by POST
        ("kind", "what"): [],  # only changed by POST
        ("delivery",): [("", {"delivery": key}) for key in Delivery.objects.values_list("pk", flat=True)[:ENOUGH]],
        ("app_label",): [(label, {"app_label": label}) for label in ("approvals", "portal", "auth")],
    }


def _kept() -> list[int]:
    rows = Event.objects.filter(kind=EventKind.ANSWER_KEPT)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:ENOUGH])


def _standing(version: Version, now: datetime) -> str:
    return standing_of(version, now) + (" run" if version.packet.level == Level.RUN else "")


def _letters() -> list[Row]:
    """Some of each occasion and state."""
    kinds: dict[str, list[Row]] = defaultdict(list)
    for letter in Letter.objects.order_by("pk"):
        words = str(letter.subject).partition(" ")[2]
        kind = " ".join(word for word in words.split()[2:4])
        kinds[kind].append((f"letter {letter.state}", {"pk": letter.pk}))
    return [row for rows in kinds.values() for row in rows[:ENOUGH]]


def _screen_rows(address: Address) -> list[Row] | None:
    """The rows of a stock screen that is about one; None for what is none."""
    for model in admin.site._registry:
        stem = f"admin:{model._meta.app_label}_{model._meta.model_name}_"
        password = f"admin:{model._meta.app_label}_{model._meta.model_name}_password_change"
        if address.name.startswith(stem) or address.name in (password, "admin:auth_user_password_change"):
            keys = list(model._default_manager.order_by("pk").values_list("pk", flat=True))
            if address.name == "admin:auth_user_password_change" and model._meta.model_name != "user":
                continue
            some = dict.fromkeys([*keys[:1], *keys[-1:]])
            return [("", dict.fromkeys(address.blanks, key)) for key in some] if address.blanks else [("", {})]
    return None
