"""The page Rules: everybody reads it, administrators change it, and nobody saves what they have not looked over."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group

from approvals.letters import outbox
from approvals.models import Event, Letter, RuleChange, SignOffRule
from approvals.rule_words import values
from approvals.transitions import rule_seen
from approvals.vocabulary import EventKind, Role
from portal.models import User
from tests.cast import Cast, no_trace
from tests.pages.asking import signed_in

pytestmark = pytest.mark.django_db
HIGH = "High risk: two of Security"


def high() -> SignOffRule:
    return SignOffRule.objects.get(name=HIGH)


def typed(rule: SignOffRule, **changes: Any) -> dict[str, Any]:
    kept = {name: "" if value is None else value for name, value in values(rule).items()}
    kept["reminder_days"] = ", ".join(map(str, rule.reminder_days))
    return kept | {"reason": "We said so.", "seen": rule_seen(rule)} | changes


def saved(person: User, url: str, form: dict[str, Any]) -> Any:
    """Look it over, then save what was looked over."""
    client = signed_in(person)
    looked = client.post(url, form)
    assert looked.status_code == 200, looked.content.decode()
    return client.post(url, form | {"looked": looked.context["looked"]})


@pytest.mark.parametrize("name", ["engineer", "outsider", "security", "auditor", "responder", "admin"])
def test_everybody_reads_the_rules_as_sentences(cast: Cast, name: str) -> None:
    page = signed_in(getattr(cast, name)).get("/rules/")
    words = page.content.decode()
    assert "High risk: two of Security, at most 90 days, answer within 3 days, reminders 30, 14, 7, 3 and 1" in words
    assert ("/rules/new/" in words) == (name == "admin")


def test_only_administrators_change_rules(cast: Cast) -> None:
    url = f"/rules/{high().pk}/"
    for person in (cast.engineer, cast.security, cast.auditor):
        with no_trace():
            assert signed_in(person).get(url).status_code == 403
            assert signed_in(person).post(url, typed(high(), longest_life=60)).status_code == 403
            retire = {"reason": "Gone.", "seen": rule_seen(high())}
            assert signed_in(person).post(f"{url}retire/", retire).status_code == 403


def test_nothing_is_saved_before_it_was_looked_over(cast: Cast) -> None:
    url, form = f"/rules/{high().pk}/", typed(high(), longest_life=60)
    with no_trace():
        page = signed_in(cast.admin).post(url, form)
    assert "at most 60 days" in page.content.decode()
    with no_trace():  # what was looked over was something else
        signed_in(cast.admin).post(url, form | {"longest_life": 50, "looked": page.context["looked"]})
    assert saved(cast.admin, url, form).status_code == 302
    assert high().longest_life == 60


def test_a_loosening_says_where_and_waits(cast: Cast) -> None:
    url, form = f"/rules/{high().pk}/", typed(high(), count=1)
    page = signed_in(cast.admin).post(url, form).content.decode()
    assert "Needs one of Security, not two" in page
    assert "Ask a second administrator" in page
    saved(cast.admin, url, form)
    assert high().count == 2
    row = RuleChange.objects.get()
    mine = signed_in(cast.admin).get("/rules/").content.decode()
    assert "Another administrator has to look at it" in mine and "Apply the change" not in mine
    keeper = cast.person("keeper", Role.ADMINISTRATORS)
    assert "Apply the change" in signed_in(keeper).get("/rules/").content.decode()
    with no_trace():
        signed_in(cast.admin).post(f"/rules/changes/{row.pk}/confirm/")
        signed_in(keeper).post(f"/rules/changes/{row.pk}/decline/", {"reason": ""})
        assert signed_in(keeper).get(f"/rules/changes/{row.pk}/confirm/").status_code == 405
        assert signed_in(keeper).post(f"/rules/changes/{row.pk}/burn/").status_code == 404
    signed_in(keeper).post(f"/rules/changes/{row.pk}/confirm/")
    assert high().count == 1


def test_a_new_rule_and_a_retired_one(cast: Cast) -> None:
    form = typed(high(), name="High risk of Web: three of Security", count=3, team=cast.team.pk, seen=0)
    assert saved(cast.admin, "/rules/new/", form).status_code == 302
    rule = SignOffRule.objects.get(name="High risk of Web: three of Security")
    page = signed_in(cast.admin).get(f"/rules/{rule.pk}/retire/").content.decode()
    assert "Needs two of Security, not three" in page
    signed_in(cast.admin).post(f"/rules/{rule.pk}/retire/", {"reason": "Too much.", "seen": rule_seen(rule)})
    rule.refresh_from_db()
    assert rule.is_active, "a second administrator has to apply it"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"longest_life": 999_999_999}, "Nothing can be approved for longer."),
        ({"life_at_most": 999_999_999}, "Nothing can be approved for longer."),
        ({"reminder_days": "soon"}, "whole numbers from 1 to 365"),
        ({"count": 0}, "greater than or equal to 1"),
        ({"name": "Medium risk: one of Security"}, "Another rule has this name"),
        ({"reason": ""}, "This field is required"),
        ({"team": 999}, "Select a valid choice"),
    ],
)
def test_what_no_rule_can_be_is_said_at_its_field(cast: Cast, changes: dict[str, Any], says: str) -> None:
    with no_trace():
        page = signed_in(cast.admin).post(f"/rules/{high().pk}/", typed(high(), **changes))
    assert page.status_code == 422
    assert says in page.content.decode()


def test_the_tester_answers_as_the_rules_would(cast: Cast) -> None:
    asked: dict[str, Any] = {"level": "system", "tier": "high", "change": "wider", "team": cast.team.pk, "days": 120}
    page = signed_in(cast.engineer).get("/rules/", asked).content.decode()
    assert "two of Security" in page and "it would be refused" in page
    rule = high()
    rule.is_active = False
    rule.save()
    assert "no rule applies" in signed_in(cast.engineer).get("/rules/", asked).content.decode()
    assert signed_in(cast.engineer).get("/rules/", asked | {"days": "many", "team": "x"}).status_code == 200


def test_what_came_with_the_portal_and_does_not_hold_is_listed(cast: Cast) -> None:
    rule = high()
    rule.is_active = False
    rule.save()
    page = signed_in(cast.engineer).get("/rules/").content.decode()
    assert "1 of the shipped rules does not hold" in page
    assert "as shipped" in page


def test_a_membership_is_told_to_the_group_it_is_about_and_to_the_person(cast: Cast) -> None:
    from tests.portal.test_stock_screens import person_form

    security = Group.objects.get(name="Security")
    form = person_form(cast.teammate, groups=[cast.team.pk, security.pk])
    signed_in(cast.admin).post(f"/portal/user/{cast.teammate.pk}/change/", form)
    outbox.announce(Event.objects.get(kind=EventKind.MEMBERSHIP_CHANGED))
    letters = Letter.objects.filter(event__kind=EventKind.MEMBERSHIP_CHANGED)
    assert set(letters.values_list("recipient__username", flat=True)) == {"security", "security2", "teammate"}
    assert "was put into Security" in letters[0].subject
