"""What somebody brings is opened with care: nothing unpacked, nothing run, and no zip does harm."""

from __future__ import annotations

import io
import stat
import tempfile
import warnings
from collections.abc import Callable
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from audits import evidence
from tests.cast import Cast, Walk
from tests.evidence.bundles import opened, taken

pytestmark = pytest.mark.django_db


def zipped(*files: tuple[str | ZipInfo, bytes], how: int = ZIP_DEFLATED) -> bytes:
    """A zip as any program makes one."""
    made = io.BytesIO()
    with warnings.catch_warnings(), ZipFile(made, "w", how) as target:
        warnings.simplefilter("ignore")  # two files of one name
        for name, data in files:
            target.writestr(name, data)
    return made.getvalue()


def link(name: str) -> ZipInfo:
    """A symbolic link as zips hold one."""
    made = ZipInfo(name)
    made.create_system, made.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return made


def nested(depth: int) -> bytes:
    """A bomb as 42.zip is one: zips in zips, with zeros at the bottom."""
    made = bytes(2**22)
    for level in range(depth):
        made = zipped(*((f"{level}-{number}.zip", made) for number in range(16)))
    return made


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "no zip": (lambda: b"evidence", "no zip that can be read"),
    "nothing": (lambda: b"", "no zip that can be read"),
    "cut off": (lambda: zipped(("a.txt", b"a"))[:-9], "no zip that can be read"),
    "ten megabytes": (lambda: zipped(("a", bytes(11 * 2**20)), how=0), "larger than 10 MB"),
    "a bomb": (lambda: zipped(("a.txt", bytes(50 * 2**20))), "far larger than it looks"),
    "a bomb of bombs": (lambda: nested(2), "far larger than it looks"),
    "many files": (lambda: zipped(*((f"{n}.txt", b"") for n in range(2_001))), "more than 2,000 files"),
    "outside": (lambda: zipped(("../../etc/passwd", b"a")), "outside of its folder: ../../etc/passwd"),
    "outside, backwards": (lambda: zipped(("..\\a.txt", b"a")), "outside of its folder"),
    "absolute": (lambda: zipped(("/etc/passwd", b"a")), "outside of its folder"),
    "a drive": (lambda: zipped(("C:evil.exe", b"a")), "outside of its folder"),
    "a link": (lambda: zipped((link("a.txt"), b"/etc/passwd")), "a link instead of a file"),
    "twice": (lambda: zipped(("a.txt", b"a"), ("a.txt", b"b")), "two files of one name"),
    "hidden": (lambda: zipped((".bashrc", b"a")), "a name no bundle has"),
    "a name that turns round": (lambda: zipped(("a\u202etxt.exe", b"a")), "a name no bundle has: a\\u202etxt.exe"),
    "other files": (lambda: zipped(("a.txt", b"a"), how=0), "not as the portal wrote it"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_ws_23_a_hostile_zip_is_refused_in_plain_words(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make, words = HOSTILE[what]
    brought = io.BytesIO(make())
    for name in ("extract", "extractall", "open", "read"):
        monkeypatch.setattr(ZipFile, name, None)  # nothing is unpacked
    found = evidence.check(brought)
    assert not found.holds and not found.agrees and not found.says
    (sentence,) = found.wrong
    assert words in sentence and sentence.endswith(".")


def test_ws_23_an_encrypted_file_is_refused() -> None:
    made = bytearray(zipped(("a.txt", b"a")))
    made[made.rindex(b"PK\1\2") + 8] |= 1
    assert "an encrypted file" in evidence.check(io.BytesIO(bytes(made))).wrong[0]


def test_a_good_bundle_is_told_and_whose_it_is(cast: Cast, in_force: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    version = in_force()
    brought = taken(version.packet, cast.auditor)
    monkeypatch.setattr(tempfile, "mkdtemp", None)  # nothing is written
    monkeypatch.setattr(tempfile, "mkstemp", None)
    found = evidence.check(io.BytesIO(brought))
    assert found.holds and found.ours and not found.wrong
    assert any(f"content digest {version.digest}" in line for line in found.says)
    assert any("The key came with the bundle" in line for line in found.agrees)
    key = opened(brought)["public_key.pem"].decode()
    assert "That key is the one you gave." in evidence.check(io.BytesIO(brought), key=key).agrees
    at = evidence.check(io.BytesIO(brought), at="2001-01-01T00:00:00Z").says
    assert f"  {version.packet}: NO, no version of it was in force then" in at


def test_what_is_given_beside_it_and_cannot_be_read_is_said(cast: Cast, in_force: Walk) -> None:
    brought = taken(in_force().packet, cast.auditor)
    for beside, words in (
        ({"key": "-----BEGIN"}, "public key"),
        ({"at": "yesterday"}, "moment cannot be read"),
        ({"at": "2026-11-28T12:00:00"}, "moment cannot be read"),
        ({"checkpoint": "Dear all"}, "checkpoint you gave is none"),
    ):
        found = evidence.check(io.BytesIO(brought), **beside)
        assert not found.holds and words in found.wrong[0] and not found.says


def test_a_changed_bundle_says_nothing_of_its_content(cast: Cast, in_force: Walk) -> None:
    brought = taken(in_force().packet, cast.auditor)
    at = brought.index(b"The scope is narrow.")
    found = evidence.check(io.BytesIO(brought[:at] + b"t" + brought[at + 1 :]))
    assert not found.holds and not found.says and not found.ours
