"""Ways in which others' sign-offs were got round, each tried here by the door it came through."""

from __future__ import annotations

import ast
from contextlib import suppress
from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from approvals import events, transitions
from approvals.errors import Refused
from approvals.models import Agent, Decision, Event, Seat, SignOffRule, Version
from approvals.scope.grammar import LineErrors, parse
from approvals.vocabulary import EventKind, State, Verdict
from portal.admin import ReadOnly
from portal.models import User
from tests.cast import PASSWORD, Cast, Walk, content, kinds, latest, no_trace, refused, sign
from tests.house.reading import PACKAGES, loud, modules
from tests.pages.asking import signed_in, signing, verb
from tests.walk.places import addresses

pytestmark = pytest.mark.django_db
WRITER = "approvals/transitions/reviewing.py"  # the one place that writes a decision


def approve(version: Version, **more: Any) -> dict[str, Any]:
    return signing(version, reason="Fine.", **more)


@pytest.mark.databases
def test_so_3_an_edit_between_looking_and_signing_is_409_and_the_page_says_so(
    cast: Cast, in_review: Walk, drafted: Walk
) -> None:
    version = in_review()
    shown = approve(version)
    draft = transitions.withdraw(version.pk, seen=transitions.Seen.of(version), actor=cast.engineer)
    transitions.edit(draft.pk, content(job="Else."), seen=transitions.Seen.of(latest(draft)), actor=cast.engineer)
    again = in_review(of=latest(draft))
    with no_trace():
        for address in (verb(version, "decide"), verb(again, "decide")):
            response = signed_in(cast.security).post(address, shown)
            assert response.status_code == 409
            assert response.context["refusal"].message
    assert not Decision.objects.exists()


@pytest.mark.parametrize("header", ["Authorization: Bearer x", "Authorization: Basic x", "X-API-Key: x"])
def test_so_6_a_machine_signs_by_no_header(cast: Cast, in_review: Walk, header: str) -> None:
    version = in_review()
    name, _, value = header.partition(": ")
    with no_trace():
        response = Client(headers={name: value}).post(verb(version, "decide"), approve(version))
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


def test_so_6_only_a_person_can_stand_under_a_decision() -> None:
    field = Decision._meta.get_field("person")
    assert field.related_model is User
    assert not field.null


def test_so_7_one_function_writes_decisions() -> None:
    """Every way of making or changing one, in the whole source: only the verbs' own module has it."""
    writers = [
        f"{module}:{getattr(node, 'lineno', 0)} writes a decision: go through a verb of approvals.transitions."
        for module in modules(*PACKAGES)
        for node in ast.walk(module.tree)
        if str(module) != WRITER and _writes(node)
    ]
    assert not writers, loud(writers)
    there = [node for module in modules(*PACKAGES) if str(module) == WRITER for node in ast.walk(module.tree)]
    assert len([node for node in there if _writes(node)]) == 1, "there is exactly one, and this test can see it"


