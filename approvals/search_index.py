"""Keeps the terms under which packets are found: in the transaction of the verb that changed what a packet says.

Reference, agent, identity, job, task and lines of every version, cut lines too: whoever sees a packet sees all of it.
People are not in here; their names change, so they are asked of their accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from approvals.models import Grant, Packet, SearchTerm, Version
from approvals.terms import terms_of

SAID = ("job", "task", "identity", "lines")
AT_ONCE = 500


def expected(packet: Packet) -> set[bytes]:
    """The terms of this packet, computed anew from its rows."""
    versions = Version.objects.filter(packet=packet).order_by("-number").values_list(*SAID)
    added = Grant.objects.filter(version__packet=packet, since__isnull=False).values_list("target", "method")
    return terms_of(texts(packet.reference, packet.agent.slug, versions, added))


def texts(reference: str, slug: str, versions: Iterable[Any], added: Iterable[Any]) -> Iterator[str]:
    """What a packet says, the newest version first. `versions` as SAID, `added` as target and method."""
    yield from (reference, slug)
    for job, task, identity, lines in versions:
        yield from (identity, job, task, *(line for rows in lines.values() for line in rows))
    for target, method in added:
        yield f"{target} {method or ''}"


def standing(packet: Packet) -> set[bytes]:
    """The terms it is found under now."""
    return {bytes(term) for term in SearchTerm.objects.filter(packet=packet).values_list("term", flat=True)}


def settle(packet: Packet) -> None:
    """Bring the terms of this packet to what is expected. Inside a verb only."""
    now, then = expected(packet), standing(packet)
    if gone := then - now:
        SearchTerm.objects.filter(packet=packet, term__in=gone).delete()
    SearchTerm.objects.bulk_create([SearchTerm(packet=packet, term=term) for term in sorted(now - then)], AT_ONCE)
