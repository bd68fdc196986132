"""Seeds of one-time codes as the database holds them: encrypted, so that a copy of it signs nobody in."""

from __future__ import annotations

import logging
import secrets
from base64 import b32encode, urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

logger = logging.getLogger(__name__)


def _box() -> Fernet:
    return Fernet(urlsafe_b64encode(sha256(b"one-time code seeds\0" + settings.SECRET_KEY.encode()).digest()))


def seal(seed: str) -> str:
    """The seed, readable only with this installation's SECRET_KEY."""
    return _box().encrypt(seed.encode()).decode()


def unseal(sealed: str) -> str:
    """The seed. With another SECRET_KEY it cannot be read: then a random one, which no code fits."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        logger.error("a second factor cannot be read: SECRET_KEY is not the one it was stored with")
        return b32encode(secrets.token_bytes(20)).decode()
