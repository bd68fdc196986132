"""Whether the columns of an event say what its sealed body says: pages read the columns, the seal covers the body."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import F, TextField
from django.db.models.functions import Cast

from approvals.content import normal

# As a leaf reaches them. Instants as the database writes them in UTC: made into datetimes they cost more than the hash.
BESIDE: tuple[Any, ...] = (
    "event__kind", "event__actor_name", Cast("event__effective_at", TextField()),
    Cast("event__recorded_at", TextField()), "event__request_id", "event__packet__reference",
    "event__version__number", "event__agent__slug", "event__actor_id", "event__actor__username",
    F("event__packet_id"), F("event__version__packet_id"),
)  # fmt: skip
Columns = tuple[Any, ...]
WHOLE = len("2026-11-28 07:00:00.500000")
_quoted = json.JSONEncoder(ensure_ascii=False).encode


def agree(body: bytes, columns: Columns) -> bool:
    """Whether the body begins and ends as these columns make it: canonical JSON, all but the detail in its middle.

    False says only that it takes a closer look.
    """
    kind, name, effective, recorded, request, packet, version, agent, _, username, of, versions = columns
    begins, ends = _frame(kind, name, username, packet, version, agent)
    at = instant(recorded)
    end = ends % (at if effective == recorded else instant(effective), at, _json(request))
    return body.startswith(begins) and body.endswith(end.encode()) and (version is None or of == versions)


@lru_cache(maxsize=4_096)
def _frame(
    kind: str, name: str, username: str | None, packet: str | None, version: int | None, agent: str | None
) -> tuple[bytes, str]:
    """What many events have alike: how they begin, and how they end with room for what each has of its own."""
    who = {"system": name} if username is None else {"name": name, "username": username}
    actor = ",".join(f'"{key}":{_json(value)}' for key, value in who.items())
    what, place = (_json(value).replace("%", "%%") for value in (kind, packet))
    number = "null" if version is None else version
    return (
        f'{{"actor":{{{actor}}},"agent":{_json(agent)},"detail":{{'.encode(),
        f'}},"effective_at":"%s","kind":{what},"packet":{place},"recorded_at":"%s","request_id":%s,"version":{number}}}',
    )


def _json(value: Any) -> str:
    """A text as canonical JSON writes it; what is no text agrees with none."""
    return _quoted(value) if value is None or isinstance(value, str) else repr(value)


def instant(text: str | None) -> str:
    """As the record writes instants what the database writes as 2026-11-28 07:00:00.5+00."""
    text = (text or "").removesuffix("+00")
    return f"{text[:10]}T{text[11:]}Z" if len(text) == WHOLE else f"{text[:10]}T{text[11:19]}.{text[20:]:0<6}Z"


def differing(body: bytes, columns: Columns) -> str:
    """The column that does not say what the sealed body says; empty when all do."""
    try:
        return _first(json.loads(body), *columns)
    except (ValueError, TypeError, KeyError, AttributeError):
        return "body"


def _first(
    told: dict[str, Any], kind: str, name: str, effective: str, recorded: str, request: str, packet: str | None,
    version: int | None, agent: str | None, person: int | None, username: str | None, of: int | None,
    versions: int | None,
) -> str:  # fmt: skip
    actor = told["actor"]
    beside = (
        ("kind", told["kind"], kind), ("effective_at", told["effective_at"], instant(effective)),
        ("recorded_at", told["recorded_at"], instant(recorded)), ("request_id", told["request_id"], request),
        ("packet", told["packet"], packet), ("version", told["version"], version), ("agent", told["agent"], agent),
        ("actor_name", actor.get("name", actor.get("system")), name),
    )  # fmt: skip
    for column, sealed, stored in beside:
        if sealed != stored and sealed != normal(stored):
            return column
    if version is not None and of != versions:
        return "version"
    was = actor.get("username")
    return "" if was == username or (was and person and _was_called(person, was)) else "actor"


@cache
def _was_called(person: int, username: str) -> bool:
    """Whether this account had this name at some time."""
    history: Any = get_user_model().history
    return bool(history.filter(id=person, username=username).exists())
