"""Findings that need to know more than the packet: each with the fact that makes it, and without."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from approvals.content import Content
from approvals.risk import Facts, data_class, findings, tier
from approvals.risk.facts import Beside
from approvals.risk.kinds import KINDS
from approvals.risk.register import DataClass, Registered
from approvals.scope.grammar import parse, parse_line
from approvals.vocabulary import Field, Level, Severity
from tests.content.worlds import THOROUGH, whole_contents

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
REGISTER = (
    Registered("crm.*", "Customer records", DataClass.CUSTOMER, "Mara"),
    Registered("crm.prices", "Price list", DataClass.PUBLIC, "Mara"),
    Registered("ledger", "The ledger", DataClass.PRODUCTION, "Finance"),
)


def content(**places: str) -> Content:
    return Content(lines={Field(place): parse(text) for place, text in places.items()}, identity="svc-x", agent="docs")


def found(body: Content, **facts: Any) -> dict[str, Severity]:
    return {one.code: one.severity for one in findings(body, Facts(now=NOW, **facts))}


@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("shared_identity", {"sharing": ("other-bot",)}),
        ("personal_identity", {"identity_is_a_person": True}),
        ("lookalike_name", {"alike": ("d0cs",)}),
        ("person_alone", {"owner_answers_alone": True}),
    ],
)
def test_a_fact_makes_the_finding(code: str, facts: dict[str, Any]) -> None:
    body = content(tools="Bash(git log *)", human_approval="deploy(start)")
    assert code in found(body, **facts)
    assert code not in found(body)


def test_a_life_beyond_the_rule_is_told_to_the_day_and_changes_no_tier() -> None:
    body = Content(ends=NOW + timedelta(days=30), lines={Field.NEVER: parse("Read(.env)")})
    assert found(body, longest_life=timedelta(days=29)) == {"life_beyond_rule": Severity.LOW}
    assert found(body, longest_life=timedelta(days=30)) == {}


def test_a_run_is_told_each_line_outside_its_parent() -> None:
    run = Content(level=Level.RUN, parent="AP-0001", lines={Field.COMMANDS: parse("Bash(git log -1)\nBash(ls)")})
    told = findings(run, Facts(now=NOW, parent=content(tools="Bash(git *)")))
    assert [one.line for one in told if one.code == "run_outside_parent"] == ["Bash(ls)"]
    assert "run_outside_parent" not in found(run)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("ledger", "production_data"), ("crm.customers", None), ("crm.prices", None), ("wiki", "unregistered_data"),
        ("billing.prod", "production_data"), ("Bash(psql prod *)", "production_data"), ("Read(docs/**)", None),
        ("Bash(npm run build --production)", None), ("Bash(pnpm knip:prod *)", None),
        ("product.catalog", "unregistered_data"),
    ],
)  # fmt: skip
def test_data_is_told_by_the_register_or_by_its_name(line: str, code: str | None) -> None:
    told = found(content(data_sources=line), register=REGISTER).keys() & {"production_data", "unregistered_data"}
    assert told == ({code} if code else set())


def test_writing_production_data_weighs_more_than_reading_it() -> None:
    assert found(content(write_actions="ledger(post)"), register=REGISTER)["production_write"] is Severity.HIGH
    assert found(content(data_sources="ledger"), register=REGISTER)["production_data"] is Severity.MEDIUM
    assert found(content(human_approval="ledger(post)"), register=REGISTER)["production_data"] is Severity.LOW


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("crm.prices", DataClass.PUBLIC), ("crm.customers", DataClass.CUSTOMER), ("crm.*", DataClass.CUSTOMER),
        ("crm.prices\nledger", DataClass.PRODUCTION), ("wiki", DataClass.PRODUCTION), ("led*", DataClass.PRODUCTION),
        ("Read(docs/**)", None), ("mcp__ci__get_build", None),
    ],
)  # fmt: skip
def test_the_gravest_class_counts_and_what_is_not_registered_is_production(
    lines: str, expected: DataClass | None
) -> None:
    assert data_class(content(data_sources=lines), REGISTER) == expected


TRIFECTA = {"data_sources": "crm.customers\nWebFetch", "tools": "Bash(curl *)"}


def test_private_data_strangers_text_and_a_way_out_are_named() -> None:
    told = next(
        one
        for one in findings(content(**TRIFECTA), Facts(now=NOW, register=REGISTER))
        if one.code == "private_untrusted_outbound"
    )
    assert told.severity is Severity.HIGH
    assert all(name in told.sentence for name in ("crm.customers", "WebFetch"))


@pytest.mark.parametrize(
    "instead",
    [
        {"data_sources": "crm.prices\nWebFetch"},
        {"data_sources": "crm.customers\nWebFetch(domain:docs.python.org)", "tools": "Bash(git log *)"},
        {"tools": "", "data_sources": "crm.customers\nzendesk(get_ticket)"},
        {"human_approval": "crm.customers"},
        {"never": "crm.customers"},
        {"tools": "", "data_sources": "crm.customers\nzendesk(get_ticket)", "human_approval": "zendesk(send_reply)"},
    ],
)
def test_two_of_the_three_or_one_behind_a_person_are_not(instead: dict[str, str]) -> None:
    body = content(**{key: text for key, text in (TRIFECTA | instead).items() if text})
    register = (*REGISTER, Registered("zendesk", "Tickets", DataClass.CUSTOMER, "Care"))
    assert "private_untrusted_outbound" not in found(body, register=register)


def test_the_three_are_looked_for_over_all_packets_of_the_agent() -> None:
    beside = (Beside("AP-0007", Field.TOOLS, parse_line("Bash(curl *)")),)
    body = content(data_sources="crm.customers\nzendesk(get_ticket)")
    told = findings(body, Facts(now=NOW, register=REGISTER, beside=beside))
    assert any("Bash(curl *) in AP-0007" in one.sentence for one in told)
    held = (*beside, Beside("AP-0008", Field.NEVER, parse_line("Bash(curl *)")))
    assert "private_untrusted_outbound" not in found(body, register=REGISTER, beside=held)


@THOROUGH
@given(whole_contents)
def test_no_content_breaks_them_and_each_is_of_a_known_kind(body: Content) -> None:
    beside = tuple(Beside("AP-0009", field, line) for field in Field for line in body.of(field))
    facts = Facts(now=NOW, register=REGISTER, beside=beside, parent=body, longest_life=timedelta(days=1))
    told = findings(body, facts)
    assert {one.code for one in told} <= KINDS.keys()
    assert len(told) == len({(one.code, one.line, one.field, one.sentence) for one in told})
    assert tier(told).rank == max((one.severity.rank for one in told), default=0)
