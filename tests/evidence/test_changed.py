"""Whatever is changed in a bundle, verifying it says no."""

from __future__ import annotations

import io
import random
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from tests.cast import Cast, Walk
from tests.evidence.bundles import holds, holds_zipped, opened, taken

pytestmark = pytest.mark.django_db


@pytest.fixture
def zipped(cast: Cast, in_force: Walk) -> bytes:
    """A bundle that holds."""
    made = taken(in_force().packet, cast.auditor)
    assert holds_zipped(made) and holds(opened(made))
    return made


def flipped(draw: random.Random, data: bytes) -> bytes:
    """The same with one byte that is another one; an empty file gets one."""
    if not data:
        return b"\n"
    at = draw.randrange(len(data))
    return bytes([*data[:at], data[at] ^ draw.randint(1, 255), *data[at + 1 :]])


def test_ev_2_any_other_byte_in_any_file_is_found(zipped: bytes, full_scale: bool) -> None:
    draw, files, count = random.Random(2), opened(zipped), 200 if full_scale else 4
    for name, data in files.items():
        for _ in range(count):
            assert not holds({**files, name: flipped(draw, data)}), f"a byte of {name}"
    print(f"EV-2: {count * len(files):,} other bytes in {len(files)} files, each found")


def test_ev_2_any_other_byte_of_the_zip_is_found(zipped: bytes, full_scale: bool) -> None:
    draw, count = random.Random(3), 4_000 if full_scale else 60
    for _ in range(count):
        assert not holds_zipped(flipped(draw, zipped))
    tail = len(zipped) - 60 * len(opened(zipped))  # the directory: metadata alone
    for _ in range(count):
        assert not holds_zipped(zipped[:tail] + flipped(draw, zipped[tail:]))
    print(f"EV-2: {2 * count:,} other bytes of the zip itself, each found")


def test_ev_2_more_and_less_and_elsewhere_is_found(zipped: bytes) -> None:
    files = opened(zipped)
    assert not holds({**files, "more.txt": b""})
    for name in files:
        assert not holds({key: data for key, data in files.items() if key != name}), f"without {name}"
        assert not holds({**files, name: b"" if files[name] else b"\n"}), f"{name} empty"
    one, other = "checkpoint_key.pem", "README.txt"
    assert not holds({**files, one: files[other], other: files[one]})
    for changed in (zipped + b"\0", b"\0" + zipped, zipped[:-1], zipped[:1000], b""):
        assert not holds_zipped(changed)


def test_ev_2_a_zip_packed_again_is_not_the_one_that_was_taken(zipped: bytes) -> None:
    for how in (0, ZIP_DEFLATED):
        again = io.BytesIO()
        with ZipFile(again, "w", how) as target:
            for name, data in opened(zipped).items():
                target.writestr(name, data)
        assert not holds_zipped(again.getvalue())
