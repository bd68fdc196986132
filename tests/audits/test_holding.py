"""Since when a signer held the role, and who gave it: from the history of accounts, as of any instant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group

from audits.holding import held_at, of_signers
from portal.models import User
from tests.cast import MONDAY, Cast, Clock, Walk
from tests.pages.asking import signed_in
from tests.portal.test_stock_screens import person_form

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def put(cast: Cast, person: User, *groups: Group) -> None:
    """As an administrator does it."""
    form = person_form(person, groups=[group.pk for group in groups])
    assert signed_in(cast.admin).post(f"/portal/user/{person.pk}/change/", form).status_code == 302


@pytest.fixture
def history(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes states of the account whose groups change on known days: in, out, in again."""
    security = Group.objects.get(name="Security")
    rows = User.history.model.objects
    for days, groups in ((1, [security]), (2, []), (3, [security]), (4, [security, cast.team])):
        put(cast, cast.teammate, *groups)
        newest = rows.filter(id=cast.teammate.pk).latest("history_id")
        rows.filter(id=cast.teammate.pk, history_date__gte=newest.history_date).update(
            history_date=MONDAY + timedelta(days=days)
        )
    return rows


def at(cast: Cast, **after: float) -> Any:
    return held_at([cast.teammate.pk], "Security", MONDAY + timedelta(**after)).get(cast.teammate.pk)


def test_a_stay_begins_where_the_last_break_ended_and_names_who_gave_it(cast: Cast, history: Any) -> None:
    held = at(cast, days=5)
    assert held.since == MONDAY + timedelta(days=3)
    assert held.by == cast.admin.printed_name
    assert at(cast, days=1, hours=1).since == MONDAY + timedelta(days=1)


def test_who_was_out_then_held_nothing(cast: Cast, history: Any) -> None:
    assert at(cast, days=2, hours=1) is None
    assert at(cast, hours=1) is None
    assert held_at([cast.outsider.pk], "Security", MONDAY + timedelta(days=900)) == {}


def test_the_answer_says_it_beside_each_signature(cast: Cast, clock: Clock, in_force: Walk) -> None:
    version = in_force(seats={"Security": 2})
    User.history.update(history_date=MONDAY - timedelta(days=9))
    assert {held.since for held in of_signers(version.decisions.all()).values()} == {MONDAY - timedelta(days=9)}
    clock.forward(minutes=5)
    page = signed_in(cast.auditor).get("/why/", {"agent": "sentry-dev", "did": "git diff HEAD"}).content.decode()
    assert page.count("in the group since") == 2
