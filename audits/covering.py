"""Under which signed checkpoint events of the record are, said as far as it is known and no further."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, QuerySet, Subquery, Value

from approvals import access
from approvals.models import Letter
from approvals.people import Person
from approvals.together import Part, together
from approvals.vocabulary import LetterState
from audits import note
from audits.models import Checkpoint, Leaf
from audits.verifying import claimed

LOOKED_AT = 5  # letters; the one written after a checkpoint has it or a later one at its foot
NAMED = ("username", "first_name", "last_name")  # what a printed name is made of
HELD_AGAINST = 50  # checkpoints, from the one over the events on: one of them was the last when a letter was written


@dataclass(frozen=True, slots=True)
class Mailed:
    """The first e-mail that left with a checkpoint over the events. `to` is None for the reader's own.

    `matches` is None when its checkpoint is so much later that it was not looked for.
    """

    letter: int
    size: int
    at: datetime
    to: str | None
    matches: bool | None


@dataclass(frozen=True, slots=True)
class Covered:
    """The first checkpoint over those of the events that have a leaf. Whether it holds, its reader has to check."""

    events: int
    of: int
    size: int
    root: str
    at: datetime
    mailed: Mailed | None


def covered(events: Collection[int], reader: Person) -> Covered | None:
    """One statement; None while none of these events is under a checkpoint.

    `mailed` is found among the e-mails this person may see; who sees only some packets is told of their own.
    """
    if not events:
        return None
    leaves = Leaf.objects.filter(event__in=events)
    last = leaves.order_by("-index").values("index")[:1]
    count = leaves.annotate(all=Value(1)).order_by().values("all").annotate(count=Count("pk")).values("count")
    over = Checkpoint.objects.filter(size__gt=Subquery(last)).order_by("size")
    letters = _left_since(over.values("at")[:1], reader)
    points, sent, people = together(
        Part(_these(Checkpoint, over[:HELD_AGAINST]), ("size", "note", "at"), (("events", Subquery(count)),)),
        Part(letters, ("id", "text", "written_at", "settled_at", "recipient_id")),
        Part(get_user_model()._default_manager.filter(pk__in=letters.values("recipient")), ("id", *NAMED)),
    )
    if not points:
        return None
    first = points[0]
    root = base64.b64encode(note.read(first.note).root).decode()
    mailed = _mailed(points, sorted(sent, key=lambda one: (one.written_at, one.pk)), people, reader)
    return Covered(first.events, len(events), first.size, root, first.at, mailed)


def _left_since(at: Any, reader: Person) -> QuerySet[Letter]:
    """The first e-mails that left and were written since this instant, of those the reader is told of."""
    sent = Letter.objects.filter(state=LetterState.SENT, written_at__gte=Subquery(at), settled_at__isnull=False)
    seen = sent.visible_to(reader) if access.sees_every_packet(reader) else sent.filter(recipient=reader)
    return _these(Letter, seen.order_by("written_at", "pk")[:LOOKED_AT])


def _these(model: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows of a cut query set, so that they can be joined with others."""
    found: QuerySet[Any] = model.objects.filter(pk__in=Subquery(rows.values("pk")))
    return found


def _mailed(
    points: Sequence[Checkpoint], sent: Iterable[Letter], people: Iterable[Any], reader: Person
) -> Mailed | None:
    """What the first of these e-mails with a checkpoint over the events says; None when none has left."""
    roots = {point.size: note.read(point.note).root for point in points}
    names = {person.pk: person.printed_name for person in people}
    for letter in sent:
        try:
            found = claimed(letter.text)
        except note.Unreadable:
            continue
        if found.size < points[0].size or letter.settled_at is None:
            continue
        later = len(points) == HELD_AGAINST and found.size > points[-1].size
        to = None if letter.recipient_id == reader.pk else names[letter.recipient_id]
        matches = None if later else roots.get(found.size) == found.root
        return Mailed(letter.pk, found.size, letter.settled_at, to, matches)
    return None