def _writes(node: Any) -> bool:
    """Decision(…), Decision.objects.create(…) and the like, and anything's `.decisions.create(…)`."""
    if not isinstance(node, ast.Call):
        return False
    words = ast.unparse(node.func).split(".")
    makes = words[-1] in {"create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "update", "add"}
    return words[-1] == "Decision" or (makes and ("Decision" in words[:-1] or "decisions" in words[:-1]))


def test_so_8_who_owns_a_packet_changes_no_rule(cast: Cast, in_review: Walk) -> None:
    in_review()
    rule = SignOffRule.objects.active()[0]
    client = signed_in(cast.engineer)
    with no_trace():
        for address in (f"/rules/{rule.pk}/", f"/rules/{rule.pk}/retire/", "/rules/new/"):
            assert client.post(address, {"reason": "Mine.", "count": "1"}).status_code == 403


def test_so_9_without_a_rule_nothing_is_approved_and_a_rule_is_never_deleted(cast: Cast, drafted: Walk) -> None:
    version = drafted()
    for rule in SignOffRule.objects.all():
        rule.is_active = False
        rule.save()
    with no_trace(), refused("no_rule"):
        transitions.submit(version.pk, seen=transitions.Seen.of(version), actor=cast.engineer)
    assert not any(one.has_delete_permission(_request(cast.admin)) for one in admin.site._registry.values())


def _request(person: User) -> Any:
    request = type("Request", (), {})()
    request.user = person
    return request


@pytest.mark.parametrize(
    "name", ["Sentry-Dev", "\uff53entry-dev", "s\u0435ntry-dev", "sentry-dev ", "sentry\u200b-dev"]
)
def test_so_10_no_second_agent_has_a_name_like_the_first(cast: Cast, drafted: Walk, name: str) -> None:
    """Full-width, Cyrillic, another case, a space or an invisible character: it is the same agent or none."""
    drafted()
    with suppress(Refused):
        transitions.draft(content(agent=name), actor=cast.engineer)
    assert Agent.objects.count() == 1


def test_so_10_nobody_gets_a_sign_in_name_like_anothers(cast: Cast) -> None:
    for name in ("SECURITY", "\uff53ecurity", "sec\u200burity"):
        form = {"username": name, "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
        with no_trace():
            response = signed_in(cast.admin).post("/portal/user/add/", form)
        assert response.status_code == 200, name


@pytest.mark.parametrize("state", ["drafted", "in_force", "ended", "suspended", "revoked"])
def test_so_14_a_decision_in_any_other_state_is_refused_without_a_trace(
    cast: Cast, state: str, request: pytest.FixtureRequest
) -> None:
    version = request.getfixturevalue(state)()
    signer = cast.person("fresh", "Security")
    for verdict in Verdict:
        with no_trace():
            response = signed_in(signer).post(verb(version, "decide"), approve(version) | {"verdict": verdict.value})
        assert response.status_code in (409, 422), (verdict, response.status_code)


def test_so_18_nobody_can_pass_a_seat_on() -> None:
    """Seats belong to groups: no address, no verb and no column knows a deputy."""
    words = ("delegate", "deputy", "proxy_for", "on_behalf", "pass_on", "substitute")
    named = [address.name for address in addresses()] + list(transitions.__all__)
    named += [field.name for field in [*Seat._meta.get_fields(), *Decision._meta.get_fields()]]
    assert not [name for name in named if any(word in name.lower() for word in words)]
    people = [field.name for field in Seat._meta.get_fields() if field.related_model is User]
    assert people == [], "a seat names a group; who fills it stands in the decision alone"


def test_so_22_no_post_acts_without_the_token_of_a_page(cast: Cast, in_force: Walk) -> None:
    """Every address with a version in it, by whoever could act: another site's form changes nothing."""
    version = in_force()
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(cast.engineer).cookies
    reference, number = version.packet.reference, version.number
    blanks = {"reference": reference, "number": number}
    found = [one for one in get_resolver().reverse_dict if isinstance(one, str)]
    tried = 0
    with no_trace():
        for name in found:
            for kwargs in (blanks, {"reference": reference}):
                try:
                    address = reverse(name, kwargs=kwargs)
                except NoReverseMatch:
                    continue
                tried += 1
                assert client.post(address, approve(version)).status_code in (403, 405), name
    assert tried > 15


def test_so_23_what_is_shown_is_what_is_signed(cast: Cast, in_review: Walk) -> None:
    """No character that hides or turns text gets into a line; every line and the whole digest stand on the page."""
    for line in ("Bash(git \u202egnp\u202c)", "Bash(git\u200b push)"):
        with pytest.raises(LineErrors, match="cannot see"):
            parse(line)
    tools = "\n".join(f"Bash(tool-{number} *)" for number in range(120))
    version = in_review(tools=tools)
    page = signed_in(cast.security).get(version.get_absolute_url()).content.decode()
    assert version.digest in page
    assert all(f"tool-{number} *" in page for number in range(120))
    with refused("malformed"):
        transitions.draft(content(agent="third-bot", job="Helps \u202eyllaer\u202c."), actor=cast.engineer)


def test_so_25_nothing_is_approved_in_bulk(cast: Cast, in_review: Walk) -> None:
    versions = [in_review() for _ in range(3)]
    keys = [version.pk for version in versions]
    for model, screen in admin.site._registry.items():
        assert not screen.get_actions(_request(cast.admin)), f"{model} has an action for many rows at once"
    client = signed_in(cast.admin)
    with no_trace():
        for action in ("approve", "sign", "delete_selected", ""):
            form = {"action": action, "_selected_action": keys, "index": "0", "select_across": "1"}
            assert client.post("/approvals/version/", form).status_code in (200, 302, 403)
    assert isinstance(admin.site._registry[Version], ReadOnly)


@pytest.mark.databases
@pytest.mark.django_db(transaction=True)
def test_so_26_what_fails_after_the_commit_does_not_unsay_the_signature(
    cast: Cast, in_review: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(event: Event) -> None:
        raise RuntimeError("the broker is gone")

    monkeypatch.setattr(events, "after_commit", [fails])
    version = in_review()
    response = signed_in(cast.security).post(verb(version, "decide"), approve(version), follow=True)
    assert f"You signed {version}" in response.content.decode()
    assert latest(version).state == State.APPROVED
    assert EventKind.APPROVED in kinds(version)


@pytest.mark.databases
@pytest.mark.django_db(transaction=True)
def test_so_26_a_signature_that_could_not_be_recorded_is_not_said_to_be_given(
    cast: Cast, in_review: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    version, save = in_review(), Event.save

    def fails(event: Event, *args: Any, **kwargs: Any) -> None:
        if event.kind == EventKind.APPROVED:
            raise ValidationError("the disk is full")
        save(event, *args, **kwargs)

    monkeypatch.setattr(Event, "save", fails)
    client = signed_in(cast.security)
    client.raise_request_exception = False
    with no_trace():
        response = client.post(verb(version, "decide"), approve(version))
    assert response.status_code == 500
    assert "You signed" not in response.content.decode()
    monkeypatch.undo()
    sign(version, cast.security)
    assert latest(version).state == State.APPROVED


def test_so_17_every_foreign_key_of_the_record_protects() -> None:
    """Whatever a decision stands on cannot be deleted from under it."""
    for model in (Decision, Event, Seat):
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey):
                assert field.remote_field.on_delete is models.PROTECT, f"{model.__name__}.{field.name}"
