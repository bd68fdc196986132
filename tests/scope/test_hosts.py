"""Hosts: an address that can be read in two ways is not read at all."""

from __future__ import annotations

import pytest

from approvals.scope.matching import Action, Ruling, decide
from tests.scope.scopes import scope

LINES = scope(data="WebFetch(domain:docs.python.org)\nWebFetch(domain:*.example.com)")


@pytest.mark.parametrize(
    "address",
    [
        "https://docs.python.org",
        "https://docs.python.org/3/library/re.html?x=1#y",
        "HTTPS://DOCS.Python.ORG/",
        "https://docs.python.org:443/",
        "http://docs.python.org:80/",
        "domain:docs.python.org",
        "https://a.example.com/",
        "https://a.b.example.com/",
    ],
)
def test_the_named_hosts_are_allowed(address: str) -> None:
    assert decide(LINES, Action("WebFetch", address)).ruling == Ruling.ALLOWED


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.com/",
        "https://docs.python.org.evil.com/",
        "https://docs.python.org@evil.com/",
        "https://docs.python.org:443@evil.com/",
        "https://user@docs.python.org/",
        "https://docs.python.org\\@evil.com/",
        "https://docs.python.org%2eevil.com/",
        "https://docs.python.org\t.evil.com/",
        "https://docs.python.org\n@evil.com",
        "https://docs。python。org/",
        "https://dоcs.python.org/",
        "https://docs.python.org./",
        "https://docs.python.org:8443/",
        "https://docs.python.org:x/",
        "https:docs.python.org",
        "https:/docs.python.org",
        "https:///docs.python.org",
        "//docs.python.org/",
        "ftp://docs.python.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://[::1]/",
        "http://[docs.python.org]/",
        "http://2130706433/",
        "https://example.com/",
        "https://.example.com/",
        "https://evilexample.com/",
        "https://evil.com/?https://docs.python.org",
        "https://evil.com#docs.python.org",
        "docs.python.org",
        "",
        " ",
        "https://" + "a" * 9000,
    ],
)
def test_everything_else_is_not(address: str) -> None:
    assert decide(LINES, Action("WebFetch", address)).ruling in (Ruling.NO_LINE, Ruling.UNREADABLE)


@pytest.mark.parametrize(
    "line", ["WebFetch(docs.python.org)", "WebFetch(domain:docs.*.org)", "WebFetch(https://docs.python.org)"]
)
def test_other_forms_of_a_line_allow_nothing(line: str) -> None:
    assert decide(scope(data=line), Action("WebFetch", "https://docs.python.org/")).ruling == Ruling.NO_LINE


@pytest.mark.parametrize(
    "address",
    ["https://evil.com/", "https://a.evil.com/", "https://EVIL.com:8443/", "https://evil.com./", "domain:evil.com"],
)
def test_a_forbidden_host_is_forbidden_in_every_form(address: str) -> None:
    lines = scope(data="WebFetch", never="WebFetch(domain:*.evil.com)")
    assert decide(lines, Action("WebFetch", address)).ruling == Ruling.NEVER


def test_every_host_is_a_line_of_its_own() -> None:
    assert decide(scope(data="WebFetch(domain:*)"), Action("WebFetch", "https://any.org/")).ruling == Ruling.ALLOWED
    assert (
        decide(scope(data="WebFetch(domain:x.org:8443)"), Action("WebFetch", "https://x.org:8443/")).ruling
        == Ruling.ALLOWED
    )
