"""The scope grammar: what is read, what is written back, and what an error says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.scope.grammar import MAX_LINE, MAX_LINES, MAX_TEXT, Line, LineError, LineErrors, parse, read, write


def only_error(text: str) -> LineError:
    with pytest.raises(LineErrors) as caught:
        parse(text)
    (error,) = caught.value.errors
    return error


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("crm.customers", ["crm.customers"]),
        ("mcp__github__list_issues", ["mcp__github__list_issues"]),
        ("mcp__github__*", ["mcp__github__*"]),
        ("s3:GetObject", ["s3:GetObject"]),
        ("Bash(git diff *)", ["Bash(git diff *)"]),
        ("Bash(git diff:*)", ["Bash(git diff *)"]),
        ("Bash(pnpm knip:prod:*)", ["Bash(pnpm knip:prod *)"]),
        ("WebFetch(domain:*)", ["WebFetch(domain:*)"]),
        ("Bash(echo (a) (b))", ["Bash(echo (a) (b))"]),
        ("zendesk: get_ticket, search_*", ["zendesk(get_ticket)", "zendesk(search_*)"]),
        ("  Edit(docs/**)\t", ["Edit(docs/**)"]),
        ("", []),
        ("# only a remark\n\n   # another", []),
        ("\ufeffBash(ls)\r\nBash(pwd)\r\n", ["Bash(ls)", "Bash(pwd)"]),
    ],
)
def test_a_text_is_read_into_canonical_lines(text: str, lines: list[str]) -> None:
    assert [str(line) for line in parse(text)] == lines


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("crm.customers # names (only)", Line("crm.customers", None, "names (only)")),
        ("Bash(echo #1)", Line("Bash", "echo #1")),
        ("Bash(echo a)#b)", Line("Bash", "echo a)#b")),
        ("Bash(ls) # a # b", Line("Bash", "ls", "a # b")),
        ("crm.a#b", None),
        ("zendesk: get # read", Line("zendesk", "get", "read")),
        ("Bash(ls)  # ⚠️ look", Line("Bash", "ls", "⚠️ look")),
    ],
)
def test_a_note_begins_after_a_space_outside_parentheses(text: str, line: Line | None) -> None:
    if line is None:
        assert "cannot hold “#”" in only_error(text).message
    else:
        assert parse(text) == (line,)


def test_of_equal_lines_the_first_stays_with_its_note() -> None:
    assert parse("Bash(ls:*) # first\nBash(ls *) # second") == (Line("Bash", "ls *", "first"),)


@pytest.mark.parametrize(
    ("text", "column", "message", "remedy"),
    [
        ("Bash(find *", 12, "This line has no closing parenthesis.", "Did you mean Bash(find *)?"),
        ("Bash(find * # look", 19, "This line has no closing parenthesis.", "Did you mean Bash(find *)  # look?"),
        ("git diff *", 4, "This name has a space in it.", "Did you mean Bash(git diff *)?"),
        ("Bash (ls)", 5, "This name has a space in it.", "Did you mean Bash(ls)?"),
        ("Bash()", 6, "Nothing stands between the parentheses.", "Write Bash alone"),
        ("Bash(ls) now", 9, "Text follows the closing parenthesis.", "A remark goes after a #."),
        ("(ls)", 1, "This line has no name before the parenthesis.", "Write"),
        ("ls)", 3, "This line closes a parenthesis that it never opened.", "Remove it"),
        ("- Bash(ls)", 1, "A name cannot begin with “-”.", "Did you mean Bash(ls)?"),
        ("/etc/passwd", 1, "A name cannot begin with “/”.", "Read(/etc/passwd)"),
        ("zendesk: get,", 14, "A method is missing here.", "zendesk: method, method"),
        ("zendesk: get(a)", 9, "A method in a list cannot hold a parenthesis.", "on its own line"),
        ("B\u0430sh(ls)", 2, "U+0430 CYRILLIC SMALL LETTER A", "ASCII"),
        ("Bash(l\u200bs)", 7, "U+200B ZERO WIDTH SPACE", "Delete it"),
        ("Bash(l\u202es)", 7, "U+202E RIGHT-TO-LEFT OVERRIDE", "Delete it"),
        ("Bash(a\u00a0b)", 7, "U+00A0 NO-BREAK SPACE", "Delete it"),
        ("Bash(a\x00b)", 7, "U+0000 NUL", "Delete it"),
        ("Bash(a\rb)", 7, "U+000D CARRIAGE RETURN", "Delete it"),
    ],
)
def test_an_error_says_where_what_and_what_to_write(text: str, column: int, message: str, remedy: str) -> None:
    error = only_error(f"Bash(pwd)\n{text}")
    assert (error.line, error.column) == (2, column)
    assert message in error.message
    assert remedy in error.remedy


def test_every_error_is_told_at_once_and_the_rest_is_still_read() -> None:
    reading = read("Bash(ls)\nBash(\n\nBash(pwd)\n(x)")
    assert [(number, str(line)) for number, line in reading.lines] == [(1, "Bash(ls)"), (4, "Bash(pwd)")]
    assert [error.line for error in reading.errors] == [2, 5]


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("Bash(" + "x" * MAX_LINE + ")", "1024 characters"),
        ("\n".join(f"a{n}" for n in range(MAX_LINES + 1)), "500 lines"),
        ("# " + "x" * MAX_TEXT, "64 kB"),
        ("\n".join(f"{n}{'é' * 200}  # {'n' * 100}" for n in range(400)).replace("é", "e"), "64 kB"),
        ("a: " + ",".join(f"m{n}" for n in range(200)) + " # " + "n" * 20, ""),
    ],
)
def test_a_limit_is_named(text: str, limit: str) -> None:
    errors = read(text).errors
    assert any(limit in error.message for error in errors) if limit else not errors


def test_names_that_differ_only_by_composition_are_one_line() -> None:
    assert parse("Read(caf\u0065\u0301)\nRead(caf\u00e9)") == (Line("Read", "caf\u00e9"),)


PIECES = st.sampled_from(
    [
        "Bash",
        "crm.x",
        "mcp__a__b",
        "(",
        ")",
        "#",
        " #",
        " # ",
        ":",
        ": ",
        ", ",
        ",",
        "*",
        ":*",
        " *",
        " ",
        "a",
        "é",
        "e\u0301",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.lists(PIECES, max_size=10).map("".join), max_size=6).map("\n".join),
)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_parse_print_parse_is_the_identity(text: str) -> None:
    lines = tuple(line for _, line in read(text).lines)
    assert parse(write(lines)) == lines
    assert write(parse(write(lines))) == write(lines)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_reading_never_fails_and_points_into_the_text(text: str) -> None:
    typed = text.removeprefix("\ufeff").split("\n")
    for error in read(text).errors:
        assert 1 <= error.line <= len(typed)
        assert error.column >= 1
        assert error.message.endswith(".")
