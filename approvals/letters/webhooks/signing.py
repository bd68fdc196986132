"""Signatures as Standard Webhooks 1.0 has them: HMAC-SHA256 over id, timestamp and body, one for each secret."""

from __future__ import annotations

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> str:
    """A secret that nobody has seen yet."""
    return PREFIX + b64encode(secrets.token_bytes(BYTES)).decode()


def headers(webhook_id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The three headers. With two secrets there are two signatures, and a receiver needs either."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    return b64encode(hmac.new(b64decode(secret.removeprefix(PREFIX)), signed, sha256).digest()).decode()
