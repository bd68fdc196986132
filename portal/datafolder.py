"""The data folder: made private, used by one `manage.py up` at a time, and the keeper of what is made up once."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class InUse(Exception):
    """Another process works with the data folder; `holder` is its id, as far as it is known."""

    def __init__(self, holder: str) -> None:
        self.holder = holder
        super().__init__(holder)


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """The folder is ours until the end of the block; raises InUse when another `up` has it. A crash frees it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise InUse(lock.read().strip()) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def remembered(path: Path, value: str) -> str:
    """What the file holds. The first time the value is written to it, readable by its owner only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{value}\n")
    return value


def fresh_log(folder: Path, name: str) -> Path:
    """The path of an empty log. The log of the start before is kept beside it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{name}.log"
    if path.exists():
        path.replace(path.with_suffix(".log.1"))
    path.touch(mode=0o600)
    return path
