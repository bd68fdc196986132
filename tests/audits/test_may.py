"""What may this agent do, and who may touch this: as lists, at a moment, filtered, and only of what one may see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from approvals import transitions
from approvals.asking import placed
from approvals.models import Version
from approvals.scope.grammar import parse
from approvals.scope.matching import Placed
from approvals.vocabulary import Field
from audits.effect import _overrules
from audits.pages.asked import PAGE
from tests.audits.reading import signed_in, text_of
from tests.cast import Cast, Clock, Walk, run_content
from tests.pages.test_statements import FEW, MANY, statements

pytestmark = pytest.mark.django_db

MAY, WHO = "/may/", "/who/"


def lines_on(page: Any) -> dict[str, Any]:
    """Each line shown with its effect."""
    return {str(one.placed.line): one for one, _, _ in page.context["rows"]}


def test_every_line_stands_with_its_packet_and_who_signed_it(cast: Cast, in_force: Walk) -> None:
    version = in_force(
        data_sources="crm.customers", tools="Bash(git diff *)", human_approval="Bash(git push *)", never="Bash(rm *)"
    )
    page = signed_in(cast.auditor).get(MAY, {"agent": "sentry-dev"})
    shown = lines_on(page)
    assert {"crm.customers", "Bash(git diff *)", "Bash(git push *)", "Bash(rm *)"} <= set(shown)
    assert str(version) in text_of(page)
    assert cast.security.printed_name in text_of(page)
    assert [row[1] for row in page.context["rows"]].index("never") > [row[1] for row in page.context["rows"]].index(
        "human"
    )


def test_a_stricter_line_of_another_packet_is_named_beside_what_it_overrules(cast: Cast, in_force: Walk) -> None:
    in_force(tools="Bash(git push origin main)\nBash(git log *)", human_approval="")
    in_force(tools="Bash(ls *)", never="Bash(git push *)", human_approval="Bash(git log *)")
    shown = lines_on(signed_in(cast.auditor).get(MAY, {"agent": "sentry-dev"}))
    assert shown["Bash(git push origin main)"].overruled_by.field is Field.NEVER
    assert shown["Bash(ls *)"].overruled_by is None
    allowed = [
        row[0] for row in signed_in(cast.auditor).get(MAY, {"agent": "sentry-dev", "kind": "allowed"}).context["rows"]
    ]
    asks = next(one for one in allowed if str(one.placed.line) == "Bash(git log *)")
    assert asks.overruled_by.field is Field.HUMAN_APPROVAL


@pytest.mark.parametrize(
    ("strict", "line", "wins"),
    [
        ((Field.NEVER, "Bash(git *)"), (Field.TOOLS, "Bash(git push *)"), True),
        ((Field.NEVER, "Bash(git *)"), (Field.HUMAN_APPROVAL, "Bash(git push *)"), True),
        ((Field.HUMAN_APPROVAL, "Bash(git *)"), (Field.TOOLS, "Bash(git push *)"), True),
        ((Field.HUMAN_APPROVAL, "Bash(git *)"), (Field.NEVER, "Bash(git push *)"), False),
        ((Field.NEVER, "Bash(git *)"), (Field.NEVER, "Bash(git push *)"), False),
        ((Field.NEVER, "Bash(git push *)"), (Field.TOOLS, "Bash(git *)"), False),  # only a part of it
        ((Field.HUMAN_APPROVAL, "Bash(git *)"), (Field.HUMAN_APPROVAL, "Bash(git *)"), False),
    ],
)
def test_only_a_stricter_line_that_covers_another_overrules_it(
    strict: tuple[Field, str], line: tuple[Field, str], wins: bool
) -> None:
    one, row = (Placed(field, parse(text)[0], None, 1) for field, text in (strict, line))
    assert _overrules(one, row) is wins


def test_lines_are_filtered_by_kind_and_words_and_the_address_keeps_it(cast: Cast, in_force: Walk) -> None:
    in_force(
        data_sources="crm.customers", tools="Bash(git diff *)", human_approval="Bash(git push *)", never="Bash(rm *)"
    )
    client = signed_in(cast.auditor)
    page = client.get(MAY, {"agent": "sentry-dev", "q": "GIT", "kind": "human"})
    assert set(lines_on(page)) == {"Bash(git push *)"}
    assert [tab.count for tab in page.context["tabs"]][2] == 1
    assert all("q=GIT" in tab.url and "agent=sentry-dev" in tab.url for tab in page.context["tabs"])
    nothing = client.get(MAY, {"agent": "sentry-dev", "q": "nothing-like-it"})
    assert "Drop the filters" in text_of(nothing)


def test_an_identity_selects_only_packets_with_it(cast: Cast, in_force: Walk) -> None:
    in_force(identity="svc-a", tools="Bash(ls *)")
    in_force(identity="svc-b", tools="Bash(pwd)")
    client = signed_in(cast.auditor)
    page = client.get(MAY, {"agent": "sentry-dev"})
    assert page.context["identities"] == ["svc-a", "svc-b"]
    shown = lines_on(client.get(MAY, {"agent": "sentry-dev", "identity": "svc-a"}))
    assert "Bash(ls *)" in shown
    assert "Bash(pwd)" not in shown


def test_a_run_stands_with_its_system_packet_and_falls_with_it(cast: Cast, in_force: Walk) -> None:
    system = in_force()
    run = in_force(body=run_content(system.packet))
    client = signed_in(cast.auditor)
    words = text_of(client.get(MAY, {"agent": "sentry-dev"}))
    assert f"one run inside {system.packet}" in words
    assert str(run) in words
    transitions.suspend(system.packet_id, actor=cast.security, reason="Look first.")
    page = client.get(MAY, {"agent": "sentry-dev"})
    assert page.context.get("in_force") == 0
    assert "Look first." in text_of(page)
    assert "may do nothing" in text_of(page)


def test_the_past_is_answered_as_it_was_and_the_future_is_not(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version = in_force()
    begun = clock.moment
    clock.forward(days=1)
    transitions.revoke(version.packet_id, actor=cast.engineer, reason="Not needed any more.")
    clock.forward(hours=1)
    client = signed_in(cast.auditor)
    then = (begun + timedelta(hours=2)).isoformat()
    for page, query in ((MAY, {"agent": "sentry-dev"}), (WHO, {"q": "crm.customers"})):
        assert str(version) not in text_of(client.get(page, query))
        assert str(version) in text_of(client.get(page, query | {"at": then}))
        ahead = client.get(page, query | {"at": (clock.moment + timedelta(days=1)).isoformat()})
        assert ahead.status_code == 400
        assert "still to come" in text_of(ahead)
        assert client.get(page, query | {"at": "at breakfast"}).status_code == 400


def test_what_one_may_not_see_is_not_told(cast: Cast, in_force: Walk) -> None:
    shared, hidden = in_force(tools="Bash(ls *)"), in_force(tools="Bash(pwd)")
    outsider = signed_in(cast.outsider)
    page = outsider.get(MAY, {"agent": "sentry-dev"})
    assert page.status_code == 404
    assert "Bash" not in text_of(page)
    assert "sentry-dev" not in [one.slug for one in outsider.get(MAY).context["agents"]]
    transitions.share(shared.packet_id, actor=cast.engineer, person=cast.outsider)
    page = outsider.get(MAY, {"agent": "sentry-dev"})
    assert "Bash(pwd)" not in lines_on(page)
    assert "only packets you may see" in text_of(page)
    assert str(hidden) not in text_of(page)
    assert "every packet of it" in text_of(signed_in(cast.teammate).get(MAY, {"agent": "sentry-dev"}))


def test_without_an_agent_one_chooses_and_a_part_of_a_name_leads_on(cast: Cast, in_force: Walk) -> None:
    in_force()
    client = signed_in(cast.auditor)
    assert [one.slug for one in client.get(MAY).context["agents"]] == ["sentry-dev"]
    page = client.get(MAY, {"agent": "sentry"})
    assert page.status_code == 404
    assert "these are alike" in text_of(page)
    assert "Show all agents" in text_of(client.get(MAY, {"agent": "zzz"}))


def test_long_lists_are_paged_and_every_line_is_on_one_page(cast: Cast, in_force: Walk) -> None:
    in_force(tools="\n".join(f"Bash(tool-{number:03} *)" for number in range(PAGE + 20)))
    client = signed_in(cast.auditor)
    first = client.get(MAY, {"agent": "sentry-dev", "kind": "allowed", "q": "tool-"})
    second = client.get(MAY + first.context["older"])
    seen = set(lines_on(first)) | set(lines_on(second))
    assert len(lines_on(first)) == PAGE
    assert len(seen) == PAGE + 20
    assert (first.context["newer"], second.context["older"]) == ("", "")
    who = client.get(WHO, {"q": "Bash"})
    assert len(who.context["holders"]) == PAGE
    assert client.get(WHO + who.context["older"]).context["holders"]


def agents(page: Any) -> set[str]:
    """Whose lines are shown."""
    return {one.grant.version.packet.agent.slug for one in page.context["holders"]}


def test_who_is_filtered_by_agent_and_kind(cast: Cast, in_force: Walk) -> None:
    in_force(data_sources="crm.customers")
    other = in_force(agent="other-bot", data_sources="crm.*", never="crm.customers(delete *)")
    client = signed_in(cast.auditor)
    assert agents(client.get(WHO, {"q": "crm.customers"})) == {"sentry-dev", "other-bot"}
    assert agents(client.get(WHO, {"q": "crm.customers", "agent": "sentry-dev"})) == {"sentry-dev"}
    never = client.get(WHO, {"q": "crm.customers", "kind": "never"})
    assert agents(never) == {"other-bot"}
    assert str(other) in text_of(never)
    assert cast.security.printed_name in text_of(never)
    assert "Drop the filters" in text_of(client.get(WHO, {"q": "crm.customers", "kind": "human"}))


def test_both_lists_agree_with_the_rows(cast: Cast, in_force: Walk) -> None:
    version: Version = in_force()
    shown = lines_on(signed_in(cast.auditor).get(MAY, {"agent": "sentry-dev"}))
    assert set(shown) == {str(row.line) for row in placed(version.grants.all())}


@pytest.mark.parametrize("query", [{"page": "0"}, {"page": "x"}, {"page": "99999999"}, {"kind": "zzz"}, {"q": "\x00"}])
def test_odd_addresses_are_answered(query: dict[str, str], cast: Cast, in_force: Walk) -> None:
    in_force()
    client = signed_in(cast.auditor)
    assert client.get(MAY, {"agent": "sentry-dev"} | query).status_code == 200
    assert client.get(WHO, {"q": "crm.customers"} | query).status_code == 200


def test_nobody_asks_without_signing_in(client: Any, db: None) -> None:
    assert client.get(MAY).status_code == 302


def test_the_lists_take_as_many_statements_for_sixty_rows_as_for_three(cast: Cast, in_force: Walk) -> None:
    addresses = (f"{MAY}?agent=sentry-dev", f"{WHO}?q=crm.customers", MAY)
    for _ in range(FEW):
        in_force()
    people = (cast.auditor, cast.teammate)
    few = {(person, address): statements(person, address) for person in people for address in addresses}
    in_force(tools="\n".join(f"Bash(tool-{number} *)" for number in range(MANY)), never="crm.customers(delete *)")
    for number in range(FEW):
        in_force(agent=f"bot-{number}")
    assert {(person, address): statements(person, address) for person, address in few} == few
