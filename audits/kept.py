"""What is kept of the seal outside the database: the key, the public keys so far, and the last checkpoint.

Whoever owns the database and not these files cannot change the record unseen. Files are replaced whole, and are on the
disk before their names are.
"""

from __future__ import annotations

import fcntl
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from audits import note
from audits.note import Verifier

logger = logging.getLogger(__name__)


def folder() -> Path:
    """The folder of the seal, readable by its owner only."""
    path = Path(settings.SEAL_DIR)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def put(path: Path, text: str) -> None:
    """Replace the file by this text at once: after a crash it is the old one or the new one."""
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(made).replace(path)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


@contextmanager
def alone() -> Iterator[None]:
    """One process at a time works with these files."""
    with (folder() / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def last_note() -> str:
    """The last checkpoint that was kept; empty when there is none yet."""
    with suppress(FileNotFoundError):
        return (folder() / "checkpoint").read_text(encoding="utf-8")
    return ""


def keep(signed: str) -> None:
    """Keep this checkpoint unless a larger one is there, and tell the witness file of it, if one is named."""
    with alone():
        before = last_note()
        if not before or note.read(before).size < note.read(signed).size:
            put(folder() / "checkpoint", signed)
    _witness(signed)


def set_aside() -> None:
    """Put the last checkpoint beside: after a restore that somebody has acknowledged it is of a record no more."""
    with alone():
        before = last_note()
        if before:
            (folder() / "checkpoint").replace(folder() / f"checkpoint-lost-at-{note.read(before).size}")


def _witness(signed: str) -> None:
    """Append to the witness file. A failure is logged, and the next checkpoint says at least as much."""
    if not settings.WITNESS_FILE:
        return
    try:
        with Path(settings.WITNESS_FILE).open("a", encoding="utf-8") as file:
            file.write(f"{signed}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        logger.error("the witness file cannot be written", extra={"error": str(error)})


def witnessed() -> str:
    """The last checkpoint in the witness file; empty without one, or when what stands there last is none."""
    path = Path(settings.WITNESS_FILE or os.devnull)
    try:
        if not path.is_file():  # a pipe to another machine is written, and cannot be read
            return ""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 2 * note.LONGEST))
            parts = file.read().decode(errors="replace").rstrip("\n").split("\n\n")
        last = "\n\n".join(parts[-2:]) + "\n"
        note.read(last)
    except (OSError, note.Unreadable):
        return ""
    return last


def verifiers() -> list[Verifier]:
    """The public keys that have signed so far, oldest first."""
    with suppress(FileNotFoundError):
        rows = (folder() / "verifiers").read_text(encoding="utf-8").split()
        return [Verifier.read(row) for row in rows]
    return []


def add_verifier(verifier: Verifier) -> None:
    """Know one more public key."""
    with alone():
        known = verifiers()
        if verifier not in known:
            put(folder() / "verifiers", "".join(f"{one}\n" for one in [*known, verifier]))
