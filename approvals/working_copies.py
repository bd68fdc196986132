"""What people typed and did not save: kept for each of them alone, shown again, thrown away."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from approvals.models import Version, WorkingCopy
from approvals.people import Person
from approvals.scope.grammar import Line, read, write
from approvals.scope.secret_marks import looks_secret
from approvals.vocabulary import Field, State

MOST = 131_072  # characters of one copy; a packet is one page
BATCH = 500


def own(person: Person, version: Version | None) -> WorkingCopy | None:
    """What this person has typed for the draft, or for a new packet when it is None; None when there is nothing."""
    return WorkingCopy.objects.filter(person=person, version=version).first()


def storable(sent: Mapping[str, str], inputs: Collection[str]) -> tuple[dict[str, str], list[str]]:
    """What of a sent form may be kept, and the names of the inputs that look like a secret, which never are."""
    typed = {name: sent[name].replace("\x00", "") for name in inputs if name in sent}
    secret = [name for name, text in typed.items() if looks_secret(text)]
    return {name: text for name, text in typed.items() if name not in secret}, secret


def is_too_long(typed: Mapping[str, str]) -> bool:
    """Whether this is more than is kept for one form."""
    return len(json.dumps(typed)) > MOST


def keep(person: Person, version: Version | None, typed: Mapping[str, str], revision: int, now: datetime) -> None:
    """Keep these values in the place of what was kept before."""
    copy = own(person, version) or WorkingCopy(person=person, version=version)
    copy.typed, copy.revision, copy.kept_at = dict(typed), revision, now
    try:
        with transaction.atomic():
            copy.save()
    except IntegrityError:  # another tab of the same person was faster; the last one typed stays
        keep(person, version, typed, revision, now)


def carry_over(person: Person, source: Version | None, version: Version, lines: Mapping[Field, Sequence[Line]]) -> None:
    """Lines were put into a draft: what was typed beside them stays typed there, and has these lines too.

    `source` None: it was typed for a new packet, which this version is now.
    """
    copy = own(person, source)
    if copy is None:
        return
    for field, added in lines.items():
        text = copy.typed.get(field.value, "")
        there = {line.key for _, line in read(text).lines}
        copy.typed[field.value] = "\n".join(
            filter(None, [text.rstrip(), write(one for one in added if one.key not in there)])
        )
    copy.version, copy.revision = version, version.revision
    copy.save()


def throw_away(person: Person, version: Version | None) -> bool:
    """Forget what this person typed; returns whether there was anything."""
    copy = own(person, version)
    if copy is None:
        return False
    copy.delete()
    return True


def forget_finished() -> int:
    """Forget copies of what is no draft any more, and of people whose account is closed; returns how many."""
    over = WorkingCopy.objects.filter(
        Q(version__isnull=False) & ~Q(version__state=State.DRAFT) | Q(person__is_active=False)
    )
    rows = list(over.order_by("pk")[:BATCH])
    for copy in rows:
        copy.delete()
    return len(rows)
