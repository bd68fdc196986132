"""Asking the pages as somebody, and reading what they say."""

from __future__ import annotations

from typing import Any

from django.test import Client

from portal.models import User

QUESTION = {"agent": "sentry-dev", "did": "git diff HEAD", "at": ""}


def signed_in(person: User) -> Client:
    """A browser of this person."""
    client = Client()
    client.force_login(person)
    return client


def text_of(response: Any) -> str:
    """The page as it was sent."""
    return str(response.content.decode())
