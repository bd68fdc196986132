"""Somebody lost device and codes: an operator takes the factor away, which is an event and an e-mail to them."""

from __future__ import annotations

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command

from approvals.letters import outbox
from approvals.models import Event, Letter
from approvals.vocabulary import EventKind
from portal.models import SecondFactorRule
from tests.accounts.entering import with_app
from tests.cast import Cast, no_trace
from tests.pages.asking import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def test_what_was_lost_is_taken_and_its_person_is_told(cast: Cast) -> None:
    with_app(cast.security)
    with_app(cast.engineer)
    said = StringIO()
    call_command("take_second_factor", "security", reason="Seen in person, with badge.", stdout=said)
    assert "authenticator app" in said.getvalue()
    assert set(Authenticator.objects.values_list("user__username", flat=True)) == {"engineer"}
    event = Event.objects.filter(kind=EventKind.FACTOR_REMOVED).latest("pk")
    assert (event.actor, event.actor_name) == (None, "system: command line")
    assert b"Seen in person" in bytes(event.body)
    outbox.announce(event)
    assert Letter.objects.get(event=event).recipient == cast.security


@pytest.mark.parametrize(("name", "reason"), [("nobody", "So."), ("engineer", "So."), ("security", " ")])
def test_nothing_is_taken_without_a_person_a_factor_and_a_reason(cast: Cast, name: str, reason: str) -> None:
    with_app(cast.security)
    with pytest.raises(CommandError), no_trace():
        call_command("take_second_factor", name, reason=reason)
    assert Authenticator.objects.filter(user=cast.security).exists()


def test_administrators_say_which_roles_need_a_second_factor(cast: Cast) -> None:
    keeper = cast.person("keeper", "Administrators")
    keeper.is_staff = True
    keeper.save()
    rule = SecondFactorRule.objects.get(group__name="Auditors")
    url = f"/portal/secondfactorrule/{rule.pk}/change/"
    assert signed_in(keeper).post(url, {"required": "on"}).status_code == 302
    rule.refresh_from_db()
    assert rule.required
    assert signed_in(cast.security).post(url, {}).status_code in (302, 403)
    rule.refresh_from_db()
    assert rule.required, "nobody else changes it"
