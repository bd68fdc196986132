"""The line of what waits: one order on Home, in the list, on the page and after a decision."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages

from approvals.models import Version
from approvals.pages.waiting import Waiting, counted, next_after
from tests.cast import Cast, Clock, Walk
from tests.pages.asking import signed_in, signing, verb

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(clock: Clock, in_review: Walk) -> list[Version]:
    """Three that wait, each due an hour after the one before, submitted the other way round."""
    versions: list[Version] = []
    for hours in (3, 2, 1):
        version = in_review(seats={"Security": 2})
        version.answer_by = clock.moment + timedelta(hours=hours)
        version.save()
        versions.insert(0, version)
    return versions


def test_home_list_and_page_have_one_order(cast: Cast, line: list[Version]) -> None:
    client = signed_in(cast.security)
    assert list(client.get("/").context["desk"].waiting) == line
    assert [row.version for row in client.get("/packets/?tab=waiting").context["rows"]] == line
    for number, version in enumerate(line, 1):
        place = client.get(version.get_absolute_url()).context["place"]
        assert (place.number, place.count) == (number, "3")


def test_the_crumb_leads_to_both_neighbours(cast: Cast, line: list[Version]) -> None:
    page = signed_in(cast.security).get(line[1].get_absolute_url()).content.decode()
    assert "Waiting for you</a>, 2 of 3" in page
    assert f'rel="prev" href="{line[0].get_absolute_url()}"' in page
    assert f'rel="next" href="{line[2].get_absolute_url()}"' in page
    ends = signed_in(cast.security).get(line[0].get_absolute_url()).content.decode()
    assert 'rel="prev"' not in ends


def test_who_has_no_line_has_no_crumb_of_it(cast: Cast, line: list[Version]) -> None:
    for person in (cast.engineer, cast.auditor):
        page = signed_in(person).get(line[1].get_absolute_url()).content.decode()
        assert "Waiting for you" not in page


def test_a_decision_goes_on_to_the_one_behind_it(cast: Cast, line: list[Version]) -> None:
    client = signed_in(cast.security)
    response = client.post(verb(line[1], "decide"), signing(line[1]))
    assert response["Location"] == line[2].get_absolute_url()
    assert f"Next is {line[2]}, 2 of 2 that wait for you." in " ".join(map(str, get_messages(response.wsgi_request)))
    response = client.post(verb(line[2], "decide"), signing(line[2]))
    assert response["Location"] == line[0].get_absolute_url(), "at the end of the line its front comes next"
    assert client.post(verb(line[0], "decide"), signing(line[0]))["Location"] == "/"


def test_the_search_in_the_waiting_tab_keeps_the_order(cast: Cast, line: list[Version]) -> None:
    found = signed_in(cast.security).get("/packets/", {"tab": "waiting", "q": "sentry"}).context["rows"]
    assert [row.version for row in found] == line
    assert not signed_in(cast.security).get("/packets/", {"tab": "waiting", "q": "nothing so"}).context["rows"]


def test_a_long_line_is_not_counted_to_its_end() -> None:
    line = [Waiting(number, number, f"AP-{number:04d}", 1) for number in range(100)]
    assert (counted(line), counted(line[:99]), counted([])) == ("99+", "99", "")
    assert next_after(Version(pk=7), line, line[8:]) == line[8]
    assert next_after(Version(pk=99), line, line[:99]) == line[0]
    assert next_after(Version(pk=7), line, []) is None
