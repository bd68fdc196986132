"""What the tests of letters share."""

from __future__ import annotations

import pytest

from approvals.letters import outbox
from approvals.models import Letter, Version
from approvals.vocabulary import EventKind


def letters(about: Version, kind: EventKind) -> dict[str, Letter]:
    """The letters about events of this kind, by the name of their recipient, once everything is announced."""
    outbox.announce_all()
    found = Letter.objects.filter(event__packet=about.packet, event__kind=kind).select_related("recipient")
    return {letter.recipient.username: letter for letter in found}


@pytest.fixture(autouse=True)
def no_footers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other packages hang below letters is theirs to test."""
    monkeypatch.setattr("approvals.events.letter_footers", [])
