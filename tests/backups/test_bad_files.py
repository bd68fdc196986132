"""A file that is cut off, changed or something else, and a place in use: a sentence, and nothing written."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from approvals.models import Event
from approvals.vocabulary import EventKind
from audits import seal_key
from portal.backups import archive, keys, taking
from portal.backups.manifest import Holdings, NotDone
from portal.backups.restoring import restore
from portal.backups.taking import take
from tests.backups.places import here
from tests.cast import Cast, Walk

pytestmark = pytest.mark.django_db(transaction=True)
Damage = Callable[[Path], object]


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A backup of the empty portal; the database is as empty afterwards as before."""
    return take(tmp_path / "good.zip").path


@pytest.fixture
def untouched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was loaded into the database, if anything ever is."""
    loaded: list[str] = []
    monkeypatch.setattr(taking.KINDS[connection.vendor], "load", lambda reader: loaded.append("loaded"))
    return loaded


def rewritten(path: Path, change: Callable[[dict[str, bytes]], object], comment: bytes | None = None) -> None:
    """The same archive with other parts: what somebody does who knows the format."""
    with zipfile.ZipFile(path) as old:
        parts, kept = {name: old.read(name) for name in old.namelist()}, old.comment
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, body in parts.items():
            new.writestr(name, body)
        new.comment = kept if comment is None else comment


def with_manifest(**changes: object) -> Damage:
    """The manifest says something else, and its sum agrees."""

    def damage(path: Path) -> None:
        with zipfile.ZipFile(path) as old:
            body = json.dumps(json.loads(old.read("manifest.json")) | changes).encode()
        rewritten(path, lambda parts: parts.update({"manifest.json": body}), archive._comment(body))

    return damage


def first_part(parts: dict[str, bytes]) -> str:
    return next(name for name in parts if name != "manifest.json" and parts[name])


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda path: path.unlink(), "no file"),
        (lambda path: path.write_bytes(b""), "not a backup"),
        (lambda path: path.write_text("-- PostgreSQL database dump"), "not a backup"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "cut off|damaged|changed"),
        (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "cut off"),
        (lambda path: rewritten(path, lambda parts: parts.pop("manifest.json")), "no manifest"),
        (lambda path: rewritten(path, lambda parts: parts.update({"manifest.json": b"{}"})), "not a backup"),
        (lambda path: rewritten(path, lambda parts: parts.update({"../more": b"x"})), "what its manifest names"),
        (lambda path: rewritten(path, lambda parts: parts.pop(first_part(parts))), "what its manifest names"),
        (lambda path: rewritten(path, lambda parts: parts.update({first_part(parts): b"x"})), "SHA-256 differs"),
        (lambda path: rewritten(path, lambda parts: None, b"another sum"), "manifest of this backup was changed"),
        (with_manifest(format_version=2), "has format 2"),
        (with_manifest(database="oracle"), "a database of its own kind"),
        (with_manifest(migrations=["approvals.9999_from_tomorrow"]), "a later version of the portal"),
    ],
)
def test_a_file_that_is_not_right_is_refused(backup: Path, untouched: list[str], damage: Damage, says: str) -> None:
    before = here().rows("approvals_event")
    damage(backup)
    with pytest.raises(NotDone, match=says):
        restore(backup)
    assert not untouched and here().rows("approvals_event") == before


def test_any_changed_byte_is_refused_or_changes_nothing(backup: Path, full_scale: bool) -> None:
    whole = backup.read_bytes()
    chosen = random.Random(1104)
    refusals = 0
    for place in (chosen.randrange(len(whole)) for _ in range(2000 if full_scale else 40)):
        changed = bytearray(whole)
        changed[place] ^= 1 << chosen.randrange(8)
        backup.write_bytes(changed)
        try:
            with archive.opened(backup) as reader:
                assert [archive.sum_of(reader.part(part))[1] for part in reader.manifest.parts] == [
                    part.sha256 for part in reader.manifest.parts
                ]
        except NotDone:
            refusals += 1
    assert refusals > 0


def test_another_sum_is_another_file(backup: Path, untouched: list[str]) -> None:
    with pytest.raises(NotDone, match="not the file with this SHA-256"):
        restore(backup, sha256="0" * 64)
    assert not untouched


def test_a_place_in_use_is_refused(cast: Cast, drafted: Walk, tmp_path: Path, untouched: list[str]) -> None:
    drafted()
    path = take(tmp_path).path
    before = here().rows("approvals_event")
    with pytest.raises(CommandError, match="The database is in use"):
        call_command("restore", str(path))
    assert not untouched and here().rows("approvals_event") == before


def test_nothing_is_written_over_and_nothing_half_done_stays(backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = backup.read_bytes()
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(backup))
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("backup", str(backup.parent / "no" / "such" / "folder.zip"))

    def full(writer: archive.Writer) -> tuple[Holdings, tuple[str, ...]]:
        with writer.part("half") as sink:
            sink.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(taking.KINDS[connection.vendor], "save", full)
    with pytest.raises(CommandError, match="No space left on device"):
        call_command("backup", str(backup.parent / "more.zip"))
    assert [path.name for path in backup.parent.iterdir()] == ["good.zip"] and backup.read_bytes() == before
    assert Event.objects.filter(kind=EventKind.BACKED_UP).count() == 1  # of the good one


def test_keys_are_written_apart_and_brought_back(tmp_path: Path, settings: Settings) -> None:
    data, there = tmp_path / "data", tmp_path / "there"
    settings.DATA_DIR, settings.SEAL_DIR, settings.SEAL_KEY = data, data / "seal", ""
    seal_key.current()
    made = (data / "seal" / "key").read_text()
    assert keys.write(tmp_path / "keys.json") == ["seal_key", "secret_key"]
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    settings.DATA_DIR, settings.SEAL_DIR = there, there / "seal"
    keys.bring_back(keys.missing_here(tmp_path / "keys.json"))
    assert (there / "seal" / "key").read_text().strip() == made.strip()
    assert (there / "seal" / "key").stat().st_mode & 0o777 == 0o600
    assert not (there / "secret_key").exists()  # this one is in the environment already
    assert keys.missing_here(tmp_path / "keys.json") == {}
    (there / "seal" / "key").write_text("another\n")
    with pytest.raises(NotDone, match="another seal_key here"):
        keys.missing_here(tmp_path / "keys.json")


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"format": "agent-approvals keys", "keys": {"../out_key": "x"}}'])
def test_other_files_hold_no_keys(tmp_path: Path, body: str) -> None:
    (tmp_path / "keys.json").write_text(body)
    with pytest.raises(NotDone, match="holds no keys"):
        keys.missing_here(tmp_path / "keys.json")
