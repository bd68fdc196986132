"""The admin: who may open what, and that nothing governed changes there by any POST."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from approvals import access
from approvals.models import Decision, Event, Packet, SignOffRule, Version
from approvals.transitions.claiming import put_down
from approvals.vocabulary import EventKind
from portal.admin import ReadOnly
from portal.models import User
from tests.cast import Cast, Walk

GOVERNED = [model for model, screen in admin.site._registry.items() if isinstance(screen, ReadOnly)]
NEW_PASSWORD = {"password1": "correct horse battery", "password2": "correct horse battery", "usable_password": "true"}
SCREENS = ["changelist", "add", "change", "delete", "history"]


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def staff(person: User) -> User:
    """The same person with staff rights, for asking what those alone open."""
    person.is_staff = True
    person.save()
    return person


def address(model: Any, screen: str, pk: int) -> str:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{screen}"
    return reverse(name, args=[] if screen in ("changelist", "add") else [pk])


def test_the_governed_models_on_the_site_are_these() -> None:
    assert {model.__name__ for model in GOVERNED} == {"Packet", "Version", "Decision", "Suspension", "Question"}


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("who", ["engineer", "outsider", "responder"])
def test_without_staff_rights_no_stock_screen_opens(cast: Cast, in_force: Walk, who: str, screen: str) -> None:
    version = in_force()
    response = signed_in(getattr(cast, who)).get(address(Version, screen, version.pk), follow=True)
    assert response.status_code == 403


@pytest.mark.parametrize("screen", ["add", "change", "delete", "history"])
def test_a_superuser_changes_nothing_governed_here(cast: Cast, in_force: Walk, screen: str) -> None:
    version = in_force()
    for model in GOVERNED:
        row = model._default_manager.first() or version
        before = list(model._default_manager.values_list())
        response = signed_in(cast.admin).post(address(model, screen, row.pk), {"job": "FORGED", "post": "yes"})
        assert response.status_code in (403, 404, 405), (model, screen, response.status_code)
        assert list(model._default_manager.values_list()) == before


def test_ws_8_a_posted_history_form_changes_nothing(cast: Cast, in_force: Walk) -> None:
    """simple-history's own admin lets a reader write back an old row; ours only answers GET."""
    version = in_force()
    client = signed_in(cast.admin)
    url = address(Version, "history", version.pk)
    assert client.get(url).status_code == 200
    for forged in (url, f"{url}{version.history.first().history_id}/"):
        response = client.post(forged, {"job": "FORGED"})
        assert response.status_code in (403, 404, 405) or response["Location"].endswith("/change/")  # an old bookmark
    version.refresh_from_db()
    assert version.job != "FORGED"


