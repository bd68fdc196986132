"""Imports point one way: a room knows only what stands above it."""

from __future__ import annotations

import ast

from tests.house.reading import PACKAGES, Module, loud, modules

# approvals, read top-down. A new room gets the place where a reader would expect it.
ROOMS = """
    event_kinds vocabulary errors validity
    scope host_names terms content documents completeness cuts risk grouping telling printing
    append_only own_version
    people invited shipped walks instants querysets owing models presence pulses together access named signers standing
    search_index asking working_copies sealed events needs rule_words loosening rules break_glass circumstances
    lateness transitions letters gate runs tasks starters
    forms pages api urls admin templatetags management apps
""".split()  # noqa: SIM905 - lines to read, not thirty

# No Django in these: they can be read and tested alone.
PURE = ("scope", "host_names", "terms", "content", "documents", "completeness", "cuts", "risk", "grouping")

# Types only: mypy has to know which class the portal chose to be a person.
KNOWS_THE_USER = ("approvals/people.py",)

# Questions on a table name its neighbours only when they are asked: the tables themselves are made from them.
ASKED_LATE = ("approvals/querysets.py", "approvals/owing.py")


def test_a_package_imports_only_what_stands_before_it() -> None:
    problems = [
        f"{module}:{node.lineno} imports {name}: move this to {name.split('.')[0]}, or link to it by URL name."
        for module in modules(*PACKAGES)
        for node, name in (imports_at_start(module) if str(module) in KNOWS_THE_USER else module.imports())
        if name.split(".")[0] in PACKAGES[PACKAGES.index(module.rooms[0]) + 1 :]
    ]
    assert not problems, loud(problems)


def test_inside_approvals_a_room_imports_only_what_stands_above_it() -> None:
    problems = [
        f"{module}:{node.lineno} imports {name}, which stands below {module.rooms[1]}: move what is needed up."
        for module in modules("approvals")
        for node, name in imports_at_start(module)
        if len(module.rooms) > 1 and place(name) > place(f"approvals.{module.rooms[1]}") >= 0
    ]
    assert not problems, loud(problems)


def test_every_room_of_approvals_has_its_place() -> None:
    rooms = {module.rooms[1] for module in modules("approvals") if len(module.rooms) > 1}
    assert not rooms - set(ROOMS), f"Give {', '.join(rooms - set(ROOMS))} a place in ROOMS, where a reader expects it."


def test_pure_rooms_know_nothing_of_django() -> None:
    problems = [
        f"{module}:{node.lineno} imports {name}: hand the facts in instead, so that {module.rooms[1]} stays pure."
        for module in modules("approvals")
        for node, name in module.imports()
        if module.rooms[1:2]
        and module.rooms[1] in PURE
        and name.split(".")[0] in ("django", "guardian", "simple_history")
    ]
    assert not problems, loud(problems)


def test_only_access_speaks_to_guardian() -> None:
    allowed = ("approvals/access.py", "approvals/models/packet.py")  # the second holds the tables themselves
    problems = [
        f"{module}:{node.lineno} imports {name}: ask approvals.access instead."
        for module in modules(*PACKAGES)
        for node, name in module.imports()
        if name.split(".")[0] == "guardian" and str(module) not in allowed
    ]
    assert not problems, loud(problems)


def imports_at_start(module: Module) -> list[tuple[ast.stmt, str]]:
    """The imports that run: not those for types only, and not those that are asked late on purpose."""
    left_out = [
        node for node in ast.walk(module.tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    ]
    if str(module) in ASKED_LATE:
        left_out += [node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef)]  # type: ignore[misc]
    inside = {id(inner) for node in left_out for inner in ast.walk(node)}
    return [(node, name) for node, name in module.imports() if id(node) not in inside]


def place(name: str) -> int:
    """How far down the imported room of approvals stands; -1 for what is not ours."""
    parts = name.split(".")
    return ROOMS.index(parts[1]) if parts[0] == "approvals" and parts[1] in ROOMS else -1
