"""Nothing changes a governed row without its history and its event, and there is one clock."""

from __future__ import annotations

import ast

from tests.house.reading import PACKAGES, loud, modules

# Where rows may be written in bulk, and why that leaves nothing unrecorded.
BULK: dict[str, str] = {
    "approvals/letters/claiming.py": "takes and settles what is owed by one conditional UPDATE; an outcome is an event",
    "approvals/letters/flagging.py": "reminders are claims, not governed rows; the event of each is recorded beside it",
    "approvals/letters/outbox.py": "that an event's letters are written: a row beside the record, which is not changed",
    "portal/accounts/sessions.py": "forgets what was noted of sessions that are over",
    "portal/accounts/limits.py": "forgets counted attempts that no limit asks for any more",
    "audits/sealing.py": "leaves over events that are there: they say nothing of their own, and only grow",
    "approvals/pulses.py": "signs of life, each written over by the next; nothing owed depends on them",
    "approvals/search_index.py": "words under which packets are found: made from governed rows, at any time anew",
    "approvals/transitions/claiming.py": "the one conditional UPDATE that claims a version; its verb records the event",
}
SILENT = {"bulk_create", "bulk_update", "update_or_create", "_raw_delete"}
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("timezone", "now")}


def test_ws_9_governed_rows_are_written_one_by_one() -> None:
    problems = [
        f"{module}:{node.lineno} .{name}(…) leaves no history and no event: use a verb of approvals.transitions, "
        "save() or delete() on the row. If it is not a governed row, add the file to BULK with the reason."
        for module in modules(*PACKAGES)
        for node, name in module.calls()
        if str(module) not in BULK
        and (name in SILENT or is_queryset_update(node, name) or is_queryset_delete(node, name))
    ]
    assert not problems, loud(problems)


def test_the_files_that_write_in_bulk_still_exist_and_do() -> None:
    written = {
        str(module) for module in modules(*PACKAGES) if any(is_bulk(node, name) for node, name in module.calls())
    }
    assert not BULK.keys() - written, f"Remove from BULK what no longer writes in bulk: {BULK.keys() - written}"


def test_there_is_one_clock() -> None:
    problems = [
        f"{module}:{node.lineno} asks its own clock: take the moment as an argument, or ask approvals.validity.now()."
        for module in modules(*PACKAGES)
        if str(module) != "approvals/validity.py"
        for node, name in module.calls()
        if isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, name) in CLOCKS
    ]
    assert not problems, loud(problems)


def test_the_database_has_no_clock() -> None:
    problems = [
        f"{module}:{node.lineno} lets the database ask the time: write approvals.validity.now() instead."
        for module in modules(*PACKAGES)
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.keyword) and node.arg in ("auto_now", "auto_now_add"))
        or (isinstance(node, ast.alias) and node.name in ("Now", "TransactionNow"))
    ]
    assert not problems, loud(problems)


def is_bulk(node: ast.Call, name: str) -> bool:
    """Whether this call writes many rows at once."""
    return name in SILENT or is_queryset_update(node, name) or is_queryset_delete(node, name)


def is_queryset_update(node: ast.Call, name: str) -> bool:
    """A query set's update() takes names only; a dictionary's takes a dictionary."""
    return name == "update" and not node.args and bool(node.keywords)


def is_queryset_delete(node: ast.Call, name: str) -> bool:
    """`….filter(…).delete()` and `….all().delete()`: a row's own delete() is called on a name."""
    return name == "delete" and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call)
