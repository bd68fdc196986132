"""One configured address is asked once: whatever goes wrong there is a sentence, and nothing else is ever asked."""

from __future__ import annotations

import socket

import pytest
import requests

from portal.set_up import fetching
from portal.set_up.fetching import MOST, fetch
from tests.servers.whole_portal import free_port
from tests.set_up.answering import answering


def test_an_answer_is_handed_on() -> None:
    with answering(status=503, body=b"no") as server:
        answer = fetch(f"{server.url}/healthz")
    assert (answer.status, answer.body, answer.why_not) == (503, b"no", "")
    assert server.asked == ["/healthz"]


def test_a_redirect_is_told_and_not_followed() -> None:
    with answering() as inner, answering(status=302, headers={"Location": f"{inner.url}/secret?token=x"}) as server:
        answer = fetch(server.url)
    assert answer.why_not.endswith(f"sends on to {inner.url}, which was not followed.")
    assert inner.asked == []


def test_nobody_listens() -> None:
    port = free_port()
    assert fetch(f"http://127.0.0.1:{port}/").why_not == (
        f"Nobody listens at 127.0.0.1:{port}: the connection was refused."
    )


def test_slow_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "PATIENCE", 0.2)
    with answering(wait=1) as server:
        assert "did not answer within" in fetch(server.url).why_not


def test_who_says_a_word_at_a_time_is_not_waited_for_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "PATIENCE", 0)  # over before the first piece
    monkeypatch.setattr(requests, "get", lambda url, **how: _get(url, **(how | {"timeout": 5})))
    with answering(body=b"drip") as server:
        assert "did not answer within" in fetch(server.url).why_not


_get = requests.get


def test_little_is_read() -> None:
    with answering(body=b"x" * (MOST + 5000)) as server:
        assert "more than 64 kB" in fetch(server.url).why_not


def test_who_speaks_no_http_is_told_so() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert fetching._unreachable("there", OSError("reset")).startswith("there cannot be reached")
        listener.close()
        assert fetch(f"http://127.0.0.1:{port}/").why_not


def test_a_name_that_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert fetch("http://approvals.example/").why_not == (
        "The name in approvals.example is not known where the portal runs."
    )


def test_a_certificate_that_is_not_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise requests.exceptions.SSLError("certificate verify failed: self-signed certificate (_ssl.c:1000)")

    monkeypatch.setattr(requests, "get", refuse)
    assert fetch("https://approvals.example/").why_not == (
        "The certificate of approvals.example is not accepted here: self-signed certificate."
    )
