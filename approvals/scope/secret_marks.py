"""Does a text look like a secret? Used to warn and to refuse, without ever repeating the value."""

from __future__ import annotations

import re

# Fixed patterns of ours: a known beginning, then one character class.
KNOWN = re.compile(
    r"AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30}|github_pat_[A-Za-z0-9_]{30}|\bsk-[A-Za-z0-9_-]{20}"
    r"|xox[abprs]-[A-Za-z0-9-]{10}|glpat-[A-Za-z0-9_-]{20}|AIza[A-Za-z0-9_-]{35}|npm_[A-Za-z0-9]{36}"
    r"|eyJ[A-Za-z0-9_-]{10,}\.eyJ|-----BEGIN [A-Z ]*PRIVATE"
    r"|(?i:\bbearer )[A-Za-z0-9._~+/-]{16}"
)
NAMES = ("TOKEN", "SECRET", "PASSWORD", "PASSWD", "API_KEY", "APIKEY", "PRIVATE_KEY", "ACCESS_KEY", "CREDENTIAL")
HEADERS = frozenset({"AUTHORIZATION", "X-API-KEY", "API-KEY", "COOKIE", "PROXY-AUTHORIZATION"})
REFERENCE = re.compile(r"(?:(?:Bearer|Basic|Token) )?\$\{?[A-Za-z_][A-Za-z0-9_]*(?::-)?\}?\Z")


def looks_secret(text: str) -> bool:
    """True when a text holds something of the form of a known kind of key."""
    return bool(KNOWN.search(text))


def holds_secret(name: str, content: str) -> bool:
    """True when a named setting has a secret written out, rather than a reference such as ${TOKEN}."""
    if not content.strip() or REFERENCE.match(content.strip()):
        return False
    upper = name.upper()
    return looks_secret(content) or upper in HEADERS or any(mark in upper.replace("-", "_") for mark in NAMES)
