"""Only a named proxy is believed about who asks and how."""

from __future__ import annotations

import ipaddress

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from portal.proxies import TrustedProxyMiddleware


def seen(settings: Settings, address: str, **headers: str) -> HttpRequest:
    """The request as the portal sees it."""
    settings.TRUSTED_PROXIES = [ipaddress.ip_network("10.0.0.0/24")]
    request = RequestFactory().get("/")
    request.META |= {"REMOTE_ADDR": address, **headers}
    TrustedProxyMiddleware(lambda request: HttpResponse())(request)
    return request


@pytest.mark.parametrize(
    ("chain", "visitor"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 10.0.0.9", "203.0.113.7"),
        ("", "10.0.0.5"),
    ],
)
def test_a_trusted_proxy_says_who_asks(settings: Settings, chain: str, visitor: str) -> None:
    assert seen(settings, "10.0.0.5", HTTP_X_FORWARDED_FOR=chain).META["REMOTE_ADDR"] == visitor


def test_a_stranger_cannot_say_so(settings: Settings) -> None:
    request = seen(settings, "203.0.113.7", HTTP_X_FORWARDED_FOR="127.0.0.1", HTTP_X_FORWARDED_PROTO="https")
    assert request.META["REMOTE_ADDR"] == "203.0.113.7"
    assert "HTTP_X_FORWARDED_PROTO" not in request.META
