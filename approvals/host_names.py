"""The host of a web address in one plain form, or not at all: what is disguised is nobody's honest address."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult

import idna

LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
NUMERIC = re.compile(r"\d+|0x[0-9a-f]*")  # what resolvers read as a part of an IPv4 address (WHATWG URL, 3.5)
LONGEST = 253


def plain_host(parts: SplitResult) -> str:
    """As it is resolved and as its certificate names it: lower case, ASCII, dotted numbers only as such.

    Raises ValueError with a sentence for a person who is named in it, for what is no name, and for a number that is
    written so that it hides which address it is.
    """
    if "@" in parts.netloc or "\\" in parts.netloc:
        raise ValueError("The address holds a user name or password.")
    name = parts.hostname or ""
    if "[" in parts.netloc:
        return _literal(name)
    try:
        host = name if name.isascii() else idna.encode(name, uts46=True, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise ValueError("The host is no name that can be looked up.") from None
    host = host.lower()
    labels = host.split(".")
    if len(host) > LONGEST or not all(LABEL.fullmatch(label) for label in labels):
        raise ValueError("The host is no name that can be looked up.")
    return _literal(host) if NUMERIC.fullmatch(labels[-1]) else host


def _literal(text: str) -> str:
    """An address written as one: four decimal numbers, or IPv6 without a zone."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        found = None
    if found is None or "%" in text:
        raise ValueError("The host is a number that is no plain IP address.")
    return str(found)
