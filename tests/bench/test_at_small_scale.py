"""The bench, small: every page within its statements, and lists that agree with reading everything.

Nothing here is timed. `make bench` does that, at full scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import RequestFactory

from approvals import access, search_index, walks
from approvals.models import Event, Letter, Packet, Version
from approvals.pages import lists
from approvals.pages.lists import Listing
from approvals.vocabulary import OPEN_STATES, Standing
from tests.bench.filling import World, fill
from tests.bench.measuring import MOST, pages, statements
from tests.pages.asking import signed_in

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
SMALL = 400


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """A small world for this module; taken back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield fill(SMALL)
        transaction.set_rollback(True)


@pytest.mark.parametrize("viewer", ["owner", "security", "outsider", "many shares"])
def test_every_page_stays_within_its_statements(viewer: str, filled: World) -> None:
    client = signed_in(filled.viewers[viewer])
    counted = {page.name: statements(client, page.address) for page in pages(filled)}
    assert {name: status for name, (status, _) in counted.items() if status not in (200, 302, 404)} == {}
    assert {name: count for name, (_, count) in counted.items() if count > MOST} == {}


def listing(person: Any, **asked: str) -> Listing:
    request = RequestFactory().get("/packets/")
    request.GET = QueryDict(urlencode(asked))
    request.user = person
    return Listing.of(request)


@pytest.mark.parametrize("viewer", ["owner", "security", "outsider", "many shares"])
def test_lists_agree_with_reading_everything(viewer: str, filled: World) -> None:
    """What an index walk finds is what one finds by looking at every packet one may see."""
    person = filled.viewers[viewer]
    all_seen = list(Packet.objects.visible_to(person).order_by("-pk").values_list("pk", flat=True))
    assert list(Packet.objects.filter(access.sight_of(person)).order_by("-pk").values_list("pk", flat=True)) == all_seen
    rows = lists.rows_of(all_seen, filled.now)
    expected = {
        "in-force": {Standing.IN_FORCE, Standing.ENDS_SOON}, "ends-soon": {Standing.ENDS_SOON},
        "stopped": {Standing.SUSPENDED}, "ended": {Standing.ENDED, Standing.REVOKED, Standing.SUPERSEDED},
    }  # fmt: skip
    for tab, standings in expected.items():
        keys = listing(person, tab=tab, sort="newest").keys(limit=SMALL)
        assert keys == [row.version.packet_id for row in rows if row.standing in standings], tab
    assert listing(person, tab="all").keys(limit=SMALL) == all_seen
    by_end = [row.version for row in rows if row.standing in expected["in-force"]]
    by_end.sort(key=lambda version: (version.ends_at, version.pk))
    assert listing(person, tab="in-force", sort="ends").keys(limit=SMALL) == [version.packet_id for version in by_end]
    for words in ("triage", "okapi", "svc-area-7", "mcp__github", "agent-000002 issues"):
        seen = [row.version.packet_id for row in rows if says(row.version, words)]
        assert listing(person, tab="all", q=words).keys(limit=SMALL) == seen, words


@pytest.mark.parametrize("few", [0, 10_000], ids=["met on the way", "read first"])
@pytest.mark.parametrize("viewer", ["owner", "security", "outsider", "many shares"])
def test_events_and_e_mails_on_the_way_are_those_one_may_see(
    viewer: str, few: int, filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether what one may see is read first or each row is asked: the same rows, and no other."""
    monkeypatch.setattr(walks, "FEW", few)
    person = filled.viewers[viewer]
    for model in (Event, Letter):
        rows, all_rows = (ask(person) for ask in (model.objects.on_the_way_of, model.objects.visible_to))
        assert set(rows.values_list("pk", flat=True)) == set(all_rows.values_list("pk", flat=True)), model


def says(version: Version, words: str) -> bool:
    """Read the plain way: every word begins a word of the packet, or a part of one."""
    full = Version.objects.select_related("packet__agent").get(pk=version.pk)
    texts = [full.packet.reference, full.packet.agent.slug, full.identity, full.job, *full.lines["tools"]]
    parts = " ".join(texts).lower().replace("__", " ").replace("_", " ").replace("-", " ").replace("(", " ").split()
    asked = words.lower().replace("__", " ").replace("_", " ").replace("-", " ").split()
    return all(any(part.startswith(word) for part in parts) for word in asked)


def test_the_filler_writes_what_the_verbs_would(filled: World) -> None:
    """The words are as the index has them, and open versions are one for each packet."""
    for packet in Packet.objects.select_related("agent").filter(pk__in=range(1, 40)):
        assert search_index.standing(packet) == search_index.expected(packet)
        seen = access.standing(packet)
        assert seen.people >= access.expected(packet).people
        assert seen.groups >= access.expected(packet).groups
    assert Version.objects.filter(state__in=OPEN_STATES, answer_by__lt=filled.now - timedelta(days=1)).count() == 0
