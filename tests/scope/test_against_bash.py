"""The matcher against bash itself: what it allows under lines for `git diff` and `cat` runs nothing else."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from approvals.scope.matching import Action, Ruling, decide
from tests.scope.scopes import scope

LINES = scope(writes="Bash(git diff *)\nBash(cat *)\nEdit(x)")
WRAPPERS = {"timeout", "xargs", "nohup", "time"}  # not in the folder of stand-ins, and only they may be missed
TOKENS = [
    *(
        "git",
        "diff",
        "git diff",
        "evil",
        "evil2",
        " evil ",
        "; evil",
        "x",
        "2",
        "E",
        " ",
        " ",
        "\n",
        "\t",
        ";",
        "&",
        "&&",
    ),
    *(
        "|",
        "||",
        "|&",
        "$(",
        "`",
        ")",
        "(",
        "<(",
        ">(",
        "<<E\n",
        "<<'E'\n",
        "<<<",
        ">x",
        "<x",
        "2>&1",
        ">&2",
        "\\",
        "\\\n",
    ),
    *(
        "'",
        '"',
        "$'",
        "$X",
        "${x}",
        "${x:-",
        "}",
        "{",
        "{ ",
        " }",
        "#",
        " # ",
        "! ",
        "A=1 ",
        "CI=1 ",
        "time ",
        "command ",
    ),
    *("exec ", "eval ", "nohup ", "\nE\n", "[", "]", "[[", "if ", "then ", "fi", "for ", "do ", "done", "case ", "in "),
    *("esac", "*", "?", "~", "=", "$((", "))", "coproc ", "f()", "-x", "timeout 5 ", "xargs ", "\\'", "&>x", "env "),
    *("cat <<E\n", "cat <<-E\n", "\tE\n", "$(cat <<'E'\n", "cat"),
]


@pytest.fixture
def stand_ins(tmp_path: Path) -> Path:
    """A folder with programs that only write down that they were run."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("git", "cat", "evil", "evil2"):
        program = folder / name
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" "{name} $1" >> "$LOG"\n')
        program.chmod(0o755)
    return folder


def commands(seed: int, count: int) -> list[str]:
    chance = random.Random(seed)
    return [
        "git diff" + chance.choice([" ", "", " a"]) + "".join(chance.choices(TOKENS, k=chance.randint(1, 8)))
        for _ in range(count)
    ]


def run(command: str, stand_ins: Path, folder: Path) -> tuple[set[str], str]:
    """What ran, and what bash said."""
    log = folder / "log"
    log.write_text("")
    folder.joinpath("x").write_text("")
    done = subprocess.run(
        ["/bin/bash", "--norc", "--noprofile", "-c", command], check=False, cwd=folder, timeout=20, capture_output=True,
        env={"PATH": str(stand_ins), "LOG": str(log)}, stdin=subprocess.DEVNULL, text=True, errors="replace",
    )  # fmt: skip
    return set(log.read_text().splitlines()), done.stderr


def test_what_is_allowed_runs_nothing_else(stand_ins: Path, tmp_path: Path, full_scale: bool) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    asked = commands(20261123, 100_000 if full_scale else 6_000)
    allowed = [command for command in asked if decide(LINES, Action("Bash", command)).ruling == Ruling.ALLOWED]
    assert len(allowed) > 100
    tried = allowed if full_scale else allowed[:250]
    for command in tried:
        ran, said = run(command, stand_ins, folder)
        assert all(call == "git diff" or call.startswith("cat ") for call in ran), command
        missed = {line.split(": ")[-2] for line in said.splitlines() if line.endswith(": command not found")}
        assert missed <= WRAPPERS, command
        assert {path.name for path in folder.iterdir()} == {"log", "x"}, command
    print(f"{len(asked):,} commands made up, {len(allowed):,} allowed, {len(tried):,} run by bash: none ran more")
