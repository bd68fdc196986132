"""Sealing: dense, once each, whoever writes meanwhile; when it happens; with which key; and after a restore."""

from __future__ import annotations

import os
import random
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from approvals import events
from approvals.models import Event
from approvals.vocabulary import EventKind
from audits import kept, note, sealing, tasks
from audits.models import Checkpoint, Leaf, Subtree
from audits.restored import root_at
from audits.subtrees import Stored
from audits.tree import edge_of, inclusion, leaf_hash, verify_inclusion
from tests.cast import Cast, Clock, Walk, sign
from tests.sealing.recording import as_owner, computed, is_dense, last_note, record, run

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


def test_sealing_goes_on_from_the_edge_and_stores_what_proofs_read() -> None:
    for count in (1, 2, 253, 1, 300):
        record(count)
        assert sealing.seal() == count
        assert is_dense() and root_at(Event.objects.count()) == computed().root()
    assert Subtree.objects.count() == 2 and Checkpoint.objects.count() == 5
    size, stored = Event.objects.count(), Stored()
    assert edge_of(size, stored) == computed()
    for leaf in Leaf.objects.filter(index__in=[0, 1, 255, 256, 511, 512, size - 1]):
        proof = inclusion(leaf.index, size, stored)
        verify_inclusion(bytes(leaf.hash), leaf.index, size, proof, computed().root())
    assert sealing.seal() == 0 and Checkpoint.objects.count() == 5, "nothing new, no checkpoint"


def test_a_backlog_is_sealed_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 10)
    monkeypatch.setattr(sealing, "WINDOW", 4)
    record(25)
    assert sealing.seal() == 25 and is_dense()
    assert list(Checkpoint.objects.values_list("size", flat=True)) == [25, 20, 10]


def test_a_request_seals_no_more_than_a_little_of_a_backlog_and_looks_at_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sealing, "SOON", 10)
    monkeypatch.setattr(sealing, "WINDOW", 4)
    asked = []
    record(25)
    for sealed, more in ((10, 0), (10, 30), (10, 0)):
        record(more)
        with CaptureQueriesContext(connection) as statements:
            assert sealing.seal(wait=False) == sealed
        asked.append(len(statements))
    assert asked[1] == asked[2], "what one request costs does not grow with what is owed"
    assert Leaf.objects.count() == 30 == Leaf.objects.latest("index").index + 1
    assert not Event.objects.filter(pk__lte=Leaf.objects.latest("index").event_id, leaf__isnull=True).exists()
    assert tasks.seal_record() == 25 and is_dense() and sealing.unsealed_since() is None


def test_what_is_sealed_is_kept_outside_the_database(settings: Any, tmp_path: Path) -> None:
    settings.WITNESS_FILE = str(tmp_path / "witness")
    record(1)
    sealing.seal()
    first = last_note()
    record(2)
    sealing.seal()
    folder = Path(settings.SEAL_DIR)
    assert (folder / "checkpoint").read_text() == last_note() == kept.last_note()
    assert {path.name for path in folder.iterdir()} == {"checkpoint", "key", "lock", "verifiers"}
    assert stat.S_IMODE((folder / "key").stat().st_mode) == 0o600 and stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert Path(settings.WITNESS_FILE).read_text() == f"{first}\n{last_note()}\n"
    kept.keep(first)
    assert kept.last_note() == last_note(), "a smaller one never takes its place"


