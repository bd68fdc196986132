"""Checkpoints as signed notes: read strictly, signed by whom they say, and not to be forged by a name or a text."""

from __future__ import annotations

import base64
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from approvals import events
from approvals.content import normal
from approvals.models import Event
from approvals.vocabulary import EventKind
from audits import kept, note, sealing
from audits.note import Checkpoint, Unreadable, Verifier, verifier_of
from tests.cast import Cast

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NAME = "approvals.example.org/agent-approvals/0a1b2c3d"
POINT = Checkpoint(NAME, 42, bytes(range(32)), datetime(2026, 11, 28, 3, 0, 0, 123456, tzinfo=UTC))
NAUGHTY = (
    "\n",
    "\n\n",
    "a\n— forged AAAA",
    "\r\n",
    "\0",
    "\u2028",
    "\u202e",
    " ",
    "+",
    "",
    "— ",
    "ä",
    "\x1b[2J",
    "a b",
)


def test_a_note_is_what_c2sp_says() -> None:
    signed = note.sign(POINT, KEY)
    origin, size, root, sealed, gap, line, end = signed.split("\n")
    assert (origin, size, gap, end) == (NAME, "42", "", "")
    assert root == base64.b64encode(bytes(range(32))).decode() and sealed == "sealed 2026-11-28T03:00:00.123456Z"
    assert line.startswith(f"— {NAME} ") and len(base64.b64decode(line.split(" ")[2])) == 68
    assert note.verified(signed, [verifier_of(NAME, KEY)]) == POINT == note.read(signed)


def test_the_key_id_is_the_one_of_the_specification() -> None:
    """The vkey that C2SP's signed-note specification prints as its example."""
    example = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert str(Verifier.read(example)) == example


def test_plain_openssl_verifies_a_checkpoint(tmp_path: Path) -> None:
    text, _, line = note.sign(POINT, KEY).rpartition("\n\n")
    (tmp_path / "text").write_text(f"{text}\n")
    (tmp_path / "signature").write_bytes(base64.b64decode(line.split(" ")[2])[4:])
    pem = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)
    check = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "text"]
    assert subprocess.run([*check, "-sigfile", "signature"], cwd=tmp_path, capture_output=True).returncode == 0
    (tmp_path / "text").write_text(f"{text}!\n")
    assert subprocess.run([*check, "-sigfile", "signature"], cwd=tmp_path, capture_output=True).returncode != 0


def test_tl_3_no_byte_of_a_note_can_be_another_one() -> None:
    signed = note.sign(POINT, KEY).encode()
    for at in range(len(signed)):
        for other in (signed[at] ^ 1, signed[at] ^ 0x80, ord("\n"), ord("A")):
            if other != signed[at]:
                refused(bytes([*signed[:at], other, *signed[at + 1 :]]).decode(errors="replace"))
    for changed in (signed[:-1], signed + b"\n", b"\n" + signed, signed + signed, b"", signed[:20]):
        refused(changed.decode(errors="replace"))


def refused(text: str) -> None:
    with pytest.raises(Unreadable):
        note.verified(text, [verifier_of(NAME, KEY)])


def test_tl_7_an_origin_can_not_be_another_line() -> None:
    for naughty in NAUGHTY:
        for origin in {naughty, f"good{naughty}", f"good{naughty}more"} - {"good", "goodmore"}:
            with pytest.raises(Unreadable, match="An origin is"):
                note.sign(Checkpoint(origin, 1, bytes(32)), KEY)
            with pytest.raises(Unreadable):
                Verifier.read(f"{origin}+00000000+AAAA")


def test_tl_7_texts_of_checkpoints_are_read_strictly() -> None:
    text = POINT.text()
    rows = text.split("\n")
    for wrong in (
        text.replace("42", "042"), text.replace("42", "+42"), text.replace("42", "4 2"), text.replace("42", "-1"),
        text.replace("42", "٤٢"), text.replace(rows[2], rows[2] + "="), text.replace(rows[2], rows[2][:-1]),
        text.replace("sealed ", ""), text.replace("Z\n", "\n"), text + "more\n", text.replace("\n", "\r\n"), text[:-1],
        text.replace(rows[2], base64.b64encode(bytes(31)).decode()), text.replace("+00:00", ""), "\n" + text,
    ):  # fmt: skip
        if wrong != text:
            with pytest.raises(Unreadable):
                Checkpoint.read(wrong)


def test_a_note_of_nobody_known_is_refused() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    both = note.sign(POINT, KEY, other)
    assert note.verified(both, [verifier_of(NAME, other)]) == POINT == note.verified(both, [verifier_of(NAME, KEY)])
    for known in ([], [verifier_of("elsewhere", KEY)]):
        with pytest.raises(Unreadable, match="No key that is known"):
            note.verified(both, known)
    forged = both.replace(base64.b64encode(verifier_of(NAME, other).key_id).decode()[:5], "AAAAA")
    assert note.verified(forged, [verifier_of(NAME, KEY)]) == POINT, "a line of somebody unknown says nothing"


@pytest.mark.django_db
@pytest.mark.parametrize("text", [f"words{naughty}more" for naughty in NAUGHTY if naughty])
def test_tl_7_no_text_can_be_another_field_of_an_event(cast: Cast, text: str) -> None:
    cast.engineer.first_name = text[:30].replace("\0", "")  # PostgreSQL keeps no name with a NUL in it
    said = f'{text}","kind":"approved","x":"\n{text}'
    event = events.record(EventKind.SHARED, actor=cast.engineer, detail={"text": said, "name": text})
    body = bytes(Event.objects.get(pk=event.pk).body)
    assert b"\n" not in body and b"\0" not in body, "one event is one line of a file"
    told = json.loads(body)
    assert (told["kind"], told["detail"]["text"], set(told["detail"])) == ("shared", normal(said), {"text", "name"})
    assert told["actor"]["username"] == "engineer"
    sealing.seal()
    assert note.verified(kept.last_note(), kept.verifiers()).size == 1
