"""Is one line inside another? Proven, or no. And lines that never bite."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.scope.grammar import Line, parse_line
from approvals.scope.matching import Placed, Ruling, can_ever_match, covers
from approvals.vocabulary import Field
from tests.scope.scopes import ruling

INSIDE = [
    ("Bash(git diff *)", "Bash(git diff *)"),
    ("Bash", "Bash(git diff *)"),
    ("Bash(*)", "Bash(git diff *)"),
    ("Bash(git *)", "Bash(git diff *)"),
    ("Bash(git *)", "Bash(git)"),
    ("Bash(git diff *)", "Bash(git diff)"),
    ("Bash(git diff *)", "Bash(git diff HEAD)"),
    ("Bash(git*)", "Bash(git *)"),
    ("Bash(git diff *)", "Bash(git diff * --stat)"),
    ("Read", "Read(src/**)"),
    ("Read(src/**)", "Read(src/a.py)"),
    ("Read(src/**)", "Read(./src/deep/**)"),
    ("Read(**)", "Read(*.md)"),
    ("Read(//etc/**)", "Read(//etc/hosts)"),
    ("WebFetch", "WebFetch(domain:a.org)"),
    ("WebFetch(domain:*)", "WebFetch(domain:*.a.org)"),
    ("WebFetch(domain:*.a.org)", "WebFetch(domain:x.a.org)"),
    ("WebFetch(domain:*.a.org)", "WebFetch(domain:*.x.a.org)"),
    ("mcp__github", "mcp__github__list_issues"),
    ("mcp__github__*", "mcp__github"),
    ("mcp__github__list_*", "mcp__github__list_issues"),
    ("zendesk", "zendesk(get_*)"),
    ("zendesk(get_*)", "zendesk(get_ticket)"),
    ("crm.*", "crm.customers"),
]
OUTSIDE = [
    ("Bash(git diff *)", "Bash"),
    ("Bash(git diff *)", "Bash(git *)"),
    ("Bash(git diff *)", "Bash(git diff*)"),
    ("Bash(git diff *)", "Bash(git difftool *)"),
    ("Bash(git diff *)", "Bash(git diff; rm x)"),
    ("Bash(git diff *)", "Bash(git diff > f)"),
    ("Bash(git diff *)", "Bash(X=1 git diff)"),
    ("Bash(find *)", "Bash(find . -delete)"),
    ("Bash(git * --stat)", "Bash(git diff --stat *)"),
    ("Bash(git *)", "Bash(*)"),
    ("Read(src/**)", "Read(**)"),
    ("Read(src/**)", "Read(src)"),
    ("Read(src/**)", "Read(src/../x)"),
    ("Read(src/**)", "Read(/src/a)"),
    ("Read(src/**)", "Read(*.md)"),
    ("Read(src/*)", "Read(src/a)"),
    ("Read(**)", "Read(//etc/hosts)"),
    ("Read(src/**)", "Edit(src/a)"),
    ("Edit(src/**)", "Write(src/a)"),
    ("WebFetch(domain:a.org)", "WebFetch(domain:x.a.org)"),
    ("WebFetch(domain:*.a.org)", "WebFetch(domain:a.org)"),
    ("WebFetch(domain:*.a.org)", "WebFetch(domain:*)"),
    ("mcp__*", "mcp__github__list_issues"),
    ("mcp__github__list_*", "mcp__github"),
    ("mcp__git", "mcp__github"),
    ("zendesk(get_*)", "zendesk"),
    ("*", "crm.customers"),
    ("B*", "Bash"),
    ("crm", "crm.customers"),
]


@pytest.mark.parametrize(("wider", "narrower"), INSIDE)
def test_a_line_inside_another(wider: str, narrower: str) -> None:
    assert covers(parse_line(wider), parse_line(narrower))


@pytest.mark.parametrize(("wider", "narrower"), OUTSIDE)
def test_a_line_not_provably_inside(wider: str, narrower: str) -> None:
    assert not covers(parse_line(wider), parse_line(narrower))


LINES = st.sampled_from(sorted({line for pair in INSIDE + OUTSIDE for line in pair})).map(parse_line)
CALLS = [
    "git",
    "git diff",
    "git diff HEAD",
    "git difftool",
    "git diff a --stat",
    "git diff --stat b",
    "find . -delete",
    "git diff > f",
    "X=1 git diff",
    "timeout 5 git diff",
    "git diff; rm x",
    "Read(src/a.py)",
    "Read(src)",
    "Read(src/deep/b)",
    "Read(a.md)",
    "Read(src/a.md)",
    "Read(/etc/hosts)",
    "Edit(src/a)",
    "Write(src/a)",
    "WebFetch(https://a.org/)",
    "WebFetch(https://x.a.org/)",
    "WebFetch(https://y.x.a.org/)",
    "mcp__github__list_issues",
    "mcp__github__get",
    "mcp__git__x",
    "zendesk(get_ticket)",
    "zendesk(search)",
    "crm.customers(get)",
]


@settings(max_examples=1500, deadline=None)
@given(LINES, LINES, st.sampled_from(CALLS))
def test_what_the_inner_line_allows_the_outer_allows_too(wider: Line, narrower: Line, call: str) -> None:
    if covers(wider, narrower) and ruling([Placed(Field.WRITE_ACTIONS, narrower)], call) == Ruling.ALLOWED:
        assert ruling([Placed(Field.WRITE_ACTIONS, wider)], call) == Ruling.ALLOWED


@pytest.mark.parametrize(
    ("field", "line", "part"),
    [
        (Field.WRITE_ACTIONS, "Write(docs/**)", "Write Edit(docs/**)"),
        (Field.TOOLS, "Glob(src/**)", "Write Read(src/**)"),
        (Field.WRITE_ACTIONS, "MultiEdit(a)", "Write Edit(a)"),
        (Field.WRITE_ACTIONS, "NotebookEdit(a)", "Write Edit(a)"),
        (Field.TOOLS, "Bash(command:rm *)", "cannot be limited by command:"),
        (Field.NEVER, "Bash(command:rm *)", "cannot be limited by command:"),
        (Field.TOOLS, "mcp__*", "name its MCP server"),
        (Field.HUMAN_APPROVAL, "mcp__*", "name its MCP server"),
        (Field.TOOLS, "*", "must name its tool"),
        (Field.TOOLS, "Bash(xargs *)", "never covers it"),
        (Field.TOOLS, "Bash(git diff && rm x)", "more than one command"),
        (Field.TOOLS, "Bash(echo 'x)", "No command can match"),
        (Field.DATA_SOURCES, "Read(../x)", "No file can match"),
        (Field.DATA_SOURCES, "WebFetch(https://x.org)", "WebFetch(domain:host)"),
        (Field.TOOLS, "Edit(docs/**)", "only under Allowed write actions"),
        (Field.DATA_SOURCES, "zendesk(delete_ticket)", "only under Allowed write actions"),
        (Field.FILES_READ, "src/**", "write Read(src/**)"),
        (Field.FILES_CHANGE, "src/**", "write Edit(src/**)"),
    ],
)
def test_a_line_that_never_bites_says_why(field: Field, line: str, part: str) -> None:
    if "/" in line and "(" not in line:
        line = line.replace("/**", "/x")
        part = part.replace("/**", "/x")
    assert part in str(can_ever_match(Placed(field, parse_line(line))))


@pytest.mark.parametrize(
    ("field", "line"),
    [
        (Field.TOOLS, "Bash(git diff *)"),
        (Field.TOOLS, "Bash(find . -delete)"),
        (Field.TOOLS, "mcp__github"),
        (Field.TOOLS, "zendesk(*)"),
        (Field.DATA_SOURCES, "crm.customers"),
        (Field.DATA_SOURCES, "Read(src/**)"),
        (Field.DATA_SOURCES, "WebFetch(domain:*.x.org)"),
        (Field.WRITE_ACTIONS, "Edit(docs/**)"),
        (Field.NEVER, "Write(docs/**)"),
        (Field.NEVER, "mcp__*"),
        (Field.HUMAN_APPROVAL, "Edit(docs/**)"),
        (Field.COMMANDS, "Bash(pytest *)"),
    ],
)
def test_a_line_that_can_bite_has_nothing_said_of_it(field: Field, line: str) -> None:
    assert can_ever_match(Placed(field, parse_line(line))) is None
