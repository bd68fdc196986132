"""Lists as files: what is in them, for whom, that they end, and that no spreadsheet runs them."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from approvals import transitions
from approvals.letters import outbox
from approvals.models import Letter
from approvals.pages import agents_csv, csv_rows, letters_csv, packets_csv
from approvals.pages.csv_rows import FORMULA, cell, lines
from audits.pages import who_csv
from tests.cast import Cast, Clock, Walk, no_trace
from tests.pages.asking import signed_in


def table(person: Any, address: str = "/packets.csv", **asked: str) -> list[list[str]]:
    """The file as a spreadsheet reads it."""
    answer = signed_in(person).get(address, asked)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


INJECTIONS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x";"y")', "＝1",
    'a "quoted", one', "two\r\nlines", "plain", "", "it's", "ünï – 漢字", "\x00=1",
]  # fmt: skip


def test_no_cell_is_a_formula_and_every_other_comes_back_as_it_was() -> None:
    text = "".join(lines(["Value", "After"], [[value, "end"] for value in INJECTIONS]))
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))[1:]
    assert [len(row) for row in rows] == [2] * len(INJECTIONS)
    for value, (read, _) in zip(INJECTIONS, rows, strict=True):
        assert not read.lstrip(" ").startswith(FORMULA)
        assert read.removeprefix("'") == value.replace("\x00", "")
    assert cell(None) == ""


@pytest.mark.django_db
@pytest.mark.databases
def test_the_file_has_the_list_as_filtered_and_only_what_one_may_see(cast: Cast, in_force: Walk, drafted: Walk) -> None:
    version = in_force(job="=Sorts mail, all of it. Daily.", identity="svc-mail")
    drafted(agent="other-bot")
    with no_trace():
        head, *rows = table(cast.auditor, tab="all", agent="sentry-dev")
    assert head == list(packets_csv.HEADER)
    (row,) = rows
    assert row[:9] == [
        version.packet.reference, "v1", "sentry-dev", "Web platform", "'=Sorts mail, all of it.", "In force",
        version.tier, "engineer", "svc-mail",
    ]  # fmt: skip
    assert row[11] == "1 of 1"
    assert row[12].endswith(version.get_absolute_url())
    assert len(table(cast.engineer, tab="all")) == 3
    assert table(cast.outsider, tab="all") == [head]
    assert "/packets.csv?tab=all&amp;agent=sentry-dev" in (
        signed_in(cast.auditor).get("/packets/?tab=all&agent=sentry-dev").content.decode()
    )


@pytest.mark.django_db
def test_a_long_list_is_read_page_by_page_and_says_where_it_ends(
    cast: Cast, drafted: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    references = [drafted().packet.reference for _ in range(5)][::-1]
    monkeypatch.setattr(packets_csv, "CHUNK", 2)
    for sort in ("newest", "agent"):
        assert [row[0] for row in table(cast.engineer, tab="all", sort=sort)[1:]] == references
    monkeypatch.setattr(csv_rows, "MOST", 3)
    monkeypatch.setattr(packets_csv, "MOST", 3)
    rows = table(cast.engineer, tab="all")[1:]
    assert [row[0] for row in rows[:3]] == references[:3]
    assert rows[3][0].startswith("There are more than 3 rows.")
    assert len(rows) == 4


@pytest.mark.django_db
@pytest.mark.databases
def test_agents_as_a_file_say_what_their_page_says(cast: Cast, in_force: Walk, drafted: Walk, suspended: Walk) -> None:
    version = in_force(identity="=1+1")
    drafted(agent="idle-bot")
    suspended(agent="wild-bot")
    with no_trace():
        head, *rows = table(cast.auditor, "/agents.csv")
    assert head == list(agents_csv.HEADER)
    assert [(row[0], row[2]) for row in rows] == [
        ("idle-bot", "No packet in force"), ("sentry-dev", "In force"), ("wild-bot", "Suspended")
    ]  # fmt: skip
    assert rows[1][3:6] == [version.packet.reference, "engineer", "'=1+1"]
    assert rows[1][8].endswith("/agents/sentry-dev/")
    assert [row[0] for row in table(cast.auditor, "/agents.csv", show="stopped")[1:]] == ["wild-bot"]
    assert [row[0] for row in table(cast.auditor, "/agents.csv", owner="engineer")[1:]] == ["sentry-dev"]
    assert [row[0] for row in table(cast.auditor, "/agents.csv", sort="newest")[1:]] == [
        "wild-bot", "idle-bot", "sentry-dev"
    ]  # fmt: skip
    assert table(cast.outsider, "/agents.csv") == [head]


@pytest.mark.django_db
@pytest.mark.databases
def test_e_mails_as_a_file_have_what_became_of_them_and_not_their_words(cast: Cast, in_review: Walk) -> None:
    version = in_review()
    transitions.ask(version.pk, "Why all of it?", actor=cast.security)
    outbox.announce_all()
    Letter.objects.filter(recipient=cast.engineer).update(server_said="=cmd|' /C calc'!A0")
    with no_trace():
        head, *rows = table(cast.teammate, "/letters.csv", to="engineer")
    assert head == list(letters_csv.HEADER)
    (row,) = rows
    letter = Letter.objects.get(recipient=cast.engineer)
    assert row[:5] == [letter.subject, "engineer", "engineer@example.org", str(version), "Waiting to be sent"]
    assert row[8] == "'=cmd|' /C calc'!A0"
    assert row[9].endswith(f"/letters/{letter.pk}/")
    assert "Why all of it?" in letter.text
    assert "Why all of it?" not in str(rows)
    both = [[line[0] for line in table(cast.auditor, "/letters.csv", sort=sort)[1:]] for sort in ("oldest", "newest")]
    assert len(both[0]) > 1
    assert both[0] == both[1][::-1]
    assert table(cast.outsider, "/letters.csv") == [head]


@pytest.mark.django_db
@pytest.mark.databases
def test_who_may_touch_it_as_a_file(cast: Cast, clock: Clock, in_force: Walk, drafted: Walk) -> None:
    later = in_force(identity="@svc", ends=clock.now() + timedelta(days=60))
    sooner = in_force(agent="other-bot", owner="teammate", ends=clock.now() + timedelta(days=40))
    drafted(agent="idle-bot")
    with no_trace():
        head, *rows = table(cast.auditor, "/who.csv", q="crm.customers", sort="ends")
    assert head == list(who_csv.HEADER)
    assert [(row[0], row[2], row[5], row[6]) for row in rows] == [
        ("other-bot", "May touch it", str(sooner), "teammate"), ("sentry-dev", "May touch it", str(later), "engineer"),
    ]  # fmt: skip
    assert rows[1][7] == "'@svc"
    assert rows[1][8] == later.decisions.get().person_name
    by_name = table(cast.auditor, "/who.csv", q="crm.customers", agent="sentry-dev")[1:]
    assert [row[0] for row in by_name] == ["sentry-dev"]
    assert table(cast.outsider, "/who.csv", q="crm.customers") == [head]


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "q=crm customers", "q=crm.customers&at=then"])
def test_what_cannot_be_asked_leads_to_the_page_that_says_so(query: str, cast: Cast) -> None:
    answer = signed_in(cast.auditor).get(f"/who.csv?{query}")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/who/?")


@pytest.mark.django_db
def test_every_file_is_read_in_parts_and_ends(cast: Cast, drafted: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [drafted(agent=f"bot-{number}").packet.agent.slug for number in range(5)]
    monkeypatch.setattr(csv_rows, "CHUNK", 2)
    assert [row[0] for row in table(cast.engineer, "/agents.csv")[1:]] == names
    monkeypatch.setattr(csv_rows, "MOST", 3)
    rows = table(cast.engineer, "/agents.csv")[1:]
    assert [row[0] for row in rows[:3]] == names[:3]
    assert rows[3][0].startswith("There are more than 3 rows.")
    assert len(rows) == 4


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("page", "file"),
    [("/agents/?show=mine&team=Web platform&sort=newest", "/agents.csv"),
     ("/letters/?show=mine&status=pending&sort=oldest", "/letters.csv"),
     ("/who/?q=crm.customers&kind=allowed&sort=ends", "/who.csv")],
)  # fmt: skip
def test_each_page_leads_to_the_file_of_exactly_what_it_shows(page: str, file: str, cast: Cast, in_force: Walk) -> None:
    in_force()
    outbox.announce_all()
    words = signed_in(cast.engineer).get(page).content.decode()
    link = re.search(rf'href="({re.escape(file)}[^"]*)" download', words)
    assert link
    told = parse_qs(urlsplit(html.unescape(link[1])).query)
    asked = parse_qs(urlsplit(page).query)
    assert told == asked
