"""Under which signed checkpoint events of the record are, said as far as it is known and no further."""

from __future__ import annotations

import base64
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Subquery, Value

from approvals import access
from approvals.models import Letter
from approvals.people import Person
from approvals.vocabulary import LetterState
from audits.models import Checkpoint, Leaf
from audits.note import Unreadable
from audits.restored import root_at
from audits.verifying import claimed

LOOKED_AT = 5  # letters; the one written after a checkpoint has it or a later one at its foot


@dataclass(frozen=True, slots=True)
class Covered:
    """The first checkpoint over those of the events that have a leaf. Whether it holds, its reader has to check."""

    events: int
    of: int
    size: int
    root: str
    at: datetime


def covered(events: Collection[int]) -> Covered | None:
    """One statement; None while none of these events is under a checkpoint."""
    leaves = Leaf.objects.filter(event__in=events)
    last = leaves.order_by("-index").values("index")[:1]
    count = leaves.annotate(all=Value(1)).order_by().values("all").annotate(count=Count("pk")).values("count")
    rows = Checkpoint.objects.filter(size__gt=Subquery(last)).annotate(events=Subquery(count)).order_by("size")
    found = rows.first() if events else None
    if found is None:
        return None
    return Covered(found.events, len(events), found.size, base64.b64encode(bytes(found.root)).decode(), found.at)


@dataclass(frozen=True, slots=True)
class Mailed:
    """The first e-mail that left with a checkpoint over the events. `to` is None for the reader's own."""

    letter: int
    size: int
    at: datetime
    to: str | None
    matches: bool


def first_mailed(point: Covered, reader: Person) -> Mailed | None:
    """Of the e-mails this person may see; whoever sees only some packets is told of their own. None: none has left."""
    sent = Letter.objects.filter(state=LetterState.SENT, written_at__gte=point.at, settled_at__isnull=False)
    seen = sent.visible_to(reader) if access.sees_every_packet(reader) else sent.filter(recipient=reader)
    for letter in seen.select_related("recipient").defer("html").order_by("written_at", "pk")[:LOOKED_AT]:
        try:
            found = claimed(letter.text)
        except Unreadable:
            continue
        if found.size >= point.size and letter.settled_at is not None:
            to = None if letter.recipient_id == reader.pk else letter.recipient.printed_name
            return Mailed(letter.pk, found.size, letter.settled_at, to, root_at(found.size) == found.root)
    return None
