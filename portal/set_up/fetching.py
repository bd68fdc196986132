"""Fetches one configured address, and says in words what came of it.

Only what the environment names is ever asked, never what somebody typed. No redirect is followed, little is read, and
whoever answers slowly is not waited for.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

PATIENCE = 5  # seconds to connect, to the first word, and for all of it
MOST = 64 * 1024  # bytes that are read


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `why_not` is a sentence when there was no answer to read."""

    status: int = 0
    body: bytes = b""
    why_not: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def fetch(url: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Ask this address once. Never raises: what went wrong is an answer too."""
    place = urlsplit(url).netloc
    until = time.monotonic() + PATIENCE
    try:
        with requests.get(url, headers=headers, timeout=PATIENCE, allow_redirects=False, stream=True) as answer:
            if answer.is_redirect:
                target = urlsplit(answer.headers.get("Location", ""))
                there = f"{target.scheme}://{target.netloc}" if target.netloc else "another page"
                return Answer(answer.status_code, why_not=f"{place} sends on to {there}, which was not followed.")
            return _read(answer, until, place)
    except requests.exceptions.SSLError as error:
        return Answer(why_not=f"The certificate of {place} is not accepted here: {_reason(error)}.")
    except requests.exceptions.ConnectTimeout:
        return Answer(why_not=f"{place} did not take the connection within {PATIENCE} seconds.")
    except requests.exceptions.Timeout:
        return Answer(why_not=_slow(place))
    except requests.exceptions.ConnectionError as error:
        return Answer(why_not=_unreachable(place, error))
    except requests.exceptions.RequestException as error:
        return Answer(why_not=f"{place} could not be asked ({type(error).__name__}).")


def _read(answer: requests.Response, until: float, place: str) -> Answer:
    body = b""
    for piece in answer.iter_content(4096):
        body += piece
        if time.monotonic() > until:
            return Answer(why_not=_slow(place))
        if len(body) > MOST:
            return Answer(answer.status_code, why_not=f"{place} answered with more than {MOST // 1024} kB.")
    return Answer(answer.status_code, body, headers=answer.headers)


def _slow(place: str) -> str:
    return f"{place} took the connection and did not answer within {PATIENCE} seconds."


def _unreachable(place: str, error: Exception) -> str:
    told = repr(error)
    if "NameResolution" in told or "gaierror" in told:
        return f"The name in {place} is not known where the portal runs."
    if "refused" in told:
        return f"Nobody listens at {place}: the connection was refused."
    if "timed out" in told:
        return _slow(place)
    return f"{place} cannot be reached, or broke off before it answered."


def _reason(error: BaseException) -> str:
    """What TLS said, from the innermost of the errors it comes wrapped in."""
    told = str(error)
    for part in ("self-signed certificate", "certificate has expired", "Hostname mismatch", "wrong version number"):
        if part.lower() in told.lower():
            return "no TLS is spoken there" if part == "wrong version number" else part
    return "it could not be verified"
