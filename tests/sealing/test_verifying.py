"""What `verify_record` finds: every byte that is another one, every row that is gone, every rewritten record."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from random import Random

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from approvals import events, validity
from approvals.append_only import EVENTS
from approvals.vocabulary import EventKind
from audits import kept, note, seal_key, sealing, verifying
from audits.guards import CHECKPOINTS, LEAVES, SUBTREES
from audits.models import Checkpoint, Leaf
from audits.subtrees import Stored
from audits.tree import edge_of, leaf_hash
from audits.verifying import Wrong
from tests.cast import Cast
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


def flip(draw: Random, table: str) -> int:
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


def test_tl_3_every_flipped_byte_is_found_and_the_first_bad_index_named(sealed: list[str]) -> None:
    """One byte of events, leaves and checkpoints, changed by the database's owner; FG-6 does it to everything."""
    draw = Random(3)
    with as_owner():
        for number in range(60):
            with transaction.atomic():
                place = flip(draw, list(BYTES)[number % 3])
                assert what_is_wrong().startswith(f"Index {place}:")
                transaction.set_rollback(True)


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
        ("DELETE FROM audits_checkpoint", 0),
        ("INSERT INTO audits_checkpoint SELECT 0, root, edge, note, at FROM audits_checkpoint WHERE size = 3", 0),
        ("UPDATE audits_leaf SET log_index = -1 WHERE log_index = 11", 11),
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


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[1, 2]", b'{"kind":"signed"}', b'{"actor":null}'])
def test_tl_3_a_body_that_is_no_event_is_found_though_its_leaf_agrees(sealed: list[str], body: bytes) -> None:
    with as_owner():
        run(f"UPDATE {EVENTS.table} SET body = %s WHERE id = (SELECT max(id) FROM {EVENTS.table})", body)
        run(f"UPDATE {LEAVES.table} SET hash = %s WHERE log_index = 11", leaf_hash(body))
    with pytest.raises(Wrong, match=r"^Index 11: the column body "):
        verifying.verify()


def test_tl_3_no_value_of_a_column_is_taken_for_another(sealed: list[str]) -> None:
    """Characters that JSON, SQL and our own format strings know."""
    for value in ("%s", "%", "{}", '"', "\\", '","kind":"x', "system: tests ", "ä", "\n"):
        with as_owner(), transaction.atomic():
            for column in ("kind", "actor_name", "request_id"):
                run(f"UPDATE {EVENTS.table} SET {column} = %s WHERE id = (SELECT max(id) FROM {EVENTS.table})", value)
                assert what_is_wrong().startswith(f"Index 11: the column {column} "), value
                run(
                    f"UPDATE {EVENTS.table} SET {column} = (SELECT {column} FROM {EVENTS.table} "
                    f"WHERE id = (SELECT min(id) FROM {EVENTS.table})) WHERE id = (SELECT max(id) FROM {EVENTS.table})"
                )
    assert not what_is_wrong()


def test_names_that_need_quoting_and_renamed_people_agree(cast: Cast) -> None:
    cast.engineer.first_name = 'Ada "100 %" \\ é'
    cast.engineer.save()
    events.record(EventKind.SIGN_IN_FAILED, actor=cast.engineer)
    cast.engineer.username = "ada"
    cast.engineer.save()
    events.record(EventKind.SIGN_IN_FAILED, actor=cast.engineer)
    sealing.seal()
    assert verifying.verify().size == 2
    with as_owner():
        run(f"UPDATE {EVENTS.table} SET actor_id = %s", cast.security.pk)
    assert what_is_wrong() == "Index 0: the column actor says something else than the event that was sealed."


def test_tl_4_a_tail_that_was_cut_is_found_with_any_older_checkpoint(full_scale: bool) -> None:
    """FG-6: cut at every place by an owner who has the key too. The record agrees with itself; only who holds a
    checkpoint that was larger can tell, and every one of them can.
    """
    pieces = 40 if full_scale else 5
    points = []
    for count in range(1, pieces):
        record(count % 7 + 1)
        sealing.seal()
        points.append(note.read(str(Checkpoint.objects.all()[0].note)))
    found = 0
    for size in range(1, points[-1].size):
        with as_owner(), transaction.atomic():
            cut_and_sign_again(points[0].origin, size)
            assert verifying.verify().size == size, "it agrees with itself"
            for point in points:
                if point.size > size:
                    with pytest.raises(Wrong, match=rf"Index {size}: the checkpoint given covers {point.size} events"):
                        verifying.verify(point)
                    found += 1
                else:
                    assert "the checkpoint given" in verifying.verify(point).agrees_with
            transaction.set_rollback(True)
    print(f"FG-6: a tail cut at each of {size} places was found with each of {found} larger checkpoints")


def cut_and_sign_again(origin: str, size: int) -> None:
    """Everything from this index on is gone, and what is left is signed with the portal's own key."""
    keys = list(Leaf.objects.filter(index__gte=size).values_list("event_id", flat=True))
    run(f"DELETE FROM {CHECKPOINTS.table} WHERE size > %s", size)
    run(f"DELETE FROM {LEAVES.table} WHERE log_index >= %s", size)
    for key in keys:
        run(f"DELETE FROM {EVENTS.table} WHERE id = %s", key)
    (kept.folder() / "checkpoint").unlink(missing_ok=True)
    if not Checkpoint.objects.filter(size=size).exists():
        edge, at = edge_of(size, Stored()), validity.now()
        signed = note.sign(note.Checkpoint(origin, size, edge.root(), at), seal_key.current())
        Checkpoint.objects.create(size=size, root=edge.root(), edge=edge.to_bytes(), note=signed, at=at)


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
