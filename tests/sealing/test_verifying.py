"""What `verify_record` finds: every byte that is another one, every row that is gone, every rewritten record."""

from __future__ import annotations

import random
import time
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from approvals.append_only import EVENTS
from audits import note, sealing, verifying
from audits.guards import CHECKPOINTS, LEAVES, SUBTREES
from audits.models import Checkpoint
from audits.verifying import Wrong
from tests.sealing.recording import as_owner, record, run

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
BYTES = {EVENTS.table: ("id", "body"), LEAVES.table: ("log_index", "hash"), CHECKPOINTS.table: ("size", "root")}


@pytest.fixture
def sealed(db: None) -> list[str]:
    """Twelve events under three checkpoints; the notes, oldest first."""
    notes = []
    for count in (3, 4, 5):
        record(count)
        sealing.seal()
        notes.append(str(Checkpoint.objects.all()[0].note))
    return notes


def test_a_record_as_it_was_sealed_agrees(sealed: list[str], tmp_path: Path) -> None:
    found = verifying.verify()
    assert (found.size, found.checkpoints, found.unsealed) == (12, 3, 0)
    assert found.agrees_with == ["the checkpoint kept outside the database"]
    record(1)
    kept, out = tmp_path / "mail.txt", StringIO()
    kept.write_text("Dear all,\n\n-- \n" + "Checkpoint of the record: " + " ".join(sealed[0].split("\n")[:3]))
    call_command("verify_record", since=str(kept), stdout=out)
    assert "9 events and 2 checkpoints agree" in out.getvalue() and "1 events wait" in out.getvalue()
    assert "The record agrees with the checkpoint given." in out.getvalue()
    assert "tamper-evident to anyone who holds an earlier checkpoint" in out.getvalue()


def test_what_is_no_checkpoint_is_bad_use(sealed: list[str], tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    for path in (tmp_path / "empty", tmp_path / "none"):
        with pytest.raises(CommandError) as caught:
            call_command("verify_record", since=str(path))
        assert caught.value.returncode == 2


def what_is_wrong() -> str:
    """The sentence, or nothing when the record agrees."""
    try:
        verifying.verify()
    except Wrong as wrong:
        return str(wrong)
    return ""


def flip(draw: random.Random, table: str) -> int:
    """Another byte somewhere in a row of this table; the row's place."""
    key, column = BYTES[table]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {key}, {column} FROM {table} ORDER BY {key}")
        rows = cursor.fetchall()
        place = draw.randrange(len(rows))
        was = bytes(rows[place][1])
        at = draw.randrange(len(was))
        changed = bytes([*was[:at], was[at] ^ draw.randint(1, 255), *was[at + 1 :]])
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", [changed, rows[place][0]])
    return place if table != CHECKPOINTS.table else rows[place][0] - 1


def test_tl_3_every_flipped_byte_is_found_and_the_first_bad_index_named(sealed: list[str], full_scale: bool) -> None:
    """FG-6: random single bytes of events, leaves and checkpoints, changed by the database's owner."""
    draw, count = random.Random(3), 100_000 if full_scale else 60
    begun, missed = time.monotonic(), 0
    with as_owner():
        for number in range(count):
            with transaction.atomic():
                place = flip(draw, list(BYTES)[number % 3])
                missed += f"Index {place}:" not in what_is_wrong()
                transaction.set_rollback(True)
    print(f"FG-6: {count} random bytes changed by the owner, {count - missed} found ({time.monotonic() - begun:.0f} s)")
    assert missed == 0


@pytest.mark.parametrize(
    ("change", "index"),
    [
        ("UPDATE approvals_event SET actor_name = 'Somebody'", 0),
        ("UPDATE approvals_event SET kind = 'signed'", 0),
        ("UPDATE approvals_event SET request_id = 'x'", 0),
        ("UPDATE approvals_event SET recorded_at = '2020-01-01 00:00:00+00:00'", 0),
        ("UPDATE approvals_event SET effective_at = '2020-01-01 00:00:00+00:00'", 0),
        ("UPDATE audits_leaf SET log_index = 40 WHERE log_index = 5", 5),
        ("DELETE FROM audits_leaf WHERE log_index = 7", 7),
        ("UPDATE audits_checkpoint SET note = '' WHERE size = 7", 6),
        ("UPDATE audits_checkpoint SET edge = root WHERE size = 7", 6),
        ("UPDATE audits_checkpoint SET size = 8 WHERE size = 7", 7),
        ("UPDATE audits_checkpoint SET at = '2020-01-01 00:00:00+00:00' WHERE size = 12", 11),
        ("DELETE FROM audits_checkpoint WHERE size = 12", 7),
        (
            "INSERT INTO audits_subtree (id, level, log_index, hash) "
            "SELECT 1, 8, 0, root FROM audits_checkpoint LIMIT 1",
            12,
        ),
    ],
)  # fmt: skip
def test_tl_3_every_changed_row_is_found(sealed: list[str], change: str, index: int) -> None:
    with as_owner():
        run(change)
    with pytest.raises(Wrong, match=rf"^Index {index}: "):
        verifying.verify()
    with pytest.raises(CommandError, match="NOT what was sealed") as caught:
        call_command("verify_record")
    assert caught.value.returncode == 1


def test_tl_4_a_tail_that_was_cut_is_found_with_any_older_checkpoint(sealed: list[str]) -> None:
    """Leaves, checkpoints and what is kept here are gone as well: only who holds a checkpoint can tell."""
    points = [note.read(one) for one in sealed]
    for size in range(12):
        with as_owner(), transaction.atomic():
            for table, key in ((CHECKPOINTS.table, "size >"), (LEAVES.table, "log_index >=")):
                run(f"DELETE FROM {table} WHERE {key} %s", size)
            for point in points:
                if point.size > size:
                    with pytest.raises(Wrong, match=r"Index \d+: "):
                        verifying.verify(point)
                    with pytest.raises(Wrong):
                        verifying.verify()
            transaction.set_rollback(True)


def test_tl_4_a_record_that_was_rewritten_whole_agrees_with_no_older_checkpoint(sealed: list[str]) -> None:
    with as_owner():
        for table in (CHECKPOINTS.table, LEAVES.table, SUBTREES.table):
            run(f"DELETE FROM {table}")
        run("DELETE FROM approvals_event WHERE id = (SELECT min(id) FROM approvals_event)")
    (Path(settings.SEAL_DIR) / "checkpoint").unlink()
    sealing.seal(everything=True)
    assert verifying.verify().size == 11, "it agrees with itself"
    for signed in sealed:
        with pytest.raises(Wrong, match="checkpoint given"):
            verifying.verify(note.read(signed))


def test_fg_8_verifying_grows_with_the_record_and_no_faster(full_scale: bool) -> None:
    count = 100_000 if full_scale else 600
    record(count)
    sealing.seal()
    begun = time.monotonic()
    assert verifying.verify().size == count
    took = time.monotonic() - begun
    print(f"FG-8: {count} events verified in {took:.1f} s, {took / count * 1_000_000:.0f} s for a million")
    assert took / count * 1_000_000 <= 300
