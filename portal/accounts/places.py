"""Where a passkey can be used at all: browsers bind it to a host name, and want an encrypted connection."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest


def passkeys_impossible(request: HttpRequest) -> str:
    """Why passkeys cannot be used at this address, and what to do about it; empty when they can."""
    host, _, port = request.get_host().rpartition(":") if ":" in request.get_host() else (request.get_host(), "", "")
    if host == "localhost" or host.endswith(".localhost"):
        return ""
    if is_number(host):
        there = (
            f"http://localhost{':' + port if port else ''}"
            if ipaddress.ip_address(host.strip("[]")).is_loopback
            else ""
        )
        instead = f"Open {there} instead." if there else "Open the portal by its name."
        return f"Passkeys are bound to a name, and this page was opened by a number ({host}). {instead}"
    if not request.is_secure():
        return "Passkeys need an encrypted connection (https), and this one is not. Ask whoever operates the portal."
    return ""


def is_number(host: str) -> bool:
    """Whether this is an IP address."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
