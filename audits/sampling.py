"""What was in force in a period, and a sample of it that anybody can draw again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random

from django.db.models import F, Q

from approvals.models import Version
from audits.authority import Viewer, granted_in, readable, visible

# A version that was superseded or revoked at the very instant of its beginning was never granted.
LASTED = (Q(superseded_at__isnull=True) | Q(superseded_at__gt=F("in_force_from")) | Q(in_force_from__isnull=True)) & (
    Q(packet__revoked_at__isnull=True)
    | Q(packet__revoked_at__gt=F("in_force_from"))
    | Q(packet__revoked_at__gt=F("glass_broken_at"))
)
MOST = 100  # of one sample
LISTED = 5_000  # so many versions are drawn from by their list; of more, numbers are drawn until enough are there
DRAWS = 20_000


@dataclass(frozen=True, slots=True)
class Sample:
    """`of` is how many there are, None when there are more than are listed."""

    versions: tuple[Version, ...]
    size: int
    seed: str
    of: int | None


def sample(viewer: Viewer, since: datetime, until: datetime, size: int, seed: str) -> Sample:
    """So many of the versions granted at any instant of the period, drawn with the seed: at most four statements.

    The same seed, size and period draw the same once the period is past. A version counts also while suspended.
    """
    there = visible(Version.objects.all(), viewer).filter(granted_in(since, until), LASTED)
    keys = list(there.order_by("pk").values_list("pk", flat=True)[: LISTED + 1])
    chance = Random(seed)  # noqa: S311 - for a sample that can be drawn again, not for a secret
    if len(keys) <= LISTED:
        drawn, of = chance.sample(keys, min(size, len(keys))), len(keys)
    else:
        last = there.order_by("-pk").values_list("pk", flat=True)[0]
        numbers = list(dict.fromkeys(chance.randrange(1, last + 1) for _ in range(DRAWS)))
        hits = set(there.filter(pk__in=numbers).values_list("pk", flat=True))
        drawn, of = [number for number in numbers if number in hits][:size], None
    rows = {row.pk: row for row in readable(Version.objects.filter(pk__in=drawn))}
    return Sample(tuple(rows[key] for key in drawn), size, seed, of)
