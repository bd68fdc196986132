"""WS-21: a webhook goes to a public address over https, to the one that was judged, and nowhere else."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from django.conf import LazySettings

from approvals.letters.answers import Answer
from approvals.letters.webhooks import addresses, posting, receivers, sending
from approvals.models import Receiver
from approvals.vocabulary import ReceiverKind
from tests.cast import Cast, no_trace, refused
from tests.webhooks.receiving import receiving

PUBLIC = "93.184.216.34"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What the resolver says of each name; everything else is answered as itself, as numbers are."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **named: Any) -> Any:
        if host not in known:
            return real(host, port, *args, **(named | {"flags": socket.AI_NUMERICHOST}))
        return [row for ip in known[host] for row in real(ip, port, *args, **named)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


NO_ADDRESS = [
    "", "hook", "//hooks.example/x", "/x", "https:", "https://", "https:///x", "https://:443/x", "https://?x",
    "http://hooks.example/x", "ftp://hooks.example/x", "file:///etc/passwd", "javascript:alert(1)", "gopher://h/x",
    "HTTPS//hooks.example", "https://user@hooks.example/x", "https://user:hunter2@hooks.example/x", "https://@hooks.example",
    "https://hooks.example\\@127.0.0.1/x", "https://hooks.example\\x", "https://hooks.example/\\..\\x",
    "https://hooks.example\x00.evil.example/x", "https://hooks.example/%00x", "https://hooks.example/a%0d%0aHost:x",
    "https://hooks.example/a\r\nHost: x", "https://hooks.example/a b", "https://hooks.example/\tx", " https://hooks.example",
    "https://hooks.example/<x>", "https://hooks.example/`x`", "https://hooks.example/\u2028x", "https://hooks.example/é",
    "https://hooks.example#.evil.example", "https://hooks.example/x#y", "https://hooks.example#",
    "https://hooks.example:99999/x", "https://hooks.example:-1/x", "https://hooks.example:x/", "https://hooks.example:22/",
    "https://hooks.example:80/x", "https://hooks..example/x", "https://hooks.example./x", "https://-hooks.example/x",
    "https://hooks%2eexample/x", "https://hooks_example%00/x", "https://" + "a" * 64 + ".example/x",
    "https://" + ".".join(["a" * 60] * 5) + "/x", "https://hooks.example/" + "x" * 2000,
    "https://[::1", "https://[v1.x]/", "https://[fe80::1%25eth0]/x", "https://ⓗooks℀.example/x", "https://xn--a/x",
]  # fmt: skip
NOT_PUBLIC = [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.5", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::808:808]", "[2002:7f00:1::]", "[2002:a00:1::1]", "[2001:0:7f00:1::1]",
    "[fe80::1]", "[fec0::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]", "[100::1]",
]  # fmt: skip
NUMBERS = [
    "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "0177.0.0.1", "127.1", "127.0.1", "0", "0x", "1.2.3.0x4",
    "127.0.0.01", "256.256.256.256", "１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "hooks.example.127", "hooks.0x7f",
]  # fmt: skip


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_ws_21_what_is_no_plain_https_address_is_refused(url: str, names: dict[str, list[str]]) -> None:
    names["hooks.example"] = [PUBLIC]
    with refused("malformed") as caught:
        address, _ = addresses.read(url)
        addresses.resolved(address)
    assert "hunter2" not in str(caught.value), "what was typed may hold a secret"


@pytest.mark.parametrize("host", [*NOT_PUBLIC, *NUMBERS])
def test_ws_21_a_private_or_disguised_number_is_refused(host: str, names: dict[str, list[str]]) -> None:
    with refused("malformed"):
        addresses.resolved(addresses.read(f"https://{host}/x")[0])


@pytest.mark.parametrize(
    "found", [*([ip.strip("[]")] for ip in NOT_PUBLIC), [PUBLIC, "127.0.0.1"], ["::1", PUBLIC], []]
)
def test_ws_21_a_name_that_leads_inside_is_refused_even_if_it_leads_elsewhere_too(
    found: list[str], names: dict[str, list[str]]
) -> None:
    names["public.example"] = found
    with refused("malformed"):
        addresses.resolved(addresses.read("https://public.example/x")[0])


@pytest.mark.parametrize(
    ("url", "shown", "target", "pinned"),
    [
        (f"https://{PUBLIC}/x?y=1", PUBLIC, "/x?y=1", PUBLIC),
        ("https://[2606:2800:220:1::1]:8443", "[2606:2800:220:1::1]:8443", "/", "2606:2800:220:1::1"),
        ("https://Hooks.Example/T/x%20y", "hooks.example", "/T/x%20y", PUBLIC),
        ("https://bücher.example/", "xn--bcher-kva.example", "/", PUBLIC),
    ],
)
def test_a_public_address_is_taken_in_its_plain_form(
    url: str, shown: str, target: str, pinned: str, names: dict[str, list[str]]
) -> None:
    names |= {"hooks.example": [PUBLIC, PUBLIC], "xn--bcher-kva.example": [PUBLIC]}
    address, path = addresses.read(url)
    assert path == target and target not in repr(address)
    assert addresses.resolved(address) == (pinned,)
    assert address.shown == shown


def test_what_the_operator_allows_may_be_reached_and_nothing_beside_it(
    settings: LazySettings, names: dict[str, list[str]]
) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("10.20.0.0/16"), ip_network("fd00::/64")]
    for url in (
        "http://10.20.1.2:9000/x",
        "https://10.20.1.2/",
        "https://[fd00::5]/",
        "https://[::ffff:10.20.1.2]:81/",
    ):
        assert addresses.resolved(addresses.read(url)[0])
    names["both.example"] = ["10.20.1.2", PUBLIC]
    assert addresses.resolved(addresses.read("https://both.example/")[0])
    for url in ("https://10.21.0.1/", "http://both.example/", "https://both.example:9000/", "https://127.0.0.1/"):
        with refused("malformed"):
            addresses.resolved(addresses.read(url)[0])


def test_a_resolver_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(addresses, "PATIENCE", 0.1)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(10) and [])
    with refused("malformed") as caught:
        addresses.resolved(addresses.read("https://slow.example/")[0])
    over.set()
    assert "slow.example is not known" in str(caught.value)


@pytest.mark.parametrize("ip", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1"])
def test_an_address_inside_another_is_judged_as_itself(ip: str) -> None:
    assert addresses.is_public(ip_address(ip))


@pytest.fixture
def here(settings: LazySettings) -> Iterator[Any]:
    """A listener on this machine, that the operator has not allowed."""
    with receiving(settings) as there:
        settings.WEBHOOK_ALLOWED_NETWORKS = []
        yield there


@pytest.mark.django_db
def test_ws_21_saving_and_sending_never_reach_this_machine(cast: Cast, here: Any, names: dict[str, list[str]]) -> None:
    names["rebound.example"] = [PUBLIC]
    names["local.example"] = ["127.0.0.1"]
    for host in ("127.0.0.1", "localhost", "local.example", "[::ffff:127.0.0.1]", "2130706433", "rebound.example"):
        with no_trace(), refused("malformed"):
            receivers.set_up(ReceiverKind.MACHINE, f"https://{host}:{here.port}/x", actor=cast.admin, seen=0)
    assert not here.heard and not Receiver.objects.exists()


@pytest.mark.django_db
def test_ws_21_a_name_that_leads_elsewhere_after_it_was_saved_is_judged_anew(
    cast: Cast, here: Any, names: dict[str, list[str]], settings: LazySettings
) -> None:
    names["rebound.example"] = [PUBLIC]
    receivers.set_up(ReceiverKind.MACHINE, "https://rebound.example:8443/x", actor=cast.admin, seen=0)
    names["rebound.example"] = ["127.0.0.1"]
    delivery = receivers.write_trial(ReceiverKind.MACHINE, actor=cast.admin)
    assert sending.send_one(delivery.pk)
    delivery.refresh_from_db()
    assert "leads into a private network" in delivery.server_said and not here.heard
    assert delivery.tries.get().text_left_at is None


def test_ws_21_what_was_judged_is_what_is_connected_to(
    names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second answer of the resolver would lead here; it is never asked a second time."""
    names["rebound.example"] = [PUBLIC]
    address, target = addresses.read("https://rebound.example/x")
    pinned = addresses.resolved(address)
    names["rebound.example"] = ["127.0.0.1"]
    asked: list[Any] = []

    def connect(place: Any, timeout: float) -> Any:
        asked.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    outcome = posting.post(address, target, pinned, b"{}", {}, lambda: None)
    assert asked == [(PUBLIC, 443)] and outcome.answer is Answer.DOWN


def test_ws_21_a_redirect_is_not_followed(settings: LazySettings) -> None:
    with receiving(settings) as behind, receiving(settings, 307, redirect_to=behind.url) as there:
        address, target = addresses.read(there.url)
        outcome = posting.post(address, target, addresses.resolved(address), b"{}", {}, lambda: None)
    assert (outcome.answer, outcome.status) == (Answer.LATER, 307)
    assert len(there.heard) == 1 and not behind.heard


def test_ws_21_no_proxy_of_the_environment_is_used(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving(settings) as proxy, receiving(settings) as there:
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        address, target = addresses.read(there.url)
        assert posting.post(address, target, ("127.0.0.1",), b"{}", {}, lambda: None).answer is Answer.TAKEN
    assert len(there.heard) == 1 and not proxy.heard
