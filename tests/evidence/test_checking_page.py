"""Checking a bundle in a browser: what it is worth in plain words, and a hostile file is a sentence."""

from __future__ import annotations

import io
import re
import stat
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from approvals import transitions
from audits import seal_key
from audits.evidence import verify
from audits.evidence.checking import LARGEST, MOST_FILES
from audits.pages.bundle import AROUND, by_hand, parts
from tests.audits.reading import signed_in, text_of
from tests.cast import Cast, Clock, Walk, no_trace
from tests.evidence.bundles import opened, taken
from tests.evidence.test_foreign import lines_of_readme

pytestmark = pytest.mark.django_db
ADDRESS = "/audit/bundle/"


def asked(client: Client, zipped: bytes, name: str = "evidence.zip", **typed: str) -> Any:
    """What the page answers; whatever it is, it left no trace and no file."""
    before = set(Path(tempfile.gettempdir()).glob("*.upload*"))
    with no_trace():
        response = client.post(ADDRESS, {"file": SimpleUploadedFile(name, zipped)} | typed)
    assert set(Path(tempfile.gettempdir()).glob("*.upload*")) <= before
    return response


@pytest.fixture
def client(cast: Cast) -> Client:
    """Anybody who may open the auditor's first page: everybody who is signed in."""
    found = signed_in(cast.outsider)
    found.get("/")
    return found


def test_a_whole_bundle_is_read_out(cast: Cast, in_force: Walk, clock: Clock, client: Client) -> None:
    version = in_force(job="Revert <b>merge requests</b>.")
    response = asked(client, taken(version.packet, cast.auditor), at="2026-11-02T10:00:00Z")
    page = text_of(response)
    assert response.status_code == 200 and response.context["checked"].holds
    assert "Whole, and signed with a key of this portal." in page
    assert version.digest in page and "Sam Sato (security) approved it for Security" in page
    assert "yes, v1" in page and "Was it valid, Mon 02 Nov 2026 10:00:00 UTC?" in page
    assert "Revert &lt;b&gt;merge requests&lt;/b&gt;." in page and "<b>merge" not in page
    assert "--at, such as" not in page and "The key came with the bundle" not in page


def test_a_checkpoint_one_holds_is_compared(cast: Cast, in_force: Walk, client: Client) -> None:
    zipped = taken(in_force().packet, cast.auditor)
    held = opened(zipped)["checkpoint"].decode()
    same = asked(client, zipped, checkpoint=held.replace("\n", "\r\n"))
    assert "This is the record of the checkpoint you gave" in text_of(same)
    root = held.split("\n")[2]
    other = asked(client, zipped, checkpoint=held.replace(root, "A" * 43 + "="))
    assert other.status_code == 422 and "it was rewritten" in text_of(other)
    assert not other.context["parts"]


def test_a_bundle_of_another_portal_is_whole_and_not_ours(
    cast: Cast, in_force: Walk, client: Client, settings: Any, tmp_path: Path
) -> None:
    zipped = taken(in_force().packet, cast.auditor)
    settings.SEAL_DIR = tmp_path / "another"
    seal_key.current()
    page = text_of(asked(client, zipped))
    assert "signed with a key this portal does not know" in page
    assert "key of this portal.</b>" not in page


