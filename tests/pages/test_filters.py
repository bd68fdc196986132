"""The filters and orders of the packets list: what each keeps, how pages turn, and what cannot be meant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from approvals.models import Version
from approvals.pages import lists
from approvals.pages.list_filters import BOXES
from approvals.standing import standing_at, standing_of
from approvals.vocabulary import Standing
from tests.cast import Cast, Clock, Walk
from tests.pages.asking import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def shown(viewer: Any, /, **asked: str) -> list[str]:
    page = signed_in(viewer).get("/packets/", {"tab": "all"} | asked)
    assert page.status_code == 200
    return [row.version.packet.reference for row in page.context["rows"]]


def test_each_filter_keeps_what_its_row_shows(cast: Cast, clock: Clock, in_force: Walk, drafted: Walk) -> None:
    near = in_force(identity="svc-near", ends=clock.now() + timedelta(days=20))
    far = in_force(agent="other-bot", owner="teammate", identity="svc-far", ends=clock.now() + timedelta(days=60))
    draft = drafted(agent="other-bot", identity="svc-draft")
    one, two, three = (version.packet.reference for version in (near, far, draft))
    middle = (clock.now() + timedelta(days=40)).date().isoformat()
    expected = {
        ("agent", "other-bot"): [three, two], ("team", "Web platform"): [three, two, one], ("team", "Billing"): [],
        ("owner", "teammate"): [two], ("person", "teammate"): None, ("identity", "svc-far"): [two],
        ("level", "run"): [], ("level", "system"): [three, two, one], ("standing", "draft"): [three],
        ("standing", "in_force"): [two, one], ("ends_before", middle): None, ("ends_after", middle): None,
        ("tier", far.tier): None, ("q", "svc-far"): [two], ("agent", "nobody-knows"): [], ("owner", "nobody"): [],
    }  # fmt: skip
    for (name, value), references in expected.items():
        found = shown(cast.auditor, **{name: value})
        assert references is None or found == references, (name, value)
        assert shown(cast.outsider, **{name: value}) == [], (name, value)
    assert one in shown(cast.auditor, ends_before=middle)
    assert one not in shown(cast.auditor, ends_after=middle)
    assert two in shown(cast.auditor, ends_after=middle)
    assert shown(cast.auditor, agent="other-bot", standing="draft", owner="teammate") == []


def test_standing_in_the_database_is_as_in_python(
    cast: Cast,
    clock: Clock,
    drafted: Walk,
    in_review: Walk,
    in_force: Walk,
    suspended: Walk,
    revoked: Walk,
    renewed: Walk,
) -> None:
    first = in_force()
    clock.forward(days=1)
    renewed(first)
    drafted(), in_review(), suspended(), revoked(), in_force(starts=clock.now() + timedelta(days=3))
    in_force(ends=clock.now() + timedelta(days=40))
    seen = set()
    for days in (0, 1, 2, 15, 200):
        clock.forward(days=days)
        for standing in Standing:
            asked = set(standing_at(Version.objects.all(), standing, clock.now()).values_list("pk", flat=True))
            rows = Version.objects.select_related("packet").prefetch_related("packet__suspensions")
            told = {row.pk for row in rows if standing_of(row, clock.now()) is standing}
            assert asked == told, (days, standing)
            seen |= {standing} if told else set()
    assert seen >= {Standing.SUPERSEDED, Standing.ENDED, Standing.REVOKED, Standing.SUSPENDED, Standing.ENDS_SOON}


def turned(client: Any, address: str, way: str) -> list[list[str]]:
    """Every page from here, by its links."""
    pages: list[list[str]] = []
    while address:
        page = client.get(f"/packets/{address}").context
        pages.append([row.version.packet.reference for row in page["rows"]])
        address = page[way]
        assert len(pages) < 20
    return pages


def test_pages_turn_both_ways_in_every_order_with_ties(
    cast: Cast, clock: Clock, in_force: Walk, in_review: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 2)
    near, far = clock.now() + timedelta(days=20), clock.now() + timedelta(days=50)
    for number in range(5):
        in_force(agent=f"bot-{number % 2}", ends=near if number % 2 else far)
    for _ in range(5):
        in_review(actor=cast.teammate, owner="teammate", agent="bot-0")
    for tab, sort in [("all", "newest"), ("all", "agent"), ("in-force", "ends"), ("in-force", "agent"),
                      ("waiting", "due"), ("waiting", "newest"), ("waiting", "agent")]:  # fmt: skip
        client = signed_in(cast.security)
        forth = turned(client, f"?{urlencode({'tab': tab, 'sort': sort, 'level': 'system'})}", "older")
        flat = [reference for page in forth for reference in page]
        assert len(flat) == len(set(flat)) == (10 if tab == "all" else 5), (tab, sort)
        last = client.get(f"/packets/?{urlencode({'tab': tab, 'sort': sort, 'level': 'system'})}").context["older"]
        while following := client.get(f"/packets/{last}").context["older"]:
            last = following
        back = turned(client, last, "newer")
        assert [reference for page in back[::-1] for reference in page] == flat, (tab, sort)


def test_what_waits_comes_in_the_order_of_home(cast: Cast, clock: Clock, in_review: Walk) -> None:
    for days in (0, 1, 0):
        clock.forward(days=days)
        in_review(actor=cast.teammate, owner="teammate")
    home = [
        version.packet.reference for version in Version.objects.waiting_for(cast.security).order_by("answer_by", "pk")
    ]
    assert shown(cast.security, tab="waiting") == home


NAMES = [box.name for box in BOXES]
STRANGE = [
    "x", "\x00", "\x1b[2J", "a__b", "__class__", "owner__password", "9" * 40, "-1", "2026-13-45", "0001-01-01",
    "9999-12-31", "²", "'; --", "~1", "2026-01-01T00:00:00~1", "2026-01-01T00:00:00+00:00~1", "x" * 5000,
]  # fmt: skip


def test_no_value_in_the_address_is_an_error(cast: Cast, in_force: Walk) -> None:
    in_force()
    client = signed_in(cast.auditor)
    for value in STRANGE:
        _is_no_error(client, value)


def _is_no_error(client: Client, value: str) -> None:
    names = (*NAMES, "tab", "sort", "packet__agent__slug", value[:60])
    for given in ({name: value} for name in names):
        assert client.get("/packets/", {"tab": "all"} | given).status_code == 200, given
    for tab, sort in (("in-force", "ends"), ("all", "agent"), ("waiting", "due")):
        for way in ("before", "after"):
            page = client.get("/packets/", {"tab": tab, "sort": sort, way: value})
            assert page.status_code == 200, (tab, sort, way)
    assert client.get("/packets/", dict.fromkeys(NAMES, value)).status_code == 200


def test_what_cannot_be_meant_is_said_and_left_out(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    page = signed_in(cast.auditor).get("/packets/?tab=all&tier=purple&ends_before=soon&sort=owner__password&agent=%00")
    assert [row.version for row in page.context["rows"]] == [version]
    said = " ".join(page.context["bar"].problems)
    for words in ("“purple”", "“soon”", "cannot be sorted that way", "Agent held characters"):
        assert words in said


def test_each_chip_takes_its_filter_away_and_nothing_else(cast: Cast, in_force: Walk) -> None:
    in_force()
    page = signed_in(cast.auditor).get("/packets/?tab=all&agent=nobody&level=system&sort=agent")
    assert "matches these filters" in page.content.decode()
    urls = {chip.words: chip.url for chip in page.context["bar"].chips}
    assert urls == {
        "Agent: nobody": "?tab=all&level=system&sort=agent",
        "Level: Standing authority": "?tab=all&agent=nobody&sort=agent",
    }  # fmt: skip
    assert len(signed_in(cast.auditor).get(f"/packets/{urls['Agent: nobody']}").context["rows"]) == 1
