"""Seeds of one-time codes as the database holds them: encrypted, so that a copy of it signs nobody in."""

from __future__ import annotations

import logging
import secrets
from base64 import b32encode

from approvals import sealed as sealing

logger = logging.getLogger(__name__)
PURPOSE = "one-time code seeds"


def seal(seed: str) -> str:
    """The seed, readable only with this installation's SECRET_KEY."""
    return sealing.seal(seed, PURPOSE)


def unseal(sealed: str) -> str:
    """The seed. With another SECRET_KEY it cannot be read: then a random one, which no code fits."""
    seed = sealing.unseal(sealed, PURPOSE)
    if seed is None:
        logger.error("a second factor cannot be read: SECRET_KEY is not the one it was stored with")
        return b32encode(secrets.token_bytes(20)).decode()
    return seed
