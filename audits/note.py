"""Checkpoints as C2SP signed notes (tlog-checkpoint, signed-note): written, signed and read strictly. Pure.

A checkpoint's text is the origin, the size and the root in base64, each on a line, and when it was sealed as an
extension line. A signature line is “— NAME BASE64”, the key's id in front of the 64 bytes of Ed25519.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audits.tree import LENGTH

ED25519 = b"\x01"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9./:_-]{0,199}", re.ASCII)
SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
SEALED = "sealed "
LONGEST = 4_096
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")  # all but the end of a line


class Unreadable(ValueError):
    """What was given is no signed checkpoint, or none of ours; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The size and the root of the record of this origin, at one instant."""

    origin: str
    size: int
    root: bytes
    at: datetime | None = None

    def text(self) -> str:
        """What is signed. Raises Unreadable for an origin that could be taken for another line."""
        if not NAME.fullmatch(self.origin):
            raise Unreadable("An origin is letters, digits and . / : _ -, as in approvals.example.org/record.")
        rows = [self.origin, str(self.size), base64.b64encode(self.root).decode()]
        rows += [f"{SEALED}{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"] if self.at else []
        return "".join(f"{row}\n" for row in rows)

    @classmethod
    def read(cls, text: str) -> Checkpoint:
        """What `text` wrote, and nothing else. Raises Unreadable."""
        rows = text.split("\n")
        if len(rows) not in (4, 5) or rows[-1] or not NAME.fullmatch(rows[0]) or not SIZE.fullmatch(rows[1]):
            raise Unreadable("This is no checkpoint: it needs an origin, a size and a root, each on a line.")
        try:
            root = base64.b64decode(rows[2], validate=True)
            at = datetime.fromisoformat(rows[3].removeprefix(SEALED)) if len(rows) == 5 else None
        except (ValueError, binascii.Error):
            raise Unreadable("The root or the time of this checkpoint cannot be read.") from None
        found = cls(rows[0], int(rows[1]), root, at)
        if len(root) != LENGTH or (at and at.tzinfo is None) or found.text() != text:
            raise Unreadable("This checkpoint is not written as checkpoints are.")
        return found


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under its name: what C2SP calls a vkey."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(f"{self.name}\n".encode() + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def read(cls, text: str) -> Verifier:
        """What `str` wrote. Raises Unreadable."""
        name, _, rest = text.partition("+")
        _, _, key = rest.partition("+")
        try:
            raw = base64.b64decode(key, validate=True)
        except (ValueError, binascii.Error):
            raise Unreadable("This is no public key of a checkpoint.") from None
        found = cls(name, raw[1:])
        if not NAME.fullmatch(name) or raw[:1] != ED25519 or len(raw) != 33 or str(found) != text:
            raise Unreadable("This is no public key of a checkpoint.")
        return found

    def accepts(self, signature: bytes, message: bytes) -> bool:
        """Whether this key signed the message."""
        try:
            _loaded(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@lru_cache(maxsize=64)
def _loaded(public: bytes) -> Ed25519PublicKey:
    """Reading a key costs as much as verifying with it, and a whole record has few of them."""
    return Ed25519PublicKey.from_public_bytes(public)


def verifier_of(name: str, key: Ed25519PrivateKey) -> Verifier:
    """The public side of a key, under this name."""
    return Verifier(name, key.public_key().public_bytes_raw())


def sign(checkpoint: Checkpoint, *keys: Ed25519PrivateKey) -> str:
    """The signed note, with one signature line for each key."""
    text = checkpoint.text()
    lines = [_line(checkpoint.origin, key, text) for key in keys]
    return "\n".join([text, *lines]) + "\n"


def _line(name: str, key: Ed25519PrivateKey, text: str) -> str:
    signed = verifier_of(name, key).key_id + key.sign(text.encode())
    return f"— {name} {base64.b64encode(signed).decode()}"


def verified(note: str, verifiers: Iterable[Verifier]) -> Checkpoint:
    """The checkpoint, when one of these keys signed it and every line of theirs holds. Raises Unreadable."""
    text, lines = _parts(note)
    known = {(one.name, one.key_id): one for one in verifiers}
    seen = set()
    for line in lines:
        name, signed = _signature(line)
        verifier = known.get((name, signed[:4]))
        if verifier is None:
            continue
        if not verifier.accepts(signed[4:], text.encode()):
            raise Unreadable("The signature does not belong to this checkpoint.")
        seen.add(verifier)
    if not seen:
        raise Unreadable("No key that is known here signed this checkpoint.")
    return Checkpoint.read(text)


def read(note: str) -> Checkpoint:
    """The checkpoint of a note, whoever signed it. Raises Unreadable."""
    return Checkpoint.read(_parts(note)[0])


def signers(note: str) -> list[tuple[str, bytes]]:
    """Name and key id of every signature line. Raises Unreadable."""
    return [(name, signed[:4]) for name, signed in map(_signature, _parts(note)[1])]


def _parts(note: str) -> tuple[str, list[str]]:
    """The text and its signature lines."""
    text, gap, rest = note.rpartition("\n\n")
    if len(note) > LONGEST or not gap or not rest.endswith("\n") or CONTROL.search(note):
        raise Unreadable("This is no signed note: a text, an empty line, and signature lines.")
    return f"{text}\n", rest[:-1].split("\n")


def _signature(line: str) -> tuple[str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, code = rest.partition(" ")
    try:
        signed = base64.b64decode(code, validate=True)
    except (ValueError, binascii.Error):
        signed = b""
    if dash != "—" or not NAME.fullmatch(name) or len(signed) != 68 or base64.b64encode(signed).decode() != code:
        raise Unreadable("A signature line of this note cannot be read.")
    return name, signed
