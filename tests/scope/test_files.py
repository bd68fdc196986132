"""Files: gitignore patterns in four kinds of places, and paths that try to leave."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from approvals.scope.matching import Action, Ruling, decide
from approvals.scope.path_pattern import compiled
from tests.scope.scopes import scope


@pytest.mark.parametrize(
    ("line", "path", "expected"),
    [
        ("Read(src/**)", "src/a.py", True),
        ("Read(src/**)", "src/a/b.py", True),
        ("Read(src/**)", "./src/a.py", True),
        ("Read(src/**)", "src//a.py", True),
        ("Read(src/**)", "src", False),
        ("Read(src/**)", "x/src/a.py", False),
        ("Read(src/**)", "/src/a.py", False),
        ("Read(src/**)", "src/../secret", False),
        ("Read(src/**)", "src/../src/a.py", False),
        ("Read(src/**)", "../src/a.py", False),
        ("Read(src/**)", "src\\..\\secret", False),
        ("Read(src/**)", "SRC/a.py", False),
        ("Read(src)", "src/a/b", True),
        ("Read(src/)", "src", False),
        ("Read(src/)", "src/a", True),
        ("Read(*.md)", "a/b/c.md", True),
        ("Read(./*.md)", "a.md", True),
        ("Read(./*.md)", "a/b.md", False),
        ("Read(/src/*.py)", "src/a.py", True),
        ("Read(/src/*.py)", "src/a/b.py", False),
        ("Read(//etc/hosts)", "/etc/hosts", True),
        ("Read(//etc/**)", "/etc/../opt/x", False),
        ("Read(//etc/**)", "etc/hosts", False),
        ("Read(~/notes/**)", "~/notes/a", True),
        ("Read(~/notes/**)", "~root/notes/a", False),
        ("Read(~/notes/**)", "notes/a", False),
        ("Read(**)", "a/b", True),
        ("Read(**)", "/a/b", False),
        ("Read(**)", "../a", False),
        ("Read(!src/a)", "src/a", False),
        ("Read([a)", "[a", False),
        ("Read", "/anything/at/all", True),
        ("Edit(src/**)", "src/a.py", False),
    ],
)
def test_what_a_read_line_covers(line: str, path: str, expected: bool) -> None:
    assert (decide(scope(data=line), Action("Read", path)).ruling == Ruling.ALLOWED) is expected


@pytest.mark.parametrize("tool", ["Edit", "Write", "MultiEdit", "NotebookEdit"])
def test_an_edit_line_covers_every_tool_that_writes_files(tool: str) -> None:
    lines = scope(writes="Edit(docs/**)")
    assert decide(lines, Action(tool, "docs/a.md", True)).ruling == Ruling.ALLOWED
    assert decide(lines, Action(tool, "src/a.md", True)).ruling == Ruling.NO_LINE
    assert decide(scope(tools="Edit(docs/**)"), Action(tool, "docs/a.md", False)).ruling == Ruling.NO_LINE


def test_a_path_on_write_allows_nothing_and_still_forbids() -> None:
    assert decide(scope(writes="Write(docs/**)"), Action("Write", "docs/a")).ruling == Ruling.NO_LINE
    lines = scope(writes="Edit", never="Write(docs/**)")
    assert decide(lines, Action("Write", "docs/a")).ruling == Ruling.NEVER
    assert decide(lines, Action("Edit", "docs/a")).ruling == Ruling.ALLOWED


@pytest.mark.parametrize(
    ("line", "folder", "expected"),
    [
        ("Read(src/**)", "src", True),
        ("Read(src/**)", "src/deep", True),
        ("Read(src/*)", "src", True),
        ("Read(src/?)", "src", False),
        ("Read(src/[!a]*)", "src", False),
        ("Read(src/*.py)", "src", False),
        ("Read(src/**)", ".", False),
        ("Read(**)", ".", True),
        ("Read(**)", None, True),
        ("Read(src/**)", None, False),
        ("Grep", "anywhere", True),
    ],
)
def test_a_search_needs_everything_in_its_folder(line: str, folder: str | None, expected: bool) -> None:
    assert (decide(scope(data=line), Action("Grep", folder)).ruling == Ruling.ALLOWED) is expected


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("Read(.env)", ".env"),
        ("Read(.env)", "a/b/.env"),
        ("Read(.env)", "/repo/.env"),
        ("Read(.env)", "a/../.env"),
        ("Read(.env)", ".ENV"),
        ("Read(.env)", "a\\.env"),
        ("Read(secrets/**)", "deep/secrets/x"),
        ("Read(secrets/**)", "../secrets/x"),
        ("Read(secrets/)", "secrets"),
        ("Read(/secrets/*)", "/repo/secrets/x"),
        ("Read(//etc/**)", "/etc/shadow"),
        ("Read(~/.ssh/**)", "~/.ssh/id_rsa"),
        ("Read(~/.ssh/**)", "/srv/me/.ssh/id_rsa"),
        ("Read", "x"),
        ("R*", "x"),
    ],
)
def test_a_line_that_forbids_is_read_widely(line: str, path: str) -> None:
    assert decide(scope(data="Read", never=line), Action("Read", path)).ruling == Ruling.NEVER


@pytest.mark.parametrize("path", ["", " ", "a\x00b", "a\u202eb", "a\nb", "x" * 5000, "a/" + "x" * 300])
def test_what_is_not_a_path_is_not_read(path: str) -> None:
    assert decide(scope(data="Read"), Action("Read", path)).ruling == Ruling.UNREADABLE


SEGMENTS = st.sampled_from(
    [
        "a",
        "b",
        "*",
        "**",
        "a*",
        "*b",
        "?",
        "[ab]",
        "[!a]",
        "ab",
        "a*b",
        "**a",
        ".x",
        "*a*b",
        "[a-c]x",
        "??",
        "[a",
        "\\*",
        "a\\b",
    ]
)
PATTERNS = st.builds(
    lambda start, segments, end: start + "/".join(segments) + end,
    st.sampled_from(["", "/", "**/"]),
    st.lists(SEGMENTS, min_size=1, max_size=4),
    st.sampled_from(["", "", "/"]),
)
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "aab", ".x", "cx", "ba", "*", "c"]), min_size=1, max_size=4).map(
    "/".join
)


@settings(max_examples=1500, deadline=None)
@given(PATTERNS, PATHS)
def test_patterns_mean_what_gitignore_means(pattern: str, path: str) -> None:
    assume(not pattern.endswith("**/"))  # pathspec takes a file for the folder this asks for; git does not
    assume("[" not in pattern.replace("[ab]", "").replace("[!a]", "").replace("[a-c]", ""))
    assert compiled(pattern).matches(path) == GitIgnoreSpec.from_lines([pattern]).match_file(path)
