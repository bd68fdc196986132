"""An account with an end: out at the instant, by the clock; auditors need one; the end stands in the record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.test import RequestFactory
from django.urls import reverse

from approvals.letters import outbox
from approvals.models import Event, Letter
from approvals.vocabulary import EventKind, Role
from portal.accounts.adapters import AccountAdapter
from portal.admin import PersonForm
from portal.models import User
from portal.tasks import end_access
from tests.cast import PASSWORD, Cast, Clock
from tests.pages.asking import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(cast: Cast, clock: Clock) -> User:
    cast.auditor.access_ends = clock.moment + timedelta(days=30)
    cast.auditor.save()
    return cast.auditor


def may_sign_in(person: User) -> bool:
    request = RequestFactory().post("/sign-in/")
    return authenticate(request, username=person.username, password=PASSWORD) is not None


def test_they_are_out_at_the_instant_even_if_no_worker_runs(auditor: User, clock: Clock) -> None:
    client = signed_in(auditor)
    clock.just_before(auditor.access_ends)  # type: ignore[arg-type]
    assert client.get("/").status_code == 200 and may_sign_in(auditor)
    clock.to(auditor.access_ends)  # type: ignore[arg-type]
    assert client.get("/").status_code == 302 and not may_sign_in(auditor)
    assert User.objects.get(pk=auditor.pk).is_active, "nobody has written it down yet"


def test_every_other_way_in_is_shut_too(auditor: User, clock: Clock, rf: RequestFactory) -> None:
    """A passkey and the provider sign in without the password: they come by the same place."""
    clock.to(auditor.access_ends)  # type: ignore[arg-type]
    asked: dict[str, Any] = {"email_verification": "none", "signal_kwargs": {}, "email": None, "signup": False}
    answer = AccountAdapter().pre_login(rf.get("/sign-in/"), auditor, redirect_url="/", **asked)
    assert answer.status_code == 302 and answer["Location"] == reverse("account_inactive")


def test_the_end_is_written_down_once_with_its_instant(auditor: User, clock: Clock) -> None:
    clock.just_before(auditor.access_ends)  # type: ignore[arg-type]
    assert end_access() == 0
    clock.forward(minutes=1)
    assert end_access() == 1 and end_access() == 0
    person = User.objects.get(pk=auditor.pk)
    event = Event.objects.get(kind=EventKind.PERSON_CHANGED)
    assert not person.is_active and event.effective_at == auditor.access_ends and event.actor is None
    assert person.history.order_by("-history_id")[0].is_active is False


def test_somebody_without_an_end_stays(cast: Cast, clock: Clock) -> None:
    clock.forward(days=10_000)
    assert end_access() == 0 and may_sign_in(cast.engineer)


def test_an_auditor_cannot_be_saved_without_an_end(cast: Cast, clock: Clock) -> None:
    def errors(person: User, **changes: Any) -> Any:
        groups = [group.pk for group in person.groups.all()]
        columns = ("username", "first_name", "last_name", "email", "time_zone", "night_contact", "is_active")
        data = {name: getattr(person, name) for name in columns} | {"groups": groups, "date_joined": "2026-01-01 00:00"}
        return PersonForm(data | changes, instance=person).errors

    assert "Auditors need an end" in str(errors(cast.auditor))
    assert not errors(cast.auditor, access_ends="2027-11-02 09:00")
    assert not errors(cast.auditor, is_active=False)
    assert not errors(cast.engineer)


def test_administration_shows_the_end_and_keeps_its_history(cast: Cast, auditor: User) -> None:
    screen = signed_in(cast.admin).get(reverse("admin:portal_user_change", args=[auditor.pk])).content.decode()
    assert "Access ends" in screen and "2026-12-02" in screen
    assert auditor.history.order_by("-history_id")[0].access_ends == auditor.access_ends


def test_administrators_and_the_person_hear_14_and_3_days_before_each_once(
    cast: Cast, auditor: User, clock: Clock
) -> None:
    keeper, ends = cast.person("keeper", Role.ADMINISTRATORS), auditor.access_ends
    assert ends is not None
    clock.just_before(ends - timedelta(days=14))
    end_access()
    assert not Event.objects.filter(kind=EventKind.ACCESS_ENDS_SOON).exists()
    for days, letters in ((14, 3), (3, 6)):
        clock.to(ends - timedelta(days=days))
        end_access()
        end_access()
        outbox.announce_all()
        assert Letter.objects.filter(event__kind=EventKind.ACCESS_ENDS_SOON).count() == letters
    own, other = (Letter.objects.filter(recipient=one).latest("pk") for one in (auditor, keeper))
    assert "Your access ends on Wed 2 Dec 2026 09:00 UTC" in own.text and "ask an administrator" in own.text
    assert "The access of Ada Aydin ends on" in other.text and "set a later end" in other.text
    clock.to(ends)
    assert end_access() == 1
    assert Event.objects.filter(kind=EventKind.ACCESS_ENDS_SOON).count() == 2


def test_what_was_missed_is_caught_up_once_and_a_later_end_is_announced_anew(auditor: User, clock: Clock) -> None:
    ends = auditor.access_ends
    assert ends is not None
    clock.to(ends - timedelta(days=2))
    end_access()
    assert Event.objects.filter(kind=EventKind.ACCESS_ENDS_SOON).count() == 1
    auditor.access_ends = ends + timedelta(days=5)
    auditor.save()
    end_access()
    end_access()
    assert Event.objects.filter(kind=EventKind.ACCESS_ENDS_SOON).count() == 2


def test_an_account_without_an_end_or_closed_already_is_not_announced(cast: Cast, auditor: User, clock: Clock) -> None:
    auditor.is_active = False
    auditor.save()
    assert auditor.access_ends is not None
    clock.to(auditor.access_ends - timedelta(days=1))
    end_access()
    assert not Event.objects.filter(kind=EventKind.ACCESS_ENDS_SOON).exists()