def test_ws_6_staff_see_only_the_packets_they_may_see(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    outsider, teammate = signed_in(staff(cast.outsider)), signed_in(staff(cast.teammate))
    assert str(version.packet) not in outsider.get(address(Packet, "changelist", 0)).content.decode()
    assert outsider.get(address(Packet, "change", version.packet_id)).status_code == 302
    assert outsider.get(address(Packet, "history", version.packet_id)).status_code == 404
    assert str(version.packet) in teammate.get(address(Packet, "changelist", 0)).content.decode()
    assert teammate.get(address(Packet, "change", version.packet_id)).status_code == 200


def test_ws_5_a_filter_through_another_table_is_refused(cast: Cast, in_force: Walk) -> None:
    in_force()
    url = address(Decision, "changelist", 0)
    assert signed_in(cast.admin).get(url, {"person__password__startswith": "p"}).status_code == 400


@pytest.mark.databases
@pytest.mark.parametrize(
    "asked",
    [
        "approvals/packet/?reference=AP%00", "approvals/version/?state=%00", "portal/user/?username=%00",
        "autocomplete/?app_label=approvals&model_name=signoffrule&field_name=group&term=%00",
    ],
)  # fmt: skip
def test_a_filter_that_a_database_cannot_be_asked_is_a_bad_request(cast: Cast, asked: str) -> None:
    assert signed_in(cast.admin).get(f"/{asked}").status_code == 400


def test_nobody_deletes_people_groups_rules_or_agents(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    rows: list[Any] = [cast.engineer, cast.team, SignOffRule.objects.first(), version.packet.agent]
    for row in rows:
        response = signed_in(cast.admin).post(address(type(row), "delete", row.pk), {"post": "yes"})
        assert response.status_code == 403
        assert type(row)._default_manager.filter(pk=row.pk).exists()


def test_the_history_of_a_group_is_the_record(cast: Cast) -> None:
    client = signed_in(cast.admin)
    client.post(address(Group, "change", cast.team.pk), {"name": "Renamed"})
    response = client.get(address(Group, "history", cast.team.pk), follow=True)
    assert response.redirect_chain == [(f"/record/?kind={EventKind.GROUP_CHANGED}", 302)]
    assert "Renamed" in response.content.decode()
    assert signed_in(cast.engineer).get(address(Group, "history", cast.team.pk), follow=True).status_code == 403


def test_a_role_keeps_its_name_and_a_team_may_get_another(cast: Cast) -> None:
    client = signed_in(cast.admin)
    role = Group.objects.get(name="Security")
    assert client.post(address(Group, "change", role.pk), {"name": "Nobody"}).status_code == 403
    assert client.post(address(Group, "change", cast.team.pk), {"name": "Web"}).status_code == 302
    assert Group.objects.get(pk=cast.team.pk).name == "Web"
    assert last_detail(EventKind.GROUP_CHANGED)["fields"] == ["name"]


def last_detail(kind: EventKind) -> dict[str, Any]:
    detail: dict[str, Any] = json.loads(bytes(Event.objects.filter(kind=kind).latest("pk").body))["detail"]
    return detail


def person_form(person: User, **changes: Any) -> dict[str, Any]:
    fields = ("username", "first_name", "last_name", "email", "time_zone", "night_contact")
    form = {field: getattr(person, field) for field in fields}
    return {**form, "is_active": "on", "groups": [group.pk for group in person.groups.all()], **changes}


def test_a_change_of_membership_is_an_event_and_has_history(cast: Cast) -> None:
    security = Group.objects.get(name="Security")
    form = person_form(cast.teammate, groups=[cast.team.pk, security.pk])
    response = signed_in(cast.admin).post(address(User, "change", cast.teammate.pk), form)
    assert response.status_code == 302
    detail = last_detail(EventKind.MEMBERSHIP_CHANGED)
    assert detail["person"] == "teammate"
    assert detail["added"] == ["Security"]
    assert cast.teammate.history.first().history_user == cast.admin
    assert access.sees_every_packet(User.objects.get(pk=cast.teammate.pk))


def test_a_rule_is_read_with_its_history_and_not_changed_here(cast: Cast) -> None:
    rule = SignOffRule.objects.get(name="High risk: two of Security")
    rule.longest_life = 60
    put_down(rule, cast.admin)
    client = signed_in(cast.admin)
    assert client.get(address(SignOffRule, "change", rule.pk)).status_code == 200
    for screen in ("add", "change"):
        assert client.post(address(SignOffRule, screen, rule.pk), {"name": "FORGED"}).status_code == 403
    rule.refresh_from_db()
    assert rule.name != "FORGED"
    page = client.get(address(SignOffRule, "history", rule.pk)).content.decode()
    assert cast.admin.printed_name in page
    assert "Longest life, in days" in page
    assert "60" in page


@pytest.mark.parametrize("people", [2, 30])
def test_a_long_history_costs_no_more_statements(cast: Cast, people: int, django_assert_max_num_queries: Any) -> None:
    for number in range(people):
        cast.teammate.night_contact = str(number)
        cast.teammate.save()
    client = signed_in(cast.admin)
    with django_assert_max_num_queries(20):
        assert client.get(address(User, "history", cast.teammate.pk)).status_code == 200


def test_an_administrator_of_people_makes_no_superuser(cast: Cast) -> None:
    keeper = cast.person("keeper", "Administrators")
    form = person_form(cast.teammate, is_superuser="on", is_staff="on")
    signed_in(staff(keeper)).post(address(User, "change", cast.teammate.pk), form)
    cast.teammate.refresh_from_db()
    assert not cast.teammate.is_superuser
    assert not cast.teammate.is_staff


def test_an_administrator_of_people_becomes_no_superuser_by_a_password(cast: Cast) -> None:
    client, before = signed_in(staff(cast.person("keeper", "Administrators"))), cast.admin.password
    for screen in ("change", "password"):
        url = f"/portal/user/{cast.admin.pk}/{screen}/"
        assert client.post(url, NEW_PASSWORD | person_form(cast.admin, email="mine@example.org")).status_code == 403
    cast.admin.refresh_from_db()
    assert (cast.admin.password, cast.admin.email) == (before, "admin@example.org")


def test_a_password_set_for_somebody_is_an_event_without_the_password(cast: Cast) -> None:
    url = f"/portal/user/{cast.security.pk}/password/"
    client = signed_in(cast.admin)
    assert client.post(url, NEW_PASSWORD | {"password2": "another"}).status_code == 200
    assert not Event.objects.filter(kind=EventKind.PERSON_CHANGED).exists(), "nothing was set, so nothing happened"
    assert client.post(url, NEW_PASSWORD).status_code == 302
    detail = last_detail(EventKind.PERSON_CHANGED)
    assert (detail["name"], detail["fields"]) == ("security", ["password"])
    assert NEW_PASSWORD["password1"] not in str(detail)
    assert client.get("/portal/user/nobody/password/").status_code in (302, 404)


def test_an_agent_with_authority_is_not_deactivated(cast: Cast, in_force: Walk) -> None:
    """Deactivating would look like a stop and would not be one."""
    agent = in_force().packet.agent
    client, url = signed_in(cast.admin), address(type(agent), "change", agent.pk)
    assert "Revoke it first" in client.post(url, {}).content.decode()
    agent.refresh_from_db()
    assert agent.is_active


def test_an_agent_without_authority_is_deactivated(cast: Cast, drafted: Walk) -> None:
    agent = drafted().packet.agent
    assert signed_in(cast.admin).post(address(type(agent), "change", agent.pk), {}).status_code == 302
    agent.refresh_from_db()
    assert not agent.is_active
    assert last_detail(EventKind.AGENT_CHANGED)["fields"] == ["is_active"]
