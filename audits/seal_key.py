"""The key that signs checkpoints: from SEAL_KEY, else made on the first run and kept in SEAL_DIR."""

from __future__ import annotations

import base64
import binascii
import os

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings

from approvals.errors import Refused
from audits import kept

FILE = "key"


def current() -> Ed25519PrivateKey:
    """The key that signs now. Raises Refused("seal_key") for one that cannot be read."""
    if settings.SEAL_KEY:
        return read(settings.SEAL_KEY)
    path = kept.folder() / FILE
    with kept.alone():
        if not path.exists():
            kept.put(path, made())
        return read(path.read_text(encoding="utf-8").strip())


def made() -> str:
    """A new key, as it is kept: 32 random bytes in base64."""
    return base64.b64encode(os.urandom(32)).decode() + "\n"


def replace() -> Ed25519PrivateKey:
    """Put a new key in the place of the one in SEAL_DIR, and return it; SEAL_KEY is whoever sets it to change."""
    if not settings.SEAL_KEY:
        with kept.alone():
            kept.put(kept.folder() / FILE, made())
    return current()


def read(text: str) -> Ed25519PrivateKey:
    """A key from 32 bytes in base64, or from PEM. Raises Refused("seal_key"); the text is not repeated."""
    try:
        if text.startswith("-----BEGIN"):
            key = load_pem_private_key(text.encode(), password=None)
        else:
            key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True))
    except (ValueError, TypeError, binascii.Error):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused(
            "seal_key", "SEAL_KEY is no Ed25519 key.",
            "Write what openssl rand -base64 32 prints, or the PEM of openssl genpkey -algorithm ed25519.",
        )  # fmt: skip
    return key
