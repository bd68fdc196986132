"""The portal as its server runs it, and beside each answer whom the portal took the visitor for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal.wsgi import application as portal


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """As `portal.wsgi.application`; the request's META is this environ, so it is read when the portal is done."""
    begun: list[tuple[str, list[tuple[str, str]]]] = []
    begin: Any = lambda status, headers, exc_info=None: begun.append((status, headers))  # noqa: E731 - handed on as is
    body = portal(environ, begin)
    [(status, headers)] = begun
    taken_for = [("X-Taken-For", environ["REMOTE_ADDR"]), ("X-User", environ.get("REMOTE_USER", "nobody"))]
    start_response(status, [*headers, *taken_for])
    return body
