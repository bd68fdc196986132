"""Shell commands that write or read a file by themselves: the file needs its own line."""

from __future__ import annotations

from approvals.scope.matching import Ruling
from tests.scope.scopes import ruling, scope


def test_a_redirection_needs_a_line_for_the_file() -> None:
    lines = scope(tools="Bash(git diff *)", writes="Edit(out/**)")
    assert ruling(lines, "git diff > out/a.diff") == Ruling.ALLOWED
    assert ruling(lines, "git diff > b.diff") == Ruling.NO_LINE
    assert ruling(scope(tools="Bash(git diff *)\nEdit(out/**)"), "git diff > out/a.diff") == Ruling.NO_LINE
    assert ruling(lines, "git diff > out/../b.diff") == Ruling.NO_LINE


def test_after_a_change_of_folder_a_relative_file_is_not_known() -> None:
    lines = scope(tools="Bash(git diff *)\nBash(cd *)", writes="Edit(out/**)")
    assert ruling(lines, "cd /tmp && git diff > out/a.diff") == Ruling.NO_LINE


def test_the_whole_shell_as_a_write_action_covers_redirections() -> None:
    assert ruling(scope(writes="Bash"), "git diff > f") == Ruling.ALLOWED


def test_what_is_read_by_a_redirection_needs_a_line_too() -> None:
    lines = scope(tools="Bash(git apply *)\nRead(patches/**)", never="Read(.env)")
    assert ruling(lines, "git apply < patches/a.diff") == Ruling.ALLOWED
    assert ruling(lines, "git apply < other.diff") == Ruling.NO_LINE
    assert ruling(lines, "git apply < .env") == Ruling.NEVER
