"""One POST to an address that was judged before: connected to as it was resolved, no redirect, no proxy, an end.

What is answered beside its number is read once, little of it, and thrown away.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from approvals.letters.answers import Answer, Outcome
from approvals.letters.webhooks.addresses import Address

LONGEST = 10.0  # seconds from the first knock to the answer's number
MOST = 64 * 1024  # bytes of the answer's body that are taken from the line
GONE = 410


def post(
    address: Address, target: str, pinned: Sequence[str], body: bytes, headers: Mapping[str, str],
    leaves: Callable[[], None],
) -> Outcome:  # fmt: skip
    """Hand the body over, outside any transaction. `leaves` is called just before it goes out. Words name no target."""
    until = time.monotonic() + LONGEST
    left = False
    try:
        with _line(address, pinned, until) as line:
            connection = _connection(address, line)
            leaves()
            left = True
            connection.request("POST", target, body, {**headers, "Connection": "close"})
            answer = connection.getresponse()
            _throw_away(answer, line)
            return _meaning(answer.status)
    except (OSError, http.client.HTTPException) as error:  # what ssl and time-outs raise are OSErrors too
        late = time.monotonic() >= until or isinstance(error, TimeoutError)
        said = f"It had not answered after {LONGEST:g} seconds." if late else _plain(error)
        return Outcome(Answer.UNKNOWN if left else Answer.DOWN, said)


def _plain(error: Exception) -> str:
    """Of an error its kind alone: what a receiver answers may be put into the words of one."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"Its certificate is not accepted here: {error.verify_message}."
        case ssl.SSLError():
            return f"No TLS could be spoken with it ({error.reason or type(error).__name__})."
        case ConnectionRefusedError():
            return "Nobody listens there: the connection was refused."
        case http.client.RemoteDisconnected() | ConnectionError():
            return "It broke off before it answered."
        case http.client.HTTPException():
            return f"What it answered is no HTTP ({type(error).__name__})."
    return f"It cannot be reached ({type(error).__name__})."


@contextmanager
def _line(address: Address, pinned: Sequence[str], until: float) -> Iterator[socket.socket]:
    """A line to one of these addresses, encrypted for the host's name, that is cut when the time is over."""
    line = _connected(address, pinned, until)
    if address.scheme == "https":
        trusted = ssl.create_default_context()
        line = trusted.wrap_socket(line, server_hostname=address.host, do_handshake_on_connect=False)
    end = threading.Timer(max(until - time.monotonic(), 0), _hang_up, [line])
    end.daemon = True
    end.start()
    try:
        if isinstance(line, ssl.SSLSocket):
            line.do_handshake()
        yield line
    finally:
        end.cancel()
        line.close()


def _hang_up(line: socket.socket) -> None:
    """Runs in a thread of its own: whoever waits for the receiver reads the end of the line."""
    with suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)  # that of ssl would first forget what the reader is using


def _connected(address: Address, pinned: Sequence[str], until: float) -> socket.socket:
    """To the first of them that takes the connection. No name is looked up any more."""
    last: OSError = OSError("no address")
    for ip in pinned:
        left = until - time.monotonic()
        if left <= 0:
            break
        try:
            return socket.create_connection((ip, address.port), timeout=left)
        except OSError as error:
            last = error
    raise last


def _connection(address: Address, line: socket.socket) -> http.client.HTTPConnection:
    """Speaks HTTP over this line and opens no other."""
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.host, address.port)
    connection.sock, connection.auto_open = line, 0
    return connection


def _throw_away(answer: http.client.HTTPResponse, line: socket.socket) -> None:
    """What has come already, so that the line is closed politely. Its number stands, whatever happens here."""
    with suppress(OSError, http.client.HTTPException):
        line.settimeout(0.5)
        answer.read1(MOST)


def _meaning(status: int) -> Outcome:
    said = f"It answered {status}."
    if 200 <= status < 300:
        return Outcome(Answer.TAKEN, said, status)
    if status == GONE:
        return Outcome(Answer.NEVER, f"It answered {status}: nothing is wanted there any more.", status)
    if 300 <= status < 400:
        said = f"It answered {status} and sends on to another address, which was not followed."
    return Outcome(Answer.LATER, said, status)
