"""What the frameworks leave open unless it is closed: the admin, guardian, history, filters and links."""

from __future__ import annotations

import ast
from importlib.metadata import version as installed
from typing import Any

import django
import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db.models import CASCADE

from approvals import access, transitions
from approvals.models import Packet, PacketGroupSight, PacketUserSight, Version
from approvals.vocabulary import Role
from portal.models import User
from tests.accounts.entering import with_app
from tests.cast import Cast, Walk, no_trace, person, refused
from tests.house.reading import PACKAGES, loud, modules
from tests.pages.asking import signed_in, verb

pytestmark = pytest.mark.django_db
FIXED = {(4, 2): (4, 2, 30), (5, 2): (5, 2, 13), (6, 0): (6, 0, 4)}  # the releases of April 2026
SCREENS = sorted(admin.site._registry, key=lambda model: model._meta.label)


def list_of(model: Any) -> str:
    return f"/{model._meta.app_label}/{model._meta.model_name}/"


def test_ws_1_django_has_the_fixes_of_april_2026() -> None:
    assert django.VERSION[:3] >= FIXED.get(django.VERSION[:2], (6, 0, 4))
    assert tuple(map(int, installed("django").split(".")[:2])) == django.VERSION[:2]


@pytest.mark.parametrize("model", SCREENS, ids=lambda model: model.__name__)
def test_ws_2_no_list_is_edited_in_place_and_a_forged_one_makes_nothing(cast: Cast, in_force: Walk, model: Any) -> None:
    in_force()
    assert not admin.site._registry[model].list_editable
    forged = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "1", "form-0-id": "1", "form-1-id": "", "_save": "Save"}
    forged |= {f"form-{row}-{name}": "FORGED" for row in (0, 1) for name in ("name", "slug", "reference", "username")}
    with no_trace():
        assert signed_in(cast.admin).post(list_of(model), forged).status_code in (200, 302, 403)


def test_ws_3_no_stock_screen_has_rows_of_another_table_inside(cast: Cast) -> None:
    assert not [model for model, screen in admin.site._registry.items() if screen.inlines]
    forged = {"editors-TOTAL_FORMS": "1", "editors-INITIAL_FORMS": "0", "editors-0-user": cast.admin.pk}
    with no_trace():
        assert signed_in(cast.admin).post(f"/portal/user/{cast.engineer.pk}/change/", forged).status_code == 200


def test_ws_4_who_may_only_look_reads_no_hash_and_no_seed(cast: Cast) -> None:
    seed = with_app(cast.engineer)
    looker = person("looker", "Lou", "Looker", ("Lookers",), is_staff=True)
    Group.objects.get(name="Lookers").permissions.add(*Permission.objects.filter(codename__startswith="view_"))
    client = signed_in(looker)
    for address in (
        "/portal/user/",
        f"/portal/user/{cast.engineer.pk}/change/",
        f"/portal/user/{cast.engineer.pk}/history/",
    ):
        page = client.get(address)
        assert page.status_code == 200
        words = page.content.decode()
        assert cast.engineer.password not in words
        assert cast.engineer.password.split("$")[-1] not in words
        assert seed not in words


@pytest.mark.parametrize("model", SCREENS, ids=lambda model: model.__name__)
def test_ws_5_no_list_answers_questions_about_another_table(cast: Cast, in_force: Walk, model: Any) -> None:
    in_force()
    client = signed_in(cast.admin)
    relations = [field.name for field in model._meta.get_fields() if field.is_relation]
    asked = [f"{name}__password__startswith" for name in relations] + ["user__password__regex", "password__startswith"]
    for lookup in asked:
        assert client.get(list_of(model), {lookup: "m"}).status_code in (302, 400), (model, lookup)


def test_ws_7_a_bulk_action_touches_nothing(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    client = signed_in(cast.admin)
    for model in SCREENS:
        keys = [version.pk, version.packet_id, cast.engineer.pk]
        with no_trace():
            client.post(list_of(model), {"action": "delete_selected", "_selected_action": keys, "post": "yes"})


@pytest.mark.parametrize("shortcut", ["get_objects_for_user", "get_users_with_perms", "get_objects_for_group"])
def test_ws_10_and_ws_12_no_shortcut_of_guardian_is_asked(shortcut: str) -> None:
    """They mix global rights in, count superusers and do not ask who is active."""
    used = [
        f"{module}:{node.lineno} asks {shortcut}: ask Packet.objects.visible_to, or rules for who may sign."
        for module in modules(*PACKAGES)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name | ast.Attribute)
        and shortcut in (getattr(node, "id", ""), getattr(node, "attr", ""))
    ]
    assert not used, loud(used)


