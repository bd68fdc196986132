"""With the broker killed the web goes on and a signature lands; when it is back, and empty, what was owed leaves."""

from __future__ import annotations

import re
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.walking import PASSWORD, reference_of, signed_in
from tests.servers.redis import redis_server
from tests.servers.whole_portal import up

pytestmark = pytest.mark.browser
UPDATES = "Update dependencies every night."  # in review, two of Security


def test_rm_4_with_the_broker_killed_a_signature_lands_and_its_letter_leaves_afterwards(
    browser: Browser, tmp_path: Path
) -> None:
    with tempfile.TemporaryDirectory(prefix="redis-", dir="/tmp") as place, ExitStack() as standing:
        with redis_server(Path(place)) as socket:
            portal = standing.enter_context(up(tmp_path / "data", REDIS_URL=f"redis+socket://{socket}"))
        with signed_in(browser, portal, "security2") as sofia:
            reference = reference_of(sofia, UPDATES)
            for path in ("/", "/packets/", "/agents/", "/record/", "/letters/"):
                assert sofia.status(path) == 200
            page = sofia.go(f"/packets/{reference}/v1/")
            page.get_by_role("radio", name="Approve", exact=True).check()
            page.get_by_label("Your password").fill(PASSWORD)
            page.get_by_role("button", name=re.compile("^Sign")).click()
            expect(page.get_by_text(f"You signed {reference} v1. 1 more signature is needed.")).to_be_visible()
        with redis_server(Path(place)), signed_in(browser, portal, "engineer") as erin:
            erin.waits_for_letter(re.compile(rf"{reference} .* has 1 of 2 signatures"))
            for _ in range(30):
                if erin.page.get_by_text("Accepted by the mail server").count():
                    break
                erin.page.wait_for_timeout(1_000)
                erin.page.reload()
            erin.sees("Accepted by the mail server")
