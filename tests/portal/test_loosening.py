"""What administrators keep: a change that asks for less waits for a second administrator, and who hears of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from approvals.letters import outbox
from approvals.models import DataTarget, Event, Letter
from approvals.vocabulary import EventKind, Role, RuleOutcome
from portal import loosening
from portal.models import Loosening, SecondFactorRule, User
from tests.cast import Cast, refused
from tests.pages.asking import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.databases]
PATTERN = "crm.customers"


@pytest.fixture
def keepers(cast: Cast) -> list[User]:
    """Two administrators with staff rights."""
    people = [cast.person(name, Role.ADMINISTRATORS) for name in ("keeper", "keeper2")]
    for person in people:
        person.is_staff = True
        person.save()
    return people


def entry(cast: Cast, data_class: str, **columns: Any) -> DataTarget:
    row = DataTarget(
        **{"pattern": PATTERN, "name": "Customers", "data_class": data_class, "owner": cast.teammate} | columns
    )
    row.save()
    return row


def changed(row: DataTarget, **columns: Any) -> DataTarget:
    wanted = DataTarget.objects.get(pk=row.pk)
    for name, value in columns.items():
        setattr(wanted, name, value)
    return wanted


def details(kind: EventKind) -> list[dict[str, Any]]:
    return [json.loads(bytes(event.body))["detail"] for event in Event.objects.filter(kind=kind).order_by("pk")]


def told_of(kind: EventKind) -> set[str]:
    outbox.announce_all()
    return set(Letter.objects.filter(event__kind=kind).values_list("recipient__username", flat=True))


@pytest.mark.parametrize(
    ("before", "change", "waits"),
    [
        ("production", {"data_class": "customer"}, True),
        ("customer", {"data_class": "public"}, True),
        ("public", {"data_class": "internal"}, False),
        ("customer", {"name": "People"}, False),
        ("customer", {"is_active": False}, False),
        ("customer", {"pattern": "crm.people"}, True),
        ("production", {"pattern": "crm.people"}, False),
    ],
)
def test_it_waits_exactly_where_data_would_count_as_less(
    cast: Cast, keepers: list[User], before: str, change: dict[str, Any], waits: bool
) -> None:
    row = entry(cast, before)
    asked = loosening.change(changed(row, **change), actor=keepers[0])
    assert (asked is not None) is waits
    stored = DataTarget.objects.get(pk=row.pk)
    assert all((getattr(stored, name) == value) is not waits for name, value in change.items())
    kind = EventKind.LOOSENING_PROPOSED if waits else EventKind.REGISTER_CHANGED
    assert [one["what"] for one in details(kind)] == ["data register entry"]
    assert len(Event.objects.all()) == 1


def test_switching_off_an_entry_loosens_where_a_wider_one_says_less(cast: Cast, keepers: list[User]) -> None:
    entry(cast, "public", pattern="crm.*")
    row = entry(cast, "production")
    asked = loosening.change(changed(row, is_active=False), actor=keepers[0])
    assert asked is not None
    assert asked.less == ["crm.customers would count as public data, no longer as production data."]
    assert DataTarget.objects.get(pk=row.pk).is_active


def test_what_was_never_registered_counts_as_production_so_entering_less_waits(cast: Cast, keepers: list[User]) -> None:
    def wanted(data_class: str) -> DataTarget:
        return DataTarget(pattern=PATTERN, name="Customers", data_class=data_class, owner=cast.teammate)

    asked = loosening.change(wanted("internal"), actor=keepers[0])
    assert asked is not None and not DataTarget.objects.exists()
    loosening.confirm(asked.pk, actor=keepers[1])
    row = DataTarget.objects.get()
    assert row.data_class == "internal" and row.first == "crm"
    assert row.history.get().history_user == keepers[1]
    assert loosening.change(changed(row, data_class="production"), actor=keepers[0]) is None


def test_only_another_administrator_applies_it_and_only_while_it_is_as_it_was(cast: Cast, keepers: list[User]) -> None:
    row = entry(cast, "production")
    asked = loosening.change(changed(row, data_class="public"), actor=keepers[0])
    assert asked is not None
    with refused("own_change"):
        loosening.confirm(asked.pk, actor=keepers[0])
    twin = cast.person("twin", Role.ADMINISTRATORS)
    twin.email = keepers[0].email.upper()
    twin.save()
    with refused("own_change"):
        loosening.confirm(asked.pk, actor=twin)
    cast.admin.groups.clear()  # a superuser alone
    for person in (cast.admin, cast.security, cast.engineer):
        with refused("not_you"):
            loosening.confirm(asked.pk, actor=person)
        with refused("not_you"):
            loosening.decline(asked.pk, actor=person)
    loosening.change(changed(row, name="Everybody"), actor=keepers[1])
    with refused("stale"):
        loosening.confirm(asked.pk, actor=keepers[1])
    assert DataTarget.objects.get().data_class == "production"
    loosening.decline(asked.pk, actor=keepers[1])
    with refused("wrong_state"):
        loosening.confirm(asked.pk, actor=keepers[1])
    assert [one["outcome"] for one in details(EventKind.LOOSENING_DECLINED)] == ["declined"]


def test_whoever_asked_takes_it_back_and_nobody_else_does(cast: Cast, keepers: list[User]) -> None:
    asked = loosening.change(changed(entry(cast, "production"), data_class="public"), actor=keepers[0])
    assert asked is not None
    with refused("not_you"):
        loosening.withdraw(asked.pk, actor=keepers[1])
    assert loosening.withdraw(asked.pk, actor=keepers[0]).outcome == RuleOutcome.WITHDRAWN
    with refused("wrong_state"):
        loosening.withdraw(asked.pk, actor=keepers[0])


def test_the_database_wants_two_people_behind_what_was_loosened(cast: Cast, keepers: list[User]) -> None:
    asked = loosening.change(changed(entry(cast, "production"), data_class="public"), actor=keepers[0])
    assert asked is not None
    asked.outcome = RuleOutcome.APPLIED
    for decided_by in (None, keepers[0]):
        asked.decided_by = decided_by
        with pytest.raises(IntegrityError), transaction.atomic():
            asked.save()


def test_data_owners_before_and_after_security_and_administrators_hear_of_it(cast: Cast, keepers: list[User]) -> None:
    row = entry(cast, "customer")
    loosening.change(changed(row, owner=cast.outsider, data_class="production"), actor=keepers[0])
    told = {"teammate", "outsider", "security", "security2", "keeper2", "admin"}
    assert told_of(EventKind.REGISTER_CHANGED) == told
    letter = Letter.objects.get(recipient=cast.teammate)
    assert "crm.customers: Customers, customer data, data owner Tomás Ortiz." in letter.text
    assert "production data, data owner Olga Olsen." in letter.text
    loosening.change(changed(row, data_class="public"), actor=keepers[0])
    assert {"keeper2", "security"} <= told_of(EventKind.LOOSENING_PROPOSED)
    assert "keeper" not in told_of(EventKind.LOOSENING_PROPOSED)


def test_a_second_factor_is_asked_for_at_once_and_let_go_by_two(cast: Cast, keepers: list[User]) -> None:
    rule = SecondFactorRule.objects.get(group__name="Security")
    at = reverse("admin:portal_secondfactorrule_change", args=[rule.pk])
    first, second = map(signed_in, keepers)
    assert first.post(at, {"required": "on"})["Location"] != "/changes/"
    assert SecondFactorRule.objects.get(pk=rule.pk).required
    assert details(EventKind.FACTOR_RULE_CHANGED)[0]["fields"] == ["required"]
    assert told_of(EventKind.FACTOR_RULE_CHANGED) == {"security", "security2", "keeper2", "admin"}
    assert first.post(at, {})["Location"] == "/changes/"
    assert SecondFactorRule.objects.get(pk=rule.pk).required
    asked = Loosening.objects.get()
    page = second.get("/changes/").content.decode()
    assert "Security would not need a second factor any more." in page and "Apply the change" in page
    assert "Apply the change" not in first.get("/changes/").content.decode()
    first.post(f"/changes/{asked.pk}/confirm/")
    assert SecondFactorRule.objects.get(pk=rule.pk).required
    assert second.post(f"/changes/{asked.pk}/confirm/").status_code == 302
    assert not SecondFactorRule.objects.get(pk=rule.pk).required
    assert second.post(f"/changes/{asked.pk}/undo/").status_code == 404
    assert second.get(f"/changes/{asked.pk}/confirm/").status_code == 405


@pytest.mark.parametrize(
    ("who", "status"), [("security", 200), ("auditor", 200), ("responder", 200), ("engineer", 403)]
)
def test_who_reads_what_waits(cast: Cast, keepers: list[User], who: str, status: int) -> None:
    loosening.change(changed(entry(cast, "production"), data_class="public"), actor=keepers[0])
    answer = signed_in(getattr(cast, who)).get("/changes/")
    assert answer.status_code == status and "Apply the change" not in answer.content.decode()
