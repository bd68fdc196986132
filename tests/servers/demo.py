"""The demo in the test database: made once in each test process, then copied, because walking all its verbs takes long.

On SQLite only; nothing that shows the demo depends on the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from tests.servers import pristine

PASSWORD = "a password for the demo"
_made: list[pristine.Pristine] = []
_sealed_in: list[Path] = []  # the folder that holds the keys of the demo's checkpoints


@contextmanager
def demo_rows() -> Iterator[None]:
    """The demo is there, committed, until the end of the block; then the database is as it was before."""
    before = pristine.keep()
    if _made:
        _made[0].restore()
    else:
        _sealed_in.append(settings.SEAL_DIR)
        call_command("seed_demo", password=PASSWORD, verbosity=0)
        _made.append(pristine.keep())
    try:
        yield
    finally:
        before.restore()
        before.discard()


def seal_of_the_demo() -> Path:
    """The folder of the seal that belongs to the demo's rows, which are made by now."""
    return _sealed_in[0]
