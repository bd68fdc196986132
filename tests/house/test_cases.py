"""Each case of abuse and each statement about the web or reminders has a test that carries its id in its name."""

from __future__ import annotations

import ast

from tests.house.reading import modules

WANTED = {
    f"{letters}_{number}"
    for letters, count in {"so": 26, "ws": 18, "rm": 17, "ev": 4, "tl": 13}.items()
    for number in range(1, count + 1)
}
WANTED |= {"ws_21", "ws_23"}
# id → why no test can have it in its name yet
NOT_YET: dict[str, str] = {}


def test_every_case_has_a_test_with_its_id_in_the_name() -> None:
    names = [
        node.name.removeprefix("test_")
        for module in modules("tests")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    there = {case for case in WANTED if any(name.startswith(f"{case}_") for name in names)}
    missing = sorted(WANTED - there - NOT_YET.keys())
    assert not missing, (
        f"Write a test named test_{missing[0]}_… (what it shows stands in docs/security.md). Missing: {missing}"
    )
    assert not there & NOT_YET.keys(), f"Take out of NOT_YET what has its test now: {sorted(there & NOT_YET.keys())}"
