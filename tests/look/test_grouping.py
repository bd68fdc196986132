"""Lines gathered for a reader, and the rows of a diff."""

from __future__ import annotations

from approvals import grouping
from approvals.cuts import Change, Changes
from approvals.scope.finding import Finding
from approvals.scope.grammar import parse
from approvals.vocabulary import Severity

HIGH = Finding("a", Severity.HIGH, "Can write anywhere.", "Name the calls.", "Bash(gh api *)")
GENERAL = Finding("b", Severity.LOW, "Many lines.")


def shown(text: str, **more: object) -> list[tuple[str, list[str]]]:
    groups = grouping.grouped(parse(text), **more)  # type: ignore[arg-type]
    return [(group.heading, [line.text for line in group.lines]) for group in groups]


def test_lines_of_one_target_stand_together_and_single_ones_stand_first() -> None:
    text = "Bash: ls *, pwd\nRead(.env)\nmcp__sentry__find_teams\nmcp__sentry__get_doc\ncrm.customers"
    assert shown(text) == [
        ("", ["Read(.env)", "crm.customers"]),
        ("Bash", ["ls *", "pwd"]),
        ("mcp__sentry", ["find_teams", "get_doc"]),
    ]


def test_no_line_is_lost_and_a_bare_target_keeps_its_name() -> None:
    assert shown("Bash\nBash(ls *)") == [("Bash", ["Bash", "ls *"])]
    assert shown("") == []


def test_what_has_a_finding_stands_first_and_says_so() -> None:
    [group] = grouping.grouped(parse("Bash: ls *, gh api *, cat *"), [HIGH], {"Bash(gh api *)", "Bash(cat *)"})
    assert [line.text for line in group.lines] == ["gh api *", "cat *", "ls *"]
    assert [[mark.words for mark in line.marks] for line in group.lines] == [["wider, high"], ["wider"], []]


def test_a_stored_finding_marks_its_line_too() -> None:
    stored = {"severity": "medium", "line": "Bash(ls *)", "sentence": "s", "code": "c"}
    [group] = grouping.grouped(parse("Bash: cat *, ls *"), [stored])
    assert group.lines[0].marks == (grouping.Mark("medium", "warn"),)


def test_a_diff_begins_with_what_is_wider_and_shows_each_finding_once() -> None:
    wider = Change("Allowed tools and methods", "Bash(gh api *)", "Bash(gh api *)")
    gone = Change("Allowed tools and methods", "without Bash(docker *)", "Bash(docker *)")
    unguarded = Change("Never allowed", "without Read(.env)", "Read(.env)")
    changes = Changes(wider=(wider, unguarded), narrower=(gone,), other=(Change("Links", "The links changed."),))
    rows = grouping.rows(changes, [HIGH, GENERAL])
    assert [(row.direction, row.text, row.struck) for row in rows] == [
        ("wider", "Bash(gh api *)", False),
        ("wider", "without Read(.env)", False),
        ("narrower", "Bash(docker *)", True),
        ("other", "The links changed.", False),
    ]
    assert [row.findings for row in rows] == [(HIGH,), (), (), ()]
    assert grouping.unplaced(changes, [HIGH, GENERAL]) == [GENERAL]
