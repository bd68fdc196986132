"""A bundle verifies with nothing of ours: openssl without a network, securesystemslib, pymerkle."""

from __future__ import annotations

import base64
import copy
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pymerkle.core import _inclusion_path_layout
from pymerkle.proof import InclusionProof, verify_inclusion
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from audits.tree import leaf_hash
from tests.cast import Cast, Walk
from tests.evidence.bundles import opened, taken

pytestmark = pytest.mark.django_db
HOW = "With openssl 3 and coreutils alone"


@pytest.fixture
def zipped(cast: Cast, in_force: Walk) -> bytes:
    """A bundle that holds."""
    return taken(in_force().packet, cast.auditor)


@pytest.fixture
def folder(zipped: bytes, tmp_path: Path) -> Path:
    """The same, unpacked."""
    with ZipFile(io.BytesIO(zipped)) as found:
        found.extractall(tmp_path / "bundle")
    return tmp_path / "bundle"


def offline(*command: str, at: Path) -> subprocess.CompletedProcess[str]:
    """Run it where there is no network at all."""
    assert shutil.which("unshare"), (
        "Install util-linux (apt-get install util-linux): its unshare takes the network away."
    )
    alone = ["unshare", "--map-root-user", "--net", *command]
    return subprocess.run(alone, cwd=at, capture_output=True, text=True, check=False)


def lines_of_readme(folder: Path) -> str:
    """The commands that the bundle's README prints, as they stand there."""
    _, _, rest = (folder / "README.txt").read_text().partition(HOW)
    return "\n".join(line for line in rest.split("\n\n")[0].splitlines()[1:] if not line.startswith("  Expect"))


def test_ev_1_plain_openssl_verifies_it_without_a_network(folder: Path) -> None:
    assert shutil.which("openssl"), "Install openssl (apt-get install openssl): the README of a bundle uses it."
    done = offline("sh", "-e", "-c", lines_of_readme(folder), at=folder)
    said = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert (said[0], said[1], said[-1]) == ("Signature Verified Successfully", "1", "Signature Verified Successfully")
    assert all(line.endswith(": OK") for line in said[2:-1]) and len(said) > 10
    for name in ("statement.json", "SHA256SUMS", "checkpoint", "events.jsonl"):
        kept = (folder / name).read_bytes()
        (folder / name).write_bytes(kept.replace(b"a", b"b", 1))
        assert offline("sh", "-e", "-c", lines_of_readme(folder), at=folder).returncode != 0, name
        (folder / name).write_bytes(kept)


def test_ev_1_our_verifier_needs_no_network_and_nothing_of_the_portal(folder: Path, zipped: bytes) -> None:
    done = offline(sys.executable, "-I", "verify.py", at=folder)
    assert done.returncode == 0 and "Everything in this bundle agrees." in done.stdout, done.stdout + done.stderr
    assert "NOTE   The key came with the bundle." in done.stdout and "ok     NOTE" not in done.stdout
    (folder / "events.jsonl").write_bytes((folder / "events.jsonl").read_bytes() + b"\n")
    done = offline(sys.executable, "-I", "verify.py", at=folder)
    assert done.returncode == 1 and "WRONG  events.jsonl was changed." in done.stdout


def test_ev_1_securesystemslib_verifies_the_envelope(zipped: bytes) -> None:
    files = opened(zipped)
    key = SSlibKey.from_crypto(load_pem_public_key(files["public_key.pem"]))
    data = json.loads(files["bundle.dsse.json"])
    envelope = Envelope.from_dict(copy.deepcopy(data))
    assert set(envelope.verify([key], 1)) == {key.keyid} and envelope.payload == files["statement.json"]
    data["payloadType"] = "application/json"
    with pytest.raises(VerificationError):
        Envelope.from_dict(data).verify([key], 1)


def test_pymerkle_accepts_each_proof(zipped: bytes) -> None:
    files = opened(zipped)
    record = json.loads(files["statement.json"])["predicate"]["record"]
    root = base64.b64decode(record["root"])
    for body, row in zip(files["events.jsonl"].splitlines(), files["proofs.jsonl"].splitlines(), strict=True):
        proof = json.loads(row)
        leaf, path = leaf_hash(body), [bytes.fromhex(one) for one in proof["hashes"]]
        rule, _ = _inclusion_path_layout(proof["index"] + 1, record["size"])
        theirs = InclusionProof("sha256", True, record["size"], proof["index"] + 1, rule, [leaf, *path])
        verify_inclusion(leaf, root, theirs)