@pytest.mark.databases
def test_ws_10_a_right_on_the_whole_table_shows_no_packet(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    cast.other_team.permissions.add(*Permission.objects.filter(codename__in=["view_packet", "view_version"]))
    cast.outsider.user_permissions.add(*Permission.objects.filter(codename="view_packet"))
    outsider = User.objects.get(pk=cast.outsider.pk)
    assert not Packet.objects.visible_to(outsider).exists()
    assert signed_in(outsider).get(version.get_absolute_url()).status_code == 404


def test_ws_12_a_superuser_and_a_leaver_fill_no_seat(cast: Cast, drafted: Walk) -> None:
    """Submitting counts who could sign: neither of them does."""
    version = drafted()
    for member in (cast.security, cast.security2):
        member.is_active = False
        member.save()
    with refused("nobody_to_sign"):
        transitions.submit(version.pk, seen=transitions.Seen.of(version), actor=cast.engineer)


@pytest.mark.databases
def test_ws_13_a_key_used_again_inherits_no_right(cast: Cast, in_force: Walk) -> None:
    """SQLite hands out the key of the last row again once that is gone; the rights of its owner go with it."""
    packet = in_force().packet
    stranger = person("stranger", "Sid", "Stranger", ())
    transitions.share(packet.pk, actor=cast.engineer, person=stranger)
    key = stranger.pk
    assert Packet.objects.visible_to(stranger).exists()
    transitions.unshare(packet.pk, actor=cast.engineer, person=stranger)
    assert key not in access.standing(packet).people
    view = Permission.objects.get(codename="view_packet")
    gone = person("gone", "Gus", "Gone", ())
    PacketUserSight.objects.create(user=gone, content_object=packet, permission=view)
    key = gone.pk
    gone.delete()
    assert not PacketUserSight.objects.filter(user_id=key).exists()
    again = person("again", "Ann", "Again", (), pk=key)
    assert again.pk == key and not Packet.objects.visible_to(again).exists()
    tables: list[Any] = [PacketUserSight, PacketGroupSight]
    for table in tables:
        related = [field for field in table._meta.get_fields() if field.is_relation]
        assert all(field.db_constraint and field.remote_field.on_delete is CASCADE for field in related)


@pytest.mark.parametrize(
    "name", ["reference__startswith", "packet__agent", "pk__gt", "agent__team__name", "__class__", "q\x00", "a\x1fb"]
)
def test_ws_16_the_name_of_a_filter_never_reaches_the_database(cast: Cast, in_force: Walk, name: str) -> None:
    in_force()
    client = signed_in(cast.engineer)
    for address in ("/packets/", "/agents/", "/record/", "/letters/", "/who/", "/may/", "/why/", "/search/"):
        plain, forged = client.get(address), client.get(address, {name: "zzz"})
        assert forged.status_code in (plain.status_code, 400), (address, name)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "JaVaScRiPt:alert(1)", " javascript:alert(1)"]
)
def test_ws_17_no_link_runs_anything(cast: Cast, drafted: Walk, url: str) -> None:
    from approvals.content import Link

    with refused("malformed"):
        drafted(links=(Link(url, ""),))
    version = drafted(agent="other-bot", run_record_location=url) if _accepted(drafted, url) else None
    if version is not None:
        page = signed_in(cast.engineer).get(version.get_absolute_url()).content.decode()
        assert f'href="{url.strip()}' not in page


def _accepted(drafted: Walk, url: str) -> bool:
    from approvals.errors import Refused

    try:
        drafted(agent="probe-bot", run_record_location=url)
    except (Refused, ValidationError):
        return False
    return True


def test_ws_18_what_hangs_on_a_packet_is_asked_of_the_packet(cast: Cast, in_review: Walk, drafted: Walk) -> None:
    """A question of one packet is not answered, and a finding not accepted, by way of another."""
    first = in_review()
    question = transitions.ask(first.pk, "Why?", actor=cast.security)
    second = in_review(agent="quite-another")
    with no_trace():
        address = f"{second.get_absolute_url()}questions/{question.pk}/answer/"
        assert signed_in(cast.engineer).post(address, {"text": "So."}).status_code == 404
        assert signed_in(cast.outsider).post(verb(first, "findings/1/accept"), {"reason": "So."}).status_code == 404


def test_ws_6_a_popup_and_a_field_to_come_back_to_show_no_more(cast: Cast, in_force: Walk) -> None:
    version = in_force()
    clerk = person("clerk", "Cleo", "Clerk", ("Warehouse",), is_staff=True)
    for query in ("", "?_popup=1", "?_to_field=id&_popup=1", "?_to_field=reference", "?q=AP-", "?o=1"):
        for model in (Packet, Version):
            page = signed_in(clerk).get(f"{list_of(model)}{query}", follow=True)
            assert version.packet.reference not in page.content.decode()
    assert Role.SECURITY not in clerk.roles()
