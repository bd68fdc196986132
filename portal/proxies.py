"""Who is really asking, when a proxy stands in front: only a proxy that is named is believed."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")

# WSGI cannot tell X_Forwarded_For from X-Forwarded-For, and our server hands on both: a proxy has to drop the first.
# Whether it does is asked by a header of that kind (portal.set_up); that it arrived is all that is ever said.
PROBE, PROBE_ARRIVED = "X_Underscore_Probe", "X-Underscore-Probe"


class TrustedProxyMiddleware:
    """Takes the visitor's address from a proxy of TRUSTED_PROXIES; drops what anybody else claims.

    That somebody claimed anything is kept as `came_forwarded`: such a request does not come from this machine itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.META["came_forwarded"] = any(header in request.META for header in (*FORWARDED, "HTTP_FORWARDED"))
        if trusted(request.META.get("REMOTE_ADDR", "")):
            request.META["REMOTE_ADDR"] = visitor(request)
        else:
            for header in FORWARDED:
                request.META.pop(header, None)
        response = self.get_response(request)
        if "HTTP_X_UNDERSCORE_PROBE" in request.META:
            response[PROBE_ARRIVED] = "arrived"
        return response


def trusted(address: str) -> bool:
    """Whether this address is one of the named proxies."""
    try:
        return any(ipaddress.ip_address(address) in network for network in settings.TRUSTED_PROXIES)
    except ValueError:
        return False


def visitor(request: HttpRequest) -> str:
    """The last address in the chain that is not a proxy of ours; what stands before it anybody could have written."""
    chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    strangers = [address for address in chain if not trusted(address)]
    return strangers[-1] if strangers else str(request.META["REMOTE_ADDR"])
