"""A browser in words, from what it says of itself. Only to be recognised by its owner; nothing is decided by it."""

from __future__ import annotations

NAMES = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
           ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip


def called(user_agent: str) -> str:
    """Such as “Firefox on Linux”."""
    name = next((word for mark, word in NAMES if mark in user_agent), "")
    system = next((word for mark, word in SYSTEMS if mark in user_agent), "")
    return " on ".join(part for part in (name or "A program", system) if part)