def test_a_changed_byte_is_no(cast: Cast, in_force: Walk, client: Client) -> None:
    zipped = taken(in_force().packet, cast.auditor)
    for at in (zipped.index(b"PK\3\4", 4) - 40, len(zipped) // 2, len(zipped) - 1):
        response = asked(client, zipped[:at] + bytes([zipped[at] ^ 1]) + zipped[at + 1 :])
        page = text_of(response)
        assert response.status_code == 422 and "Do not rely on it." in page
        assert "Whole" not in page and not response.context["parts"]


def zip_of(**entries: bytes) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as target:
        for name, data in entries.items():
            target.writestr(name, data)
    return made.getvalue()


def one(info: ZipInfo | str, data: bytes = b"x") -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w") as target:
        target.writestr(info, data)
    return made.getvalue()


def link() -> bytes:
    info = ZipInfo("statement.json")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return one(info, b"/etc/passwd")


def encrypted() -> bytes:
    """The flag says so, in the file's head and in the directory."""
    made = bytearray(one("statement.json"))
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = made.index(mark) + offset
        made[at : at + 2] = struct.pack("<H", 1)
    return bytes(made)


def many() -> bytes:
    return zip_of(**{f"f{number}": b"" for number in range(MOST_FILES + 1)})


def bombs() -> bytes:
    """A file of zeros inside a zip inside a zip, as 42.zip is made."""
    return zip_of(**{f"layer{n}.zip": zip_of(zeros=bytes(2**20)) for n in range(4)}, zeros=bytes(20 * 2**20))


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a bomb": (bombs, "far larger than it looks"),
    "a link": (link, "a link instead of a file"),
    "the folder above": (lambda: one("../../etc/cron.d/x"), "outside of its folder"),
    "a root": (lambda: one("/etc/passwd"), "outside of its folder"),
    "a drive": (lambda: one("C:\\x"), "outside of its folder"),
    "too many": (many, f"more than {MOST_FILES:,} files"),
    "encrypted": (encrypted, "an encrypted file"),
    "no zip": (lambda: b"%PDF-1.7 not a zip", "no zip that can be read"),
    "nothing": (lambda: b"PK\5\6" + bytes(18), "not as it was taken"),
    "half": (lambda: one("statement.json")[:-10], "no zip that can be read"),
    "markup": (lambda: one("<img src=x onerror=alert(1)>"), "&lt;img src=x"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_ws_23_a_hostile_zip_is_a_sentence(client: Client, kind: str) -> None:
    make, words = HOSTILE[kind]
    made = make()
    assert len(made) < LARGEST
    response = asked(client, made, name='"><script>.zip')
    page = text_of(response)
    assert response.status_code == 422
    assert words in page and "Do not rely on it." in page
    assert "<img src" not in page and "<script>.zip" not in page


def test_ws_23_more_than_ten_megabytes_is_not_looked_at(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "Packed", None)
    response = asked(client, bytes(LARGEST + 1))
    assert response.status_code == 413 and "larger than 10 MB" in text_of(response)


def test_ws_23_what_is_announced_too_long_is_not_even_read(client: Client) -> None:
    class Untouched(io.BytesIO):
        def read(self, *size: Any) -> bytes:
            raise AssertionError("the body was read")

    extra: Any = {
        "wsgi.input": Untouched(), "CONTENT_LENGTH": str(LARGEST + AROUND + 1),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
    }  # fmt: skip
    response = client.post(ADDRESS, **extra)
    assert response.status_code == 413 and "larger than 10 MB" in text_of(response)


def test_what_is_missing_or_unreadable_is_said_at_its_field(client: Client) -> None:
    with no_trace():
        none = client.post(ADDRESS)
    assert none.status_code == 422 and "Choose the zip of a bundle" in text_of(none)
    wrong = asked(client, b"PK", at="yesteryear", checkpoint="x" * 50_001)
    page = text_of(wrong)
    assert wrong.status_code == 422 and "cannot be read" in page and "this is longer" in page
    assert "yesteryear" in page and wrong.context["checked"] is None


def test_a_forged_form_checks_nothing(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.auditor)
    assert strict.post(ADDRESS, {"file": SimpleUploadedFile("x.zip", b"PK")}).status_code == 403


def test_the_ways_without_the_portal_are_those_of_the_bundle(
    cast: Cast, in_force: Walk, client: Client, tmp_path: Path
) -> None:
    files = opened(taken(in_force().packet, cast.auditor))
    (tmp_path / "README.txt").write_bytes(files["README.txt"])
    shown = by_hand()
    for line in lines_of_readme(tmp_path).splitlines():
        assert line.strip() in shown
    assert re.search(r"^openssl pkeyutl -verify", shown, re.M)
    response: Any = client.get("/audit/verify.py")
    assert b"".join(response.streaming_content) == files["verify.py"]


def test_what_it_says_of_each_version_is_a_part_of_its_own(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    transitions.suspend(version.packet_id, actor=cast.responder, reason="It deleted a branch.")
    bundle = verify.Bundle(verify.Packed(io.BytesIO(taken(version.packet, cast.auditor))))
    assert bundle.verify()
    first, last = parts(verify.answers(bundle))
    assert first.title == f"{version}, agent sentry-dev"
    labels = [row.label for row in first.rows]
    assert labels[:3] == ["What exactly", "Job", "Identity"] and "Who, when, by which rule" in labels
    assert any(row.words.startswith("Suspended Mon 02 Nov 2026") and not row.label for row in first.rows)
    assert last.title.startswith("All of this is as the record stood") and not last.rows