def test_a_witness_that_cannot_be_written_stops_nothing(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.WITNESS_FILE = "/there/is/no/such/folder/witness"
    record(1)
    assert sealing.seal() == 1 and "witness file cannot be written" in caplog.text


def test_tl_9_a_signature_has_its_proof_at_once(
    cast: Cast, in_review: Walk, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    version = in_review()
    with django_capture_on_commit_callbacks(execute=True):
        sign(version, cast.security)
    (signed,) = Event.objects.filter(kind=EventKind.SIGNED)
    point = note.verified(last_note(), kept.verifiers())
    proof = inclusion(signed.leaf.index, point.size, Stored())
    verify_inclusion(leaf_hash(bytes(signed.body)), signed.leaf.index, point.size, proof, point.root)
    assert sealing.unsealed_since() is None


def test_tl_9_the_minute_run_seals_what_no_process_did(clock: Clock) -> None:
    old = record(1)[0]
    clock.forward(minutes=5)
    record(sealing.WINDOW // 100)
    assert sealing.unsealed_since() == old.recorded_at
    assert tasks.seal_record() == 1 + sealing.WINDOW // 100
    assert sealing.unsealed_since() is None
    from django.conf import settings

    assert settings.CELERY_BEAT_SCHEDULE["seal_record"]["schedule"] <= 60


def test_tl_9_a_late_commit_is_found_though_its_key_is_old(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """As PostgreSQL commits: a smaller key appears after larger ones were sealed, several windows ago."""
    monkeypatch.setattr(sealing, "WINDOW", 3)
    made = record(20)
    late = made[4]
    Leaf.objects.all()  # nothing is sealed yet
    with as_owner():
        body, key = bytes(late.body), late.pk
        columns = [str(one.column) for one in Event._meta.concrete_fields]
        row = Event.objects.filter(pk=key).values_list(*[one.attname for one in Event._meta.concrete_fields])[0]
        run(f"DELETE FROM {Event._meta.db_table} WHERE id = %s", key)
    assert sealing.seal() == 19
    run(f"INSERT INTO {Event._meta.db_table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(row))})", *row)
    assert tasks.seal_record() == 1
    assert Leaf.objects.get(event=key).index == 19 and bytes(Event.objects.get(pk=key).body) == body


def test_frequent_events_share_a_sealing_and_a_decision_does_not_wait(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(sealing, "seal", lambda **how: calls.append(how))
    monkeypatch.setattr(sealing, "_next_at", 0.0)
    for event in record(5):
        sealing.soon(event)
    assert len(calls) == 1
    sealing.soon(events.record(EventKind.SIGNED, actor=cast.security))
    assert len(calls) == 2


def test_a_sealing_that_fails_never_fails_the_decision(
    cast: Cast, in_review: Walk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:  # fmt: skip
    version = in_review()
    for error in (OSError("No space left on device"), sealing.Busy()):
        monkeypatch.setattr(sealing, "put_under", lambda *all, error=error, **how: _raise(error))
        with django_capture_on_commit_callbacks(execute=True):
            events.record(EventKind.SIGNED, actor=cast.security, version=version)
    assert Event.objects.filter(kind=EventKind.SIGNED).count() == 2 and not Leaf.objects.exists()
    assert "No space left on device" in caplog.text


def _raise(error: Exception) -> Any:
    raise error


def forked(work: Callable[[], None]) -> int:
    """A process that does this and ends; its id."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return child


def writes(count: int) -> None:
    for _ in range(count):
        with transaction.atomic():
            record(1)
            if random.random() < 0.1:
                transaction.set_rollback(True)  # a key that never comes


def seals_for_ever() -> None:
    while True:
        try:
            sealing.seal(wait=random.random() < 0.5)
        except sealing.Busy:
            time.sleep(0.001)


@pytest.mark.django_db(transaction=True)
def test_tl_8_writers_and_killed_sealers_leave_one_dense_tree(full_scale: bool) -> None:
    writers, each, kills = (16, 1_000, 20) if full_scale else (4, 40, 4)
    children = [forked(lambda: writes(each)) for _ in range(writers)]
    for _ in range(kills):
        sealer = forked(seals_for_ever)
        time.sleep(random.uniform(0.02, 0.4 if full_scale else 0.1))
        os.kill(sealer, signal.SIGKILL)
        os.waitpid(sealer, 0)
    for child in children:
        os.waitpid(child, 0)
    sealing.seal(everything=True)
    count = Event.objects.count()
    assert count >= writers * each * 0.7 and is_dense()
    assert kept.last_note() == last_note(), "what is kept outside says the same"
    print(
        f"TL-8: {writers} writers, {count} events, {kills} sealers killed on {connection.vendor}: dense, none missing"
    )


@pytest.mark.django_db(transaction=True)
def test_tl_10_a_row_and_its_event_are_there_together_or_not_at_all(cast: Cast, in_force: Walk) -> None:
    """Killed between the two, refused by the database at the event, and no room left on the disk."""
    from approvals import transitions
    from approvals.models import Suspension

    version = in_force()
    before = Event.objects.count()

    def stop() -> None:
        transitions.suspend(version.packet_id, actor=cast.responder, reason="It deleted a branch.")

    def killed() -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Event, "save", lambda *all, **how: os.kill(os.getpid(), signal.SIGKILL))
            stop()

    _, how = os.waitpid(forked(killed), 0)
    assert os.WTERMSIG(how) == signal.SIGKILL
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Exception, match=r"(?i)null"):
        patch.setattr("approvals.events.rfc8785.dumps", lambda value: None)
        stop()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            pages = cursor.execute("PRAGMA page_count").fetchone()[0]
            cursor.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(Exception, match="full"):  # the rows before the event still found room, or none did
            for _ in range(500):
                stop()
                transitions.resume(version.packet_id, actor=cast.security, reason="x" * 3_000)
        connection.close()
    assert Suspension.objects.count() == Event.objects.filter(kind=EventKind.SUSPENDED).count()
    assert Suspension.objects.filter(until__isnull=False).count() == Event.objects.filter(kind="resumed").count()
    assert connection.vendor == "sqlite" or Event.objects.count() == before


def test_the_footer_of_letters_names_the_last_checkpoint() -> None:
    assert sealing.footer() == ""
    record(1)
    sealing.seal()
    origin, size, root = last_note().split("\n")[:3]
    assert sealing.footer() == f"Checkpoint of the record: {origin} {size} {root}"
