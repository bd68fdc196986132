"""Lists as files: what is in them, for whom, that they end, and that no spreadsheet runs them."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from approvals.pages import csv_rows, packets_csv
from approvals.pages.csv_rows import FORMULA, cell, lines
from tests.cast import Cast, Walk, no_trace
from tests.pages.asking import signed_in


def table(person: Any, **asked: str) -> list[list[str]]:
    """The file as a spreadsheet reads it."""
    answer = signed_in(person).get("/packets.csv", asked)
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
