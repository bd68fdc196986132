"""What the tests of webhooks share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from approvals.letters import outbox
from approvals.letters.webhooks import receivers
from approvals.models import Delivery, Receiver, Version
from approvals.vocabulary import ReceiverKind
from tests.cast import Cast

Telling = Callable[..., str]


def announced() -> list[Delivery]:
    """Everything owed so far, oldest first."""
    outbox.announce_all()
    return list(Delivery.objects.order_by("pk"))


def ends_of(version: Version) -> datetime:
    """The end of a version that has one."""
    assert version.ends_at is not None
    return version.ends_at


@pytest.fixture
def telling(cast: Cast) -> Telling:
    """telling(url, kind="machine"): from now on this address is told; gives the secret that signs."""

    def set_up(url: str, kind: ReceiverKind = ReceiverKind.MACHINE) -> str:
        seen = receivers.seen_of(Receiver.objects.filter(kind=kind).first())
        return receivers.set_up(kind, url, actor=cast.admin, seen=seen)

    return set_up


@pytest.fixture(autouse=True)
def no_footers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other packages hang below letters is theirs to test."""
    monkeypatch.setattr("approvals.events.letter_footers", [])
