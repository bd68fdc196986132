"""How long a large bundle takes: to verify in constant time an event, and to take without reading the whole record."""

from __future__ import annotations

import io
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals import events
from approvals.vocabulary import EventKind
from audits import sealing
from audits.evidence import verify
from tests.cast import Cast, Walk
from tests.evidence.bundles import taken

pytestmark = pytest.mark.django_db


def test_fg_8_a_bundle_of_thousands_of_events_verifies_within_a_second(
    cast: Cast, in_force: Walk, full_scale: bool
) -> None:
    version, count = in_force(), 5_000 if full_scale else 500
    for number in range(count):
        events.record(EventKind.EDITED, version=version, actor=cast.engineer, detail={"changed": [str(number)]})
        if number % 100 == 0:
            sealing.seal()
    zipped = taken(version.packet, cast.auditor)
    begun = time.process_time()
    bundle = verify.Bundle(verify.Packed(io.BytesIO(zipped)))
    assert bundle.verify() and verify.answers(bundle)
    seconds = time.process_time() - begun
    print(f"FG-8: {len(bundle.events):,} events in a bundle of {len(zipped):,} bytes verified in {seconds:.2f} s")
    assert seconds <= 1.0


def test_taking_evidence_asks_no_more_statements_for_more_of_the_record(cast: Cast, in_force: Walk) -> None:
    version = in_force()

    def statements() -> int:
        taken(version.packet, cast.auditor)  # seals the event of the last one
        with CaptureQueriesContext(connection) as asked:
            taken(version.packet, cast.auditor)
        return len(asked)

    few = statements()
    for _ in range(300):
        events.record(EventKind.SIGN_IN_FAILED, actor=None, system="tests")
    sealing.seal()
    assert statements() <= few
