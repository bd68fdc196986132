"""The auditor's first page: ask, draw a sample that anybody can draw again, and what is out of the ordinary."""

from __future__ import annotations

from typing import Any

import pytest

from approvals import transitions
from approvals.models import DataTarget, Event, RuleChange, SignOffRule, Version
from approvals.rule_words import values
from approvals.transitions import rule_seen
from approvals.vocabulary import EventKind
from audits import sampling
from portal import loosening
from tests.audits.reading import signed_in, text_of
from tests.cast import PASSWORD, Cast, Clock, Walk, latest
from tests.pages.asking import seen

DRAW = {"since": "2026-11-01", "until": "2026-11-03", "n": "3", "seed": "2026"}


def drawn(response: Any) -> list[str]:
    return [str(version) for version in response.context["drawn"].versions]


def test_the_first_page_asks_why_and_shows_what_to_do(cast: Cast, in_force: Walk, clock: Clock) -> None:
    in_force()
    page = text_of(signed_in(cast.auditor).get("/audit/"))
    for words in ("Ask the record", "Draw a sample", "What is out of the ordinary", 'action="/why/"'):
        assert words in page, words
    assert '<a href="/audit/"' in text_of(signed_in(cast.auditor).get("/"))
    assert '<a href="/audit/"' not in text_of(signed_in(cast.engineer).get("/"))


def test_the_same_seed_draws_the_same_sample_and_another_another(cast: Cast, in_force: Walk, clock: Clock) -> None:
    versions = [in_force() for _ in range(8)]
    clock.forward(days=2)
    client = signed_in(cast.auditor)
    first = client.get("/audit/sample/", DRAW)
    assert len(drawn(first)) == len(set(drawn(first))) == 3
    assert set(drawn(first)) <= {str(version) for version in versions}
    page = text_of(first)
    assert "3 of 8 versions" in page
    assert "Seed <code>2026</code>, 3 asked for" in page
    clock.forward(days=200)  # much later, with more packets, the period is drawn alike
    in_force()
    assert drawn(client.get("/audit/sample/", DRAW)) == drawn(first)
    assert drawn(client.get(first.context["again"])) == drawn(first)
    others = [drawn(client.get("/audit/sample/", DRAW | {"seed": str(seed)})) for seed in range(5)]
    assert any(other != drawn(first) for other in others)


def test_a_sample_holds_what_was_granted_in_the_period_and_nothing_else(
    cast: Cast, in_force: Walk, in_review: Walk, clock: Clock
) -> None:
    version = in_force()
    in_review()
    transitions.revoke(version.packet_id, actor=cast.security, reason="Over.")
    clock.forward(days=3)
    client = signed_in(cast.auditor)
    assert drawn(client.get("/audit/sample/", DRAW | {"since": "2026-11-02 09:00"})) == []
    clock.to(version.in_force_from or clock.moment)
    held = in_force()
    clock.forward(days=3)
    transitions.suspend(held.packet_id, actor=cast.responder, reason="Stop.")
    assert drawn(client.get("/audit/sample/", DRAW)) == [str(held)]
    assert drawn(signed_in(cast.outsider).get("/audit/sample/", DRAW)) == []


