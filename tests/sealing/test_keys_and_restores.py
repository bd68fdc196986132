"""The key that signs and how it changes; a record that is older than its last checkpoint, and what is done about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from approvals.models import Event
from approvals.vocabulary import EventKind
from audits import checks, kept, note, seal_key, sealing
from audits.models import Checkpoint, Leaf
from audits.restored import root_at
from tests.cast import Cast, refused
from tests.sealing.recording import as_owner, is_dense, last_note, record, run

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


def test_the_key_may_come_from_the_environment(settings: Any) -> None:
    settings.SEAL_KEY = seal_key.made().strip()
    record(1)
    sealing.seal()
    verifier = note.verifier_of(note.read(last_note()).origin, seal_key.read(settings.SEAL_KEY))
    assert note.verified(last_note(), [verifier]).size == 1
    assert not (Path(settings.SEAL_DIR) / "key").exists()
    for wrong in ("nonsense", "AAAA", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"):
        with refused("seal_key") as caught:
            seal_key.read(wrong)
        assert wrong not in str(caught.value)


def test_tl_12_both_keys_verify_and_a_change_is_an_event(cast: Cast, settings: Any) -> None:
    record(1)
    sealing.seal()
    old_note, (old,) = last_note(), kept.verifiers()
    with pytest.raises(CommandError, match="A reason is needed"):
        call_command("seal", new_key=True)
    call_command("seal", new_key=True, reason="The laptop was lost.", person="admin")
    changed = Event.objects.get(kind=EventKind.SEAL_KEY_CHANGED)
    first, new = kept.verifiers()
    assert first == old and changed.actor == cast.admin
    assert str(new).encode() in bytes(changed.body) and b"The laptop was lost." in bytes(changed.body)
    assert note.verified(old_note, [old]).size == 1, "what was signed before still verifies"
    assert note.verified(last_note(), [old]) == note.verified(last_note(), [new]), "both sign where one follows another"
    record(1)
    sealing.seal()
    assert note.verified(last_note(), [new]).size == Event.objects.count()
    with pytest.raises(note.Unreadable):
        note.verified(last_note(), [old])


def test_tl_12_a_key_nobody_changed_to_signs_nothing(settings: Any) -> None:
    record(1)
    sealing.seal()
    settings.SEAL_KEY = seal_key.made().strip()
    record(1)
    with refused("other_seal_key"):
        sealing.seal()
    assert Checkpoint.objects.count() == 1
    call_command("seal", new_key=True, reason="From the vault now.")
    assert is_dense() and sealing.seal() == 0


def restore_to(size: int) -> None:
    """An older backup: what came after these leaves is gone, and no trigger was there to refuse."""
    with as_owner():
        keys = list(Leaf.objects.filter(index__gte=size).values_list("event_id", flat=True))
        run("DELETE FROM audits_checkpoint WHERE size > %s", size)
        run("DELETE FROM audits_leaf WHERE log_index >= %s", size)
        for key in keys:
            run("DELETE FROM approvals_event WHERE id = %s", key)


def test_tl_13_a_restore_is_noticed_and_nothing_is_signed_until_it_is_acknowledged() -> None:
    for count in (3, 4):
        record(count)
        sealing.seal()
    lost = last_note()
    restore_to(3)
    (problem,) = checks.problems()
    assert problem.id == "audits.W001" and "up to 7 events, and 3 of them are here" in problem.msg
    for more in (1, 3, 9):  # smaller than what was published, as large, larger
        record(more)
        with refused("restored"):
            sealing.seal()
    assert Checkpoint.objects.count() == 1
    call_command("seal", acknowledge_restore=True, reason="The disk died; this is Sunday's backup.")
    assert checks.problems() == [] and is_dense()
    event = Event.objects.get(kind=EventKind.RESTORE_ACKNOWLEDGED)
    assert b"Sunday's backup" in bytes(event.body) and note.read(lost).root != root_at(7)
    assert note.read(last_note()).origin != note.read(lost).origin, "one origin never says two things of one size"
    assert note.verified(last_note(), kept.verifiers()) and note.verified(lost, kept.verifiers())
    record(1)
    assert sealing.seal() == 1 and is_dense()
    with pytest.raises(CommandError, match="no restore to acknowledge"):
        call_command("seal", acknowledge_restore=True, reason="Again.")


def test_tl_13_the_witness_tells_of_a_restore_whose_kept_checkpoint_came_back_with_it(
    settings: Any, tmp_path: Path
) -> None:
    settings.WITNESS_FILE = str(tmp_path / "witness")
    record(3)
    sealing.seal()
    old = kept.last_note()
    record(4)
    sealing.seal()
    lost = last_note()
    restore_to(3)
    (kept.folder() / "checkpoint").write_text(old)
    record(1)
    with refused("restored"):
        sealing.seal()
    assert [one.id for one in checks.problems()] == ["audits.W001"]
    settings.WITNESS_FILE = ""
    assert checks.problems() == [], "without a witness the folder of the seal agrees with the record it came back with"
    settings.WITNESS_FILE = str(tmp_path / "witness")
    call_command("seal", acknowledge_restore=True, reason="Sunday's backup, folder and all.")
    event = Event.objects.get(kind=EventKind.RESTORE_ACKNOWLEDGED)
    assert json.loads(bytes(event.body))["detail"]["lost"] == lost
    record(1)
    assert sealing.seal() == 1 and is_dense() and checks.problems() == []
    assert kept.witnessed() == last_note()


@pytest.mark.parametrize("torn", ["", "half a line", "origin\n3\nAAAA", "\n\n\n"])
def test_tl_13_a_witness_file_that_says_nothing_stops_nothing(settings: Any, tmp_path: Path, torn: str) -> None:
    settings.WITNESS_FILE = str(tmp_path / "witness")
    record(1)
    sealing.seal()
    with Path(settings.WITNESS_FILE).open("a") as file:
        file.write(torn)
    record(1)
    assert sealing.seal() == 1 and checks.problems() == []


def test_tl_13_a_record_that_was_rewritten_is_noticed_too() -> None:
    record(3)
    sealing.seal()
    with as_owner():
        run("UPDATE audits_checkpoint SET root = %s", bytes(32))
    assert [one.id for one in checks.problems()] == ["audits.W001"]
    record(1)
    with refused("restored"):
        sealing.seal()
