"""Writes one letter down, to be sent later, and names it."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from approvals import validity
from approvals.letters.audience import Recipient
from approvals.letters.message import Message, as_html, as_text, one_line
from approvals.models import Letter
from approvals.vocabulary import LetterState


def write(message: Message, to: Recipient, *, key: str, reply_to: str, **columns: Any) -> Letter:
    """Write one letter, due at once. The key is unique."""
    now = validity.now()
    return Letter.objects.create(
        key=key, recipient=to.person, address=to.person.email, reply_to=reply_to, subject=one_line(message.subject),
        text=as_text(message), html=as_html(message), state=LetterState.PENDING, written_at=now, next_attempt_at=now,
        **columns,
    )  # fmt: skip


def message_id(letter: Letter) -> str:
    """The same for every attempt, so that a mail program knows a repeat when it sees one."""
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return f"<{letter.key}.{sha256(letter.key.encode()).hexdigest()[:24]}@{host}>"
