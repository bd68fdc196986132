"""A function about ten lines, a file about three hundred: longer means that a word is missing."""

from __future__ import annotations

import ast

from tests.house.reading import PACKAGES, loud, modules

LONGEST_FUNCTION = 40
LONGEST_FILE = 350
ON_ITS_OWN = {"audits/evidence/verify.py": 580}  # stands in every bundle, and imports nothing of ours: it is one file
SAY_NOTHING = {"utils", "util", "helpers", "helper", "services", "service", "managers", "manager", "misc", "common"}


def test_no_function_is_longer_than_a_screen() -> None:
    problems = [
        f"{module}:{node.lineno} {node.name} has {length} lines: give a part of it a name of its own."
        for module in modules(*PACKAGES, "tests")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert not problems, loud(problems)


def test_no_file_is_longer_than_a_short_chapter() -> None:
    problems = [
        f"{module} has {length} lines: split it by meaning."
        for module in modules(*PACKAGES, "tests")
        if (length := len(module.path.read_text(encoding="utf-8").splitlines()))
        > ON_ITS_OWN.get(str(module), LONGEST_FILE)
    ]
    assert not problems, loud(problems)


def test_every_name_says_what_is_inside() -> None:
    problems = [
        f"{module}: “{room}” says nothing. Name what is inside."
        for module in modules(*PACKAGES, "tests")
        for room in module.rooms
        if room in SAY_NOTHING
    ]
    assert not problems, loud(problems)


def test_every_module_says_what_it_is_for() -> None:
    problems = [
        f"{module} has no docstring: say in one sentence what a reader finds here."
        for module in modules(*PACKAGES, "tests")
        if module.tree.body and not ast.get_docstring(module.tree)
    ]
    assert not problems, loud(problems)
