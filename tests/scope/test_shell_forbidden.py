"""Shell commands and lines that forbid: read widely, inside wrappers and substitutions too."""

from __future__ import annotations

import pytest

from approvals.scope.matching import Action, Ruling, decide
from tests.scope.scopes import ask, scope

FORBIDDEN = [
    "rm -rf /",
    "r'm' -rf /",
    "\\rm -rf /",
    "/bin/rm -rf /",
    "RM -rf /",
    "X=1 rm -rf /",
    "sudo rm -rf /",
    "sudo -u root rm -rf /",
    "env X=1 rm -rf /",
    "timeout 5 rm -rf /",
    "nice -n 5 nohup rm -rf /",
    "xargs rm -rf",
    "find . -exec rm -rf {} +",
    "bash -c 'rm -rf /'",
    "bash -c 'cd /; rm -rf x'",
    'sh -c "sudo rm -rf /"',
    "eval 'rm -rf /'",
    "watch 'rm -rf /'",
    "echo $(rm -rf /)",
    "echo `rm -rf /`",
    "cat <(rm -rf /)",
    "git diff && rm -rf /",
    "for f in *; do rm -rf $f; done",
    "if true; then rm -rf /; fi",
    "f() { rm -rf /; }; f",
    "rm $FLAGS /",
    "rm -[r]f /",
    "$PROGRAM -rf /",
    "r{m,n} -rf /",
    "rm -rf / > /dev/null",
    "rm   -rf   /",
]


@pytest.mark.parametrize("command", FORBIDDEN)
def test_a_line_that_forbids_is_read_as_widely_as_it_could_be_meant(command: str) -> None:
    lines = scope(writes="Bash", never="Bash(rm -rf *)")
    assert decide(lines, Action("Bash", command)).ruling == Ruling.NEVER


@pytest.mark.parametrize("command", ["rm x", "rm src/*.pyc", "echo rm -rf", "git rm -rf x", "git commit -m 'rm -rf /'"])
def test_a_line_that_forbids_leaves_the_rest_alone(command: str) -> None:
    lines = scope(writes="Bash", never="Bash(rm -rf *)")
    assert decide(lines, Action("Bash", command)).ruling == Ruling.ALLOWED


def test_a_hidden_part_that_could_be_forbidden_says_so() -> None:
    outcome = ask(scope(writes="Bash", never="Bash(rm -rf *)"), "rm $FLAGS x")
    assert "cannot be seen before it runs" in outcome.reason
