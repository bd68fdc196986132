"""The figures of the record: how long verifying a million events takes, and that no change by the owner is missed."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from django.db import connection

from approvals.models import Agent, Event, Packet, Version
from audits import sealing, verifying
from audits.models import Leaf
from audits.verifying import Wrong
from portal.models import User
from tests.bench.pouring import catch_up, pour
from tests.cast import Cast, Walk, sign
from tests.sealing.owner import Owner
from tests.sealing.recording import as_owner, poured, record

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
# What verifying reads, with nothing done to it.
SCAN = """
    SELECT leaf.log_index, leaf.hash, event.body, event.kind, event.actor_name, CAST(event.effective_at AS text),
        CAST(event.recorded_at AS text), event.request_id, packet.reference, version.number, agent.slug,
        event.actor_id, person.username, event.packet_id, version.packet_id
    FROM audits_leaf leaf JOIN approvals_event event ON event.id = leaf.event_id
        LEFT JOIN approvals_packet packet ON packet.id = event.packet_id
        LEFT JOIN approvals_version version ON version.id = event.version_id
        LEFT JOIN approvals_agent agent ON agent.id = event.agent_id
        LEFT JOIN portal_user person ON person.id = event.actor_id
    WHERE leaf.log_index >= %s AND leaf.log_index < %s ORDER BY leaf.log_index
"""


def scanned(count: int) -> None:
    """Every row that verifying reads, as the driver gives it."""
    with connection.cursor() as cursor:
        for first in range(0, count, verifying.CHUNK):
            cursor.execute(SCAN, [first, first + verifying.CHUNK])
            cursor.fetchall()


def poured_leaves(leaves: list[Leaf]) -> None:
    """What sealing writes, at once."""
    pour(Leaf, ({"index": leaf.index, "event_id": leaf.event_id, "hash": leaf.hash} for leaf in leaves))


def resident() -> int:
    """Megabytes of memory this process has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4_096 >> 20


def test_fg_8_a_million_events_are_verified_in_half_a_minute_and_constant_memory(
    in_review: Walk, full_scale: bool
) -> None:
    poured(in_review(), 1_000_000 if full_scale else 2_000)
    catch_up()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Leaf.objects, "bulk_create", poured_leaves)
        sealing.seal(everything=True)
    catch_up()
    count = Event.objects.count()
    begun = time.monotonic()
    scanned(count)
    scan = time.monotonic() - begun
    memory, seen = resident(), [0]
    begun = time.monotonic()
    found = verifying.verify(progress=lambda done, of: seen.append(resident()))
    took = time.monotonic() - begun
    print(
        f"FG-8: {count:,} events under {found.checkpoints} checkpoints verified in {took:.1f} s, {scan / took:.2f} "
        f"of a bare scan of the same rows on {connection.vendor} ({scan:.1f} s), {max(seen) - memory} MB more memory"
    )
    assert found.size == count and max(seen) - memory <= 64
    # Half of it is the hashes alone; on SQLite, where the scan is in this process too, there is little to spare.
    assert not full_scale or scan / took >= 0.3


@pytest.mark.parametrize(("more", "small", "full"), [(0, 100, 98_000), (260, 15, 2_000)])
def test_fg_6_no_random_edit_by_the_owner_is_missed(
    cast: Cast, in_review: Walk, full_scale: bool, more: int, small: int, full: int
) -> None:
    """Found means: `verify_record` fails and names an index; for a byte of an event or a leaf it is that one.

    With `more` events a subtree is stored too. What the owner adds at the end is not looked for: it is sealed as new.
    """
    for version in (in_review(), in_review()):
        sign(version, cast.security)
        sealing.seal()
    record(6)
    poured(version, more)
    sealing.seal()
    owner, begun, found = Owner(Random(6), others()), time.monotonic(), Counter[bool]()
    assert not what_is_wrong() and bool(owner.rows["audits_subtree"]) == bool(more)
    count = full if full_scale else small
    with as_owner():
        for _ in range(count):
            with owner.at_work() as edit:
                wrong = what_is_wrong()
            said = wrong.startswith(edit.partition(" at ")[2] or "Index ")
            found[said] += 1
            assert said, f"{edit}: {wrong or 'not found'}"
    assert not what_is_wrong(), "every edit was put back"
    print(
        f"FG-6: {found[True]:,} of {count:,} random edits by the owner found, in a record of "
        f"{len(owner.rows['approvals_event'])} events on {connection.vendor} ({time.monotonic() - begun:.0f} s)"
    )


def others() -> dict[str, list[int | None]]:
    """What each reference could name instead."""
    models = {"packet_id": Packet, "version_id": Version, "agent_id": Agent, "actor_id": User}
    keys = {name: [None, *model._default_manager.values_list("pk", flat=True)] for name, model in models.items()}
    return keys | {"level": [0, 8, 16, 24]}


def what_is_wrong() -> str:
    """The sentence, or nothing when the record agrees."""
    try:
        verifying.verify()
    except Wrong as wrong:
        return str(wrong)
    return ""
