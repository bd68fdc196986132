"""Where a webhook may go: https, a name that is one, and public addresses, asked when saved and at each attempt.

What was judged is what is connected to: the name is resolved once, and the addresses found are handed on. The operator
may allow networks of their own (WEBHOOK_ALLOWED_NETWORKS).
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from approvals.errors import Refused
from approvals.host_names import plain_host

IP: TypeAlias = IPv4Address | IPv6Address

LONGEST = 2_000
PATIENCE = 4.0  # seconds a name may take to be resolved
PORTS = (443, 8443)
USUAL = {"https": 443, "http": 80}
UNWANTED = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\\\"<>^`{|}]|%0[0ad]", re.IGNORECASE)
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
UNICAST = ipaddress.IPv6Network("2000::/3")  # all that is given out (IANA); the rest is local, obsolete or nobody's


def wrong(what: str, remedy: str = "") -> Refused:
    """Made anew each time. It never repeats what was typed: that may hold a secret."""
    return Refused("malformed", what, remedy)


@dataclass(frozen=True, slots=True)
class Address:
    """A webhook's address in parts; its `target` counts as secret, and so it is in no repr."""

    scheme: str
    host: str
    port: int

    @property
    def shown(self) -> str:
        """All of it that is ever shown."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == 443 else f"{name}:{self.port}"


def read(url: str) -> tuple[Address, str]:
    """The address, and the path with its query, which is secret. Raises Refused("malformed")."""
    if len(url) > LONGEST:
        raise wrong(f"The address is longer than {LONGEST} characters.")
    if UNWANTED.search(url):
        raise wrong("The address holds a space, a control character, or a sign that no address has.")
    try:
        parts = urlsplit(url)
        port = parts.port or USUAL.get(parts.scheme, 0)
    except ValueError:
        raise wrong("This is no address.", "Write one that begins with https://.") from None
    if parts.scheme not in USUAL:
        raise wrong("The address does not begin with https://.", "Webhooks go out encrypted only.")
    if parts.fragment or "#" in url:
        raise wrong("The address has a part after #, which is never sent.", "Leave it out.")
    try:
        host = plain_host(parts)
    except ValueError as error:
        raise wrong(str(error), "Write https:// and the receiver's name.") from None
    return Address(parts.scheme, host, port), _target(parts)


def _target(parts: SplitResult) -> str:
    if not (parts.path + parts.query).isascii():
        raise wrong("The path holds a letter that addresses write otherwise.", "Copy it as the receiver shows it.")
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def resolved(address: Address) -> tuple[str, ...]:
    """The addresses to connect to, every one of which may be. Raises Refused("malformed") with the reason."""
    found = [ipaddress.ip_address(text) for text in dict.fromkeys(look_up(address.host, address.port))]
    if not found:
        raise wrong(f"The name {address.host} is not known where the portal runs.")
    own = [_is_allowed_here(ip) for ip in found]
    if not all(mine or is_public(ip) for ip, mine in zip(found, own, strict=True)):
        raise wrong(
            f"{address.host} leads into a private network, to this machine, or to an address that is nobody's.",
            "Whoever runs the portal can allow a network: WEBHOOK_ALLOWED_NETWORKS.",
        )
    if all(own):
        return tuple(map(str, found))
    if address.scheme != "https":
        raise wrong("The address does not begin with https://.", "Webhooks go out encrypted only.")
    if address.port not in PORTS:
        raise wrong(f"Port {address.port} is not one of {', '.join(map(str, PORTS))}.")
    return tuple(map(str, found))


def look_up(host: str, port: int) -> list[str]:
    """What the resolver says, within PATIENCE seconds; empty when it knows nothing. It has no time-out of its own."""
    found: list[str] = []

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend(str(row[4][0]).partition("%")[0] for row in rows)

    asking = threading.Thread(target=ask, name="resolving", daemon=True)
    asking.start()
    asking.join(PATIENCE)
    return list(found)


def is_public(ip: IP) -> bool:
    """Whether this address is somebody's on the internet. An IPv4 address inside an IPv6 one is judged as itself."""
    if isinstance(ip, IPv6Address):
        inner = embedded(ip)
        if inner is not None:
            return is_public(inner)
        if ip not in UNICAST:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback)


def embedded(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address a packet to this one ends at: mapped, by NAT64, or by 6to4."""
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def _is_allowed_here(ip: IP) -> bool:
    """Whether the operator has allowed a network it lies in, whichever way it is written."""
    inner = embedded(ip) if isinstance(ip, IPv6Address) else None
    return any((inner or ip) in network for network in settings.WEBHOOK_ALLOWED_NETWORKS)
