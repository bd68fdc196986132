"""The data register: what it says of a version, who may change it, and that each change is an event."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals import validity
from approvals.asking import asked as content_of
from approvals.circumstances import facts_of
from approvals.models import DataTarget, Event, SignOffRule, Version
from approvals.risk import Facts
from approvals.risk.register import DataClass
from approvals.vocabulary import EventKind
from portal.models import User
from tests.cast import Cast, Walk, rules_ask, run_content
from tests.pages.asking import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def entry(cast: Cast, pattern: str, data_class: DataClass = DataClass.CUSTOMER, **columns: Any) -> DataTarget:
    row = DataTarget(pattern=pattern, name=f"About {pattern}", data_class=data_class, owner=cast.teammate, **columns)
    row.full_clean()
    row.save()
    return row


def codes(version: Version) -> set[str]:
    return {row["code"] for row in version.findings}


def test_what_is_not_registered_counts_as_production_and_registering_it_changes_that(
    cast: Cast, in_review: Walk
) -> None:
    before = in_review(data_sources="crm.customers")
    assert before.data_class == DataClass.PRODUCTION
    assert "unregistered_data" in codes(before)
    entry(cast, "crm.*")
    after = in_review(data_sources="crm.customers")
    assert after.data_class == DataClass.CUSTOMER
    assert "unregistered_data" not in codes(after)
    assert in_review(data_sources="Read(docs/**)").data_class == ""


def test_an_entry_that_is_switched_off_says_nothing(cast: Cast, in_review: Walk) -> None:
    entry(cast, "crm.customers", is_active=False)
    assert in_review(data_sources="crm.customers").data_class == DataClass.PRODUCTION


def test_a_rule_can_ask_for_the_class(cast: Cast, in_review: Walk) -> None:
    rules_ask({"team": 1})
    SignOffRule.objects.create(
        name="Customer data: two of Security", data_class="customer", count=2, longest_life=90,
        group=cast.security.groups.get(),
    )  # fmt: skip
    entry(cast, "crm.customers")
    needed = in_review(seats=None, data_sources="crm.customers").seats.values_list("group__name", flat=True)
    assert sorted(needed) == ["Security", "Security", cast.team.name]
    needed = in_review(seats=None, data_sources="Read(docs/**)").seats.values_list("group__name", flat=True)
    assert list(needed) == [cast.team.name]


@pytest.mark.parametrize("pattern", ["*", "cr*", "crm.*.x", "Bash", "crm.customers(read)", "crm.customers # note", ""])
def test_a_pattern_that_could_not_be_looked_up_is_refused(cast: Cast, pattern: str) -> None:
    with pytest.raises(ValidationError):
        entry(cast, pattern)


def test_the_database_wants_one_owner(cast: Cast) -> None:
    for owners in ({}, {"owner": cast.teammate, "owner_group": cast.team}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DataTarget.objects.create(pattern="x", name="X", data_class="public", **owners)


def form(**changes: Any) -> dict[str, Any]:
    return {"pattern": "crm.customers", "name": "Customers", "data_class": "customer", "is_active": "on", **changes}


def test_an_administrator_keeps_it_and_each_change_is_an_event_with_history(cast: Cast) -> None:
    administrator = cast.person("keeper", "Administrators")
    administrator.is_staff = True
    administrator.save()
    client = signed_in(administrator)
    named = form(owner=cast.teammate.pk, data_class="production")
    assert client.post(reverse("admin:approvals_datatarget_add"), named).status_code == 302
    row = DataTarget.objects.get()
    assert row.first == "crm"
    change = reverse("admin:approvals_datatarget_change", args=[row.pk])
    assert client.post(change, named | {"name": "Everybody"}).status_code == 302
    events = list(Event.objects.filter(kind=EventKind.REGISTER_CHANGED).order_by("pk"))
    details = [json.loads(bytes(event.body))["detail"] for event in events]
    assert [(one["name"], one["new"]) for one in details] == [("crm.customers", True), ("crm.customers", False)]
    assert details[1]["fields"] == ["name"]
    assert [one.history_user for one in row.history.all()] == [administrator, administrator]
    assert client.post(reverse("admin:approvals_datatarget_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(("who", "reads"), [("security", 200), ("auditor", 200), ("responder", 403), ("engineer", 403)])
def test_others_read_it_or_not_and_change_nothing(cast: Cast, who: str, reads: int) -> None:
    person: User = getattr(cast, who)
    person.is_staff = True
    person.save()
    row, client = entry(cast, "crm.customers"), signed_in(person)
    assert client.get(reverse("admin:approvals_datatarget_changelist")).status_code == reads
    for address in ("add", "change"):
        args = [row.pk] if address == "change" else []
        posted = client.post(reverse(f"admin:approvals_datatarget_{address}", args=args), form(owner=person.pk))
        assert posted.status_code == 403
    assert DataTarget.objects.get().owner == cast.teammate
    assert not Event.objects.filter(kind=EventKind.REGISTER_CHANGED).exists()


def test_the_page_says_whose_data_a_line_reaches(cast: Cast, in_review: Walk) -> None:
    entry(cast, "crm.customers")
    page = signed_in(cast.engineer).get(
        in_review(data_sources="crm.customers\nwiki").get_absolute_url()
    ).content.decode()  # fmt: skip
    assert f"customer data · owner {cast.teammate.printed_name}" in page
    assert "not registered: as production" in page


def looked(version: Version) -> tuple[Facts, int]:
    with CaptureQueriesContext(connection) as asked:
        facts = facts_of(content_of(version), version.packet, validity.now())
    return facts, len([one for one in asked if "JSON('{" not in one["sql"] and "SAVEPOINT" not in one["sql"]])


def test_the_facts_of_the_rows_are_these_in_one_statement(cast: Cast, in_force: Walk, drafted: Walk) -> None:
    for number in range(3):
        in_force(agent="sentry-dev", tools=f"Bash(tool-{number} *)", identity=f"svc-{number}")
    in_force(agent="sentry-dcv", identity="svc-sentry-dev")
    in_force(agent="5entry-dev", identity="other")
    entry(cast, "crm.*")
    mine = drafted()
    facts, statements = looked(mine)
    assert statements == 1
    assert {str(one.line) for one in facts.beside} >= {f"Bash(tool-{number} *)" for number in range(3)}
    assert facts.sharing == ("sentry-dcv",)
    assert facts.alike == ("5entry-dev",)
    assert [one.owner for one in facts.register] == [cast.teammate.printed_name]
    assert not facts.identity_is_a_person
    assert not facts.owner_answers_alone
    facts, _ = looked(drafted(agent="lonely", identity="Engineer", owner="engineer"))
    assert facts.identity_is_a_person
    assert (facts.beside, facts.sharing, facts.alike) == ((), (), ())


def test_another_teams_agent_is_not_named(cast: Cast, in_force: Walk, drafted: Walk) -> None:
    in_force(agent="secret-bot", actor=cast.outsider, owner="outsider", identity="svc-shared")
    facts, _ = looked(drafted(identity="svc-shared"))
    assert facts.sharing == ("an agent of another team",)


def test_a_run_is_held_against_what_its_parent_grants(cast: Cast, in_force: Walk, drafted: Walk) -> None:
    parent = in_force()
    run = drafted(body=run_content(parent.packet, commands="Bash(rm -rf x)"))
    facts, statements = looked(run)
    assert statements == 1
    assert facts.parent is not None
    assert "Not provably inside" in signed_in(cast.engineer).get(run.get_absolute_url()).content.decode()
