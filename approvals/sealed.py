"""Secrets as the database holds them: encrypted with a key made from SECRET_KEY, so a copy gives none away."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


def seal(secret: str, purpose: str) -> str:
    """The secret, readable only with this installation's SECRET_KEY and for the same purpose."""
    return _box(purpose).encrypt(secret.encode()).decode()


def unseal(sealed: str, purpose: str) -> str | None:
    """The secret; None when it was sealed with another SECRET_KEY, or for something else."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _box(purpose: str) -> Fernet:
    return Fernet(urlsafe_b64encode(sha256(f"{purpose}\0{settings.SECRET_KEY}".encode()).digest()))
