"""The drill: a backup while people work, back into an empty place, and everything is there again."""

from __future__ import annotations

import json
import stat
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection, connections

from approvals.letters.webhooks import receivers, sending
from approvals.models import Event, Version
from approvals.vocabulary import EventKind, LetterState, ReceiverKind, State
from portal.backups.contents import MIGRATIONS, SESSIONS
from portal.backups.record import last_backup
from portal.backups.taking import take
from tests.backups.places import Place, Rows, empty_place, here
from tests.cast import Cast, Walk, sign

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Without any table."""
    with empty_place(tmp_path / "there") as found:
        yield found


@pytest.fixture
def migrated(tmp_path: Path) -> Iterator[Place]:
    """On PostgreSQL with the tables of today, in which nothing ever happened."""
    with empty_place(tmp_path / "there", f"{connection.settings_dict['NAME']}_pristine") as found:
        yield found


@contextmanager
def people_at_work(in_review: Walk, cast: Cast) -> Iterator[list[int]]:
    """Meanwhile somebody submits and Security signs, over a connection of their own; gives what is in force since."""
    done: list[int] = []
    stop = threading.Event()

    def work() -> None:
        try:
            while not stop.is_set():
                version = in_review(seats={"Security": 1})
                sign(version, cast.security)
                done.append(version.pk)
        finally:
            connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        while not done:
            time.sleep(0.01)  # the first is in force: work is under way
        yield done
    finally:
        stop.set()
        worker.join(60)


def test_a_backup_under_load_comes_back_whole(
    cast: Cast, in_review: Walk, migrated: Place, tmp_path: Path, full_scale: bool
) -> None:
    with people_at_work(in_review, cast) as done:
        until = len(done) + (200 if full_scale else 3)
        taken = take(tmp_path)
        while len(done) < until:
            time.sleep(0.01)
    held = taken.manifest.holdings
    assert 0 < held.packets < Version.objects.count()  # work went on after the instant of the backup

    outcome = migrated.manage("restore", str(taken.path), "--sha256", taken.sha256)
    assert outcome.returncode == 0, outcome.stderr
    print(f"{connection.vendor}: {outcome.stdout}")
    assert f"{held.packets} packets, {held.events} events up to event {held.last_event}" in outcome.stdout

    *events, restored = migrated.rows("approvals_event")
    kept = {row["id"] for row in events}
    assert len(events) == held.events and max(kept) == held.last_event
    assert events == [row for row in here().rows("approvals_event") if row["id"] in kept]  # byte for byte
    assert restored["kind"] == EventKind.RESTORED
    one_instant(migrated.rows("approvals_version"), events)


def one_instant(versions: Rows, events: Rows) -> None:
    """A state and its event are written together, so a copy that has one of them without the other is torn."""
    in_force = {row["id"] for row in versions if row["state"] == State.APPROVED}
    assert in_force == {row["version_id"] for row in events if row["kind"] == EventKind.APPROVED}
    assert {row["id"] for row in versions} == {row["version_id"] for row in events if row["kind"] == EventKind.DRAFTED}


def test_every_row_comes_back_and_the_next_one_gets_a_new_key(
    cast: Cast, in_force: Walk, in_review: Walk, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_by_webhook(cast)
    in_force()
    in_review(seats={"Security": 1})
    monkeypatch.setattr("approvals.events.after_commit", [])  # nothing is sealed between the backup and the look
    taken = take(tmp_path / "one.zip")
    assert stat.S_IMODE(taken.path.stat().st_mode) == 0o600
    before = {table: here().rows(table) for table in connection.introspection.table_names()}

    outcome = place.manage("restore", str(taken.path))
    assert outcome.returncode == 0 and "2 digests checked" in outcome.stdout, outcome.stderr
    for table in before.keys() - {"approvals_event", MIGRATIONS, *SESSIONS}:
        assert place.rows(table) == before[table], table
    assert place.rows("approvals_event")[:-1] == before["approvals_event"][:-1]  # each has one of its own at the end
    names = [{(row["app"], row["name"]) for row in rows} for rows in (place.rows(MIGRATIONS), before[MIGRATIONS])]
    assert names[0] == names[1]

    assert [row["state"] for row in place.rows("approvals_delivery")] == [LetterState.FAILED]  # owed no more, there too
    assert new_key(place, "approvals_packet") > max(row["id"] for row in before["approvals_packet"])


def told_by_webhook(cast: Cast) -> None:
    """A receiver and a message to it that is settled: it was switched off before it left."""
    receivers.set_up(ReceiverKind.CHAT, "https://93.184.216.34/T0KEN", actor=cast.admin, seen=0)
    delivery = receivers.write_trial(ReceiverKind.CHAT, actor=cast.admin)
    receivers.switch(ReceiverKind.CHAT, on=False, actor=cast.admin, seen=receivers.seen_of(delivery.receiver))
    assert sending.send_one(delivery.pk)


def new_key(place: Place, table: str) -> int:
    """The key of the next row: SQLite keeps the count in the file, PostgreSQL in a sequence beside the table."""
    question = (
        f"SELECT seq + 1 FROM sqlite_sequence WHERE name = '{table}'"
        if connection.vendor == "sqlite"
        else f"SELECT nextval(pg_get_serial_sequence('{table}', 'id'))"
    )
    with closing(place.connect()) as there:
        return int(there.cursor().execute(question).fetchone()[0])


def test_a_backup_holds_no_session_no_key_and_no_path(cast: Cast, tmp_path: Path) -> None:
    session = SessionStore()
    session["seen"] = "yes"
    session.save()
    told_by_webhook(cast)
    taken = take(tmp_path)
    with zipfile.ZipFile(taken.path) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"sentry-dev" in whole or b"Erin" in whole
    assert str(session.session_key).encode() not in whole
    assert str(settings.SECRET_KEY).encode() not in whole
    assert b"T0KEN" not in whole and b"93.184.216.34" in whole  # of a webhook's address the host alone
    event = Event.objects.get(kind=EventKind.BACKED_UP)
    assert str(tmp_path) not in bytes(event.body).decode() and taken.path.name not in bytes(event.body).decode()
    assert json.loads(bytes(event.body))["detail"]["sha256"] == taken.sha256


def test_the_record_knows_the_newest_backup(cast: Cast, tmp_path: Path) -> None:
    assert last_backup() is None
    take(tmp_path / "first.zip")
    call_command("backup", str(tmp_path / "second.zip"), verbosity=0)
    found = last_backup()
    assert found is not None and found.size == (tmp_path / "second.zip").stat().st_size
    assert (found.packets, found.events) == (0, 1)
