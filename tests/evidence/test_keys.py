"""Keys: the one somebody holds, one that is not theirs, and the seal's change from one to another."""

from __future__ import annotations

import base64
import json
from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from approvals.models import Event
from audits import seal_changes, sealing
from audits.evidence import verify
from audits.evidence.gathering import pem
from audits.models import Checkpoint
from tests.cast import Cast, Walk
from tests.evidence.bundles import Memory, holds, opened, taken

pytestmark = pytest.mark.django_db
WHY = "The machine was replaced."


def looked_at(files: dict[str, bytes], key: bytes = b"") -> verify.Bundle:
    """The bundle, verified with the key somebody holds."""
    bundle = verify.Bundle(Memory(files), verify.public_key(key) if key else b"")
    bundle.verify()
    return bundle


def seal_key(number: int) -> str:
    """A key as SEAL_KEY holds one."""
    return base64.b64encode(bytes([number]) * 32).decode()


def test_a_key_from_elsewhere_is_compared(cast: Cast, in_force: Walk) -> None:
    files = opened(taken(in_force().packet, cast.auditor))
    assert "That key is the one you gave." in looked_at(files, files["public_key.pem"]).agrees
    other = pem(Ed25519PrivateKey.generate().public_key())
    assert "not the one you gave" in looked_at(files, other).wrong[0]
    assert any(line.startswith("NOTE   The key came with the bundle.") for line in looked_at(files).agrees)


def test_a_bundle_signed_anew_with_a_key_of_their_own_is_known_by_the_key(cast: Cast, in_force: Walk) -> None:
    files = opened(taken(in_force().packet, cast.auditor))
    forger = Ed25519PrivateKey.generate()
    statement, key = json.loads(files["statement.json"]), forger.public_key()
    next(row for row in statement["subject"] if row["name"] == "public_key.pem")["digest"] = {
        "sha256": verify.sha256(pem(key))
    }
    forged = verify.canonical(statement)
    signature = forger.sign(verify.pae(forged))
    made = {
        **files, "public_key.pem": pem(key), "statement.json": forged, "statement.sig": signature,
        "bundle.dsse.json": verify.envelope(forged, signature, key.public_bytes_raw()),
    }  # fmt: skip
    assert "not the one you gave" in looked_at(made, files["public_key.pem"]).wrong[0]
    told = " ".join(looked_at(made).agrees)
    assert "which only this statement vouches for" in told and "NOTE   The key came with the bundle" in told


def test_every_key_can_be_read_whatever_its_letters(
    cast: Cast, in_force: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Base64 has + and /, which stand between the parts of a verifier too."""
    for number in count():
        public = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32).public_key().public_bytes_raw()
        if {"+", "/"} <= set(base64.b64encode(b"\x01" + public).decode()):
            break
    monkeypatch.setattr(settings, "SEAL_KEY", seal_key(number))
    assert holds(opened(taken(in_force().packet, cast.auditor)))


def test_after_a_change_of_keys_either_key_verifies(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    sealing.seal()
    before = opened(taken(version.packet, cast.auditor))
    seal_changes.change_key(WHY, None)
    after = opened(taken(version.packet, cast.auditor))
    assert after["checkpoint"] == before["checkpoint"] and after["public_key.pem"] != before["public_key.pem"]
    for held in (b"", before["public_key.pem"], after["public_key.pem"]):
        found = looked_at(after, held)
        assert not found.wrong
        assert any("an earlier key" in line and "that both signed" in line for line in found.agrees)
    assert (
        "The key you gave leads to it by a checkpoint that both signed."
        in looked_at(after, before["public_key.pem"]).agrees
    )
    assert looked_at(before, before["public_key.pem"]).wrong == []


def test_a_key_that_nothing_ties_to_the_one_before_is_said_to_be(
    cast: Cast, in_force: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SEAL_KEY", seal_key(1))
    version = in_force()
    before = opened(taken(version.packet, cast.auditor))
    monkeypatch.setattr(settings, "SEAL_KEY", seal_key(2))
    seal_changes.change_key(WHY, None)
    after = opened(taken(version.packet, cast.auditor))
    assert any("which only this statement vouches for" in line for line in looked_at(after).agrees)
    assert "no change of keys leads from one to other" in looked_at(after, before["public_key.pem"]).wrong[0]


def test_a_checkpoint_one_holds_is_compared(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    sealing.seal()
    files = opened(taken(version.packet, cast.auditor, at_checkpoint=Checkpoint.objects.all()[0].size))
    note = files["checkpoint"].decode()
    origin, size, root, *_ = note.split("\n")

    def told(held: str) -> verify.Bundle:
        bundle = verify.Bundle(Memory(files), b"", held)
        bundle.verify()
        return bundle

    for held in (note, f"Dear all,\n-- \nCheckpoint of the record: {origin} {size} {root}\n"):
        assert any("not rewritten since" in line for line in told(held).agrees)
    other = base64.b64encode(bytes(32)).decode()
    for held, words in (
        (note.replace(root, other), "it was rewritten"),
        (note.replace(origin, f"{origin}a"), "another record"),
        (note.replace(f"\n{size}\n", "\n7777\n"), "--at-checkpoint 7777"),
        ("", ""),
    ):
        found = told(held)
        assert (words in found.wrong[0]) if words else not found.wrong
    assert Event.objects.count() > int(size)
