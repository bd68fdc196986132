"""Every page with the demo behind it, as every account: it answers, in few statements, under a strict policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from approvals.models import Agent, Letter, Packet, Version
from portal.models import User
from tests.conftest import PROOFS_FULL
from tests.servers.demo import demo_rows

pytestmark = pytest.mark.django_db  # so that the tables are there, also when this file is run alone
MOST, MOST_ON_STOCK_SCREENS = 10, 20
ACCOUNTS = ("engineer", "security", "admin", "outsider", "teammate", "security2", "auditor", "responder")
WALKERS = ACCOUNTS if PROOFS_FULL else ACCOUNTS[:3]  # everybody in `make proofs`
OURS = (
    "/",
    "/packets/",
    "/packets/new/",
    "/packets/import/",
    "/search/",
    "/agents/",
    "/why/",
    "/who/",
    "/record/",
    "/letters/",
    "/look/",
    "/rules/",
    "/set-up/",
)
TABS = ("mine", "waiting", "in-force", "ends-soon", "ended", "all")
STOCK = ("/administration/", "/portal/user/", "/auth/group/", "/approvals/signoffrule/", "/approvals/agent/",
         "/approvals/packet/", "/approvals/version/", "/approvals/decision/")  # fmt: skip


@pytest.fixture(scope="module")
def _demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demo once for this whole module; taken back at its end."""
    with django_db_blocker.unblock(), demo_rows():
        yield


def statements(client: Client, path: str) -> tuple[int, int]:
    with CaptureQueriesContext(connection) as asked:
        response = client.get(path)
    assert response.status_code in (200, 302, 403, 404), f"{path} answered {response.status_code}"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    return response.status_code, len(asked)


def pages() -> list[str]:
    """Every address of ours that the demo has something for."""
    packets = [f"/packets/{reference}/" for reference in Packet.objects.values_list("reference", flat=True)]
    versions = [version.get_absolute_url() for version in Version.objects.select_related("packet")]
    edits = [f"{url}edit/" for url in versions]
    agents = [f"/agents/{slug}/" for slug in Agent.objects.values_list("slug", flat=True)]
    letters = [f"/letters/{pk}/" for pk in Letter.objects.values_list("pk", flat=True)[:5]]
    histories = [
        f"/record/{reference}/history/" for reference in Packet.objects.values_list("reference", flat=True)[:3]
    ]
    tabs = [f"/packets/?tab={tab}" for tab in TABS] + [
        "/packets/?q=docs",
        "/search/?q=docs",
        "/record/?agent=docs-writer",
    ]
    asked = ["/why/?agent=docs-writer&did=git+diff+HEAD", "/why/?agent=deploy-bot&did=kubectl+delete+x"]
    return [*OURS, *tabs, *asked, *packets, *versions, *edits, *agents, *letters, *histories]


@pytest.mark.usefixtures("_demo")
@pytest.mark.parametrize("name", WALKERS)
def test_our_pages_answer_in_few_statements(name: str, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        client = Client(raise_request_exception=True)
        client.force_login(User.objects.get(username=name))
        counted = {path: statements(client, path) for path in pages()}
    assert {path: count for path, (_, count) in counted.items() if count > MOST} == {}
    assert counted["/"][0] == 200


@pytest.mark.usefixtures("_demo")
@pytest.mark.parametrize("name", ["auditor", "admin"])
def test_stock_screens_answer_in_few_statements(name: str, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        client = Client()
        client.force_login(User.objects.get(username=name))
        counted = {path: statements(client, path) for path in STOCK}
    assert {path: count for path, (_, count) in counted.items() if count > MOST_ON_STOCK_SCREENS} == {}
