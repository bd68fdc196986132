"""Records one event. What else happens after it (letters, sealing) hangs itself on the lists here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import datetime
from functools import partial
from typing import Any

import rfc8785
from django.db import transaction

from approvals import validity
from approvals.content import normal
from approvals.models import Agent, Event, Packet, Version
from approvals.people import Person
from approvals.vocabulary import EventKind

logger = logging.getLogger(__name__)
request_id: ContextVar[str] = ContextVar("request_id", default="")

# Called with each event once it is committed. An entry that fails is logged and never fails the decision.
after_commit: list[Callable[[Event], None]] = []
# Each returns a line for the foot of every letter, or an empty string.
letter_footers: list[Callable[[], str]] = []


def record(
    kind: EventKind,
    *,
    actor: Person | None,
    packet: Packet | None = None,
    version: Version | None = None,
    agent: Agent | None = None,
    detail: Mapping[str, Any] | None = None,
    effective_at: datetime | None = None,
    system: str = "",
) -> Event:
    """Add one event to the record and return it. `actor` None is the system, then `system` says which part of it."""
    now = validity.now()
    packet = packet or (version.packet if version else None)
    agent = agent or (packet.agent if packet else None)
    name = actor.printed_name if actor else f"system: {system or kind.label.lower()}"
    body = {
        "kind": kind.value,
        "actor": {"username": actor.username, "name": name} if actor else {"system": name},
        "packet": packet.reference if packet else None,
        "version": version.number if version else None,
        "agent": agent.slug if agent else None,
        "effective_at": _micro(effective_at or now),
        "recorded_at": _micro(now),
        "request_id": request_id.get(),
        "detail": dict(detail or {}),
    }
    event = Event(
        body=rfc8785.dumps(normal(body)), kind=kind, packet=packet, version=version, agent=agent, actor=actor,
        actor_name=name, effective_at=effective_at or now, recorded_at=now, request_id=request_id.get(),
    )  # fmt: skip
    event.save()
    transaction.on_commit(partial(_tell, event), robust=True)
    return event


def _micro(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _tell(event: Event) -> None:
    for listener in after_commit:
        try:
            listener(event)
        except Exception:  # a listener of ours or of a later package: whatever it raises, the decision stands
            logger.exception("after_commit listener failed", extra={"event": event.pk})
