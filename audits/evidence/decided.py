"""The decisions of the events, each with the cuts that stood before it: what its digest is made of."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from approvals.models import Event
from audits.evidence.verify import DECISIONS, decision


def decisions(taken: Iterable[tuple[int, int]]) -> Iterator[dict[str, Any]]:
    """The decisions among these (version, index), by version and then in the record's order."""
    for version, indexes in by_version(taken).items():
        cuts: list[Any] = []
        rows = Event.objects.filter(version=version, kind__in=DECISIONS, leaf__index__lte=max(indexes))
        for index, body in rows.order_by("leaf__index").values_list("leaf__index", "body"):
            event = json.loads(bytes(body))
            if index in indexes:
                yield decision(index, event, list(cuts))
            cuts += [event["detail"]["cuts"]] if event["detail"]["cuts"] else []


def by_version(taken: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    """The indexes of each version's decisions."""
    found: dict[int, set[int]] = defaultdict(set)
    for version, index in taken:
        found[version].add(index)
    return found