def test_of_very_many_numbers_are_drawn_until_enough_are_there(
    cast: Cast, in_force: Walk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = {str(in_force()) for _ in range(5)}
    clock.forward(days=2)
    monkeypatch.setattr(sampling, "LISTED", 2)
    client = signed_in(cast.auditor)
    first = client.get("/audit/sample/", DRAW)
    assert len(set(drawn(first))) == 3
    assert set(drawn(first)) <= versions
    assert drawn(client.get("/audit/sample/", DRAW)) == drawn(first)


@pytest.mark.parametrize("wrong", [{"n": "0"}, {"n": "101"}, {"n": "x"}, {"seed": ""}, {"seed": "x" * 65},
                                   {"since": "garbage"}, {"since": "2030-01-01", "until": ""}])  # fmt: skip
def test_a_sample_that_cannot_be_drawn_is_a_sentence(cast: Cast, clock: Clock, wrong: dict[str, str]) -> None:
    response = signed_in(cast.auditor).get("/audit/sample/", DRAW | wrong)
    assert response.status_code == 400
    assert 'role="alert"' in text_of(response)


def counted(client: Any) -> dict[str, int]:
    return {one.words: one.count for one in client.get("/audit/").context["exceptions"]}


def test_exceptions_are_counted_and_lead_to_their_list(cast: Cast, in_force: Walk, clock: Clock) -> None:
    version, client = in_force(), signed_in(cast.auditor)
    assert counted(client)["Stops"] == 0
    transitions.suspend(version.packet_id, actor=cast.responder, reason="It looped.")
    found = client.get("/audit/").context["exceptions"]
    assert {one.words: one.count for one in found if one.count} == {
        "Agents without a packet in force, now": 1, "Stops": 1,
    }  # fmt: skip
    stops = next(one for one in found if one.words == "Stops")
    assert "It looped." in text_of(client.get(stops.url))
    assert all(client.get(one.url).status_code == 200 for one in found)
    assert counted(signed_in(cast.outsider))["Stops"] == 0
    clock.forward(days=31)
    assert counted(client)["Stops"] == 0


def test_the_page_names_every_exception_an_auditor_asks_for(cast: Cast, clock: Clock) -> None:
    assert list(counted(signed_in(cast.auditor))) == [
        "Agents without a packet in force, now", "Decisions that came late, or were passed on", "Stops",
        "E-mails that were not delivered", "E-mails whose outcome is unknown", "Webhooks that were not delivered",
        "Sign-off rules that were loosened",
        "Data register and second factor rules that were loosened", "Signing their own packet, refused", "Break-glass",
    ]  # fmt: skip


def test_only_rules_that_were_loosened_are_out_of_the_ordinary(cast: Cast, clock: Clock) -> None:
    keepers = [cast.person(name, "Administrators") for name in ("keeper", "keeper2")]
    rule = SignOffRule.objects.get(name="High risk: two of Security")

    def change(**values_: Any) -> RuleChange:
        rule.refresh_from_db()
        wanted = values(rule) | values_
        return transitions.change_rule(wanted, actor=keepers[0], reason="So.", rule=rule, seen=rule_seen(rule))

    client = signed_in(cast.auditor)
    change(count=3)
    asked = change(count=1)
    transitions.decline_rule_change(asked.pk, actor=keepers[1], reason="No.")
    waits = change(count=2)
    loosened = "Sign-off rules that were loosened"
    assert counted(client)[loosened] == 0, "stricter, declined and waiting ones stand elsewhere"
    assert {"rule_changed", "rule_proposed", "rule_declined"} <= set(Event.objects.values_list("kind", flat=True))
    transitions.confirm_rule_change(waits.pk, actor=keepers[1])
    assert counted(client)[loosened] == 1
    told = next(one for one in client.get("/audit/").context["exceptions"] if one.words == loosened)
    page = text_of(client.get(told.url))
    assert "Sign-off rule loosened" in page and keepers[1].printed_name in page
    assert counted(signed_in(cast.engineer))[loosened] == 0


def test_a_data_register_that_asks_for_less_is_out_of_the_ordinary_once_it_holds(cast: Cast, clock: Clock) -> None:
    keepers = [cast.person(name, "Administrators") for name in ("keeper", "keeper2")]
    row = DataTarget(
        pattern="crm.customers", name="Customers", data_class="production", owner=cast.teammate, is_active=True
    )
    client, words = signed_in(cast.auditor), "Data register and second factor rules that were loosened"
    loosening.change(row, actor=keepers[0])
    row = DataTarget.objects.get(pattern="crm.customers")
    row.data_class = "public"
    asked = loosening.change(row, actor=keepers[0])
    assert asked is not None and counted(client)[words] == 0
    loosening.confirm(asked.pk, actor=keepers[1])
    assert counted(client)[words] == 1


def refused_to_sign(cast: Cast, version: Version) -> Any:
    form = seen(latest(version), verdict="approve", reason="Mine.", password=PASSWORD)
    return signed_in(cast.security).post(f"/packets/{version.packet}/v1/decide/", form)


def test_a_refused_self_approval_is_recorded_once_a_day_and_signs_nothing(
    cast: Cast, in_review: Walk, clock: Clock
) -> None:
    cast.security.groups.add(cast.team)
    version = in_review(actor=cast.security, seats={"Security": 1})
    for _ in range(3):
        assert refused_to_sign(cast, version).status_code == 403
    event = Event.objects.get(kind=EventKind.SELF_APPROVAL_REFUSED)
    assert (event.actor, event.version) == (cast.security, version)
    assert not version.decisions.exists()
    clock.forward(days=1, seconds=1)
    refused_to_sign(cast, version)
    assert Event.objects.filter(kind=EventKind.SELF_APPROVAL_REFUSED).count() == 2
    assert counted(signed_in(cast.auditor))["Signing their own packet, refused"] == 2


def test_whoever_could_not_sign_anyway_is_refused_without_an_event(cast: Cast, in_review: Walk, clock: Clock) -> None:
    version = in_review(seats={"Security": 1})
    form = seen(latest(version), verdict="approve", reason="Mine.", password=PASSWORD)
    assert signed_in(cast.engineer).post(f"/packets/{version.packet}/v1/decide/", form).status_code == 403
    assert not Event.objects.filter(kind=EventKind.SELF_APPROVAL_REFUSED).exists()
