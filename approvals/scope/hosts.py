"""Hosts: what `WebFetch(domain:…)` covers. An address that can be read in two ways is not read at all."""

from __future__ import annotations

from urllib.parse import urlsplit

from approvals.scope.shell_words import Unreadable

MAX_ADDRESS = 8192
HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-._")
USUAL_PORTS = {"http": 80, "https": 443}
PREFIX = "domain:"


def host_of(address: str) -> str:
    """The host an address leads to, with its port when it is not the usual one. Raises Unreadable."""
    if len(address) > MAX_ADDRESS:
        raise Unreadable(f"This address is longer than {MAX_ADDRESS} characters.")
    if not address.isascii() or any(c <= " " or c in "\\\x7f" for c in address):
        raise Unreadable("This address holds a character that programs read in different ways.")
    if address.startswith(PREFIX):
        return _host(address.removeprefix(PREFIX))
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as reason:
        raise Unreadable("This address cannot be read.") from reason
    if parts.scheme not in USUAL_PORTS or not address[len(parts.scheme) :].startswith("://") or "@" in parts.netloc:
        raise Unreadable("An address begins with http:// or https:// and names a host, without a user name before it.")
    host = _host(parts.hostname or "")
    return host if port in (None, USUAL_PORTS[parts.scheme]) else f"{host}:{port}"


def _host(typed: str) -> str:
    host, _, port = typed.lower().partition(":")
    if (
        not host
        or not set(host) <= HOST_CHARACTERS
        or ".." in host
        or host.startswith(".")
        or (port and not port.isdecimal())
    ):
        raise Unreadable("This address does not name a host that can be read with certainty.")
    return typed.lower()


def covers_host(method: str, host: str) -> bool:
    """True when the line surely covers the host. `*.example.com` means its sub-domains, not the domain itself."""
    if not method.startswith(PREFIX):
        return False
    wanted = method.removeprefix(PREFIX).lower()
    if wanted == "*":
        return True
    if wanted.startswith("*."):
        return host.endswith(wanted[1:]) and len(host) > len(wanted) - 1
    return "*" not in wanted and host == wanted


def may_mean_host(method: str, host: str) -> bool:
    """True when a line that forbids could mean the host: with any port, and with the dot that ends a full name."""
    bare = host.partition(":")[0].rstrip(".")
    wanted = method.removeprefix(PREFIX).lower().rstrip(".")
    return covers_host(method, bare) or wanted in (host, bare, f"*.{bare}") or covers_host(f"{PREFIX}{wanted}", bare)


def is_dead(method: str) -> bool:
    """True for a method that covers no host."""
    wanted = method.removeprefix(PREFIX)
    return not method.startswith(PREFIX) or ("*" in wanted.removeprefix("*.") and wanted != "*")
