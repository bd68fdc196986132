"""The trigger that lets nobody decide on a version they wrote or submitted, for both databases, put on and taken off.

The rule itself is `rules.why_not_decide`, which also knows earlier versions and second accounts of one person. This is
the net below it, for whoever writes around the verbs.
"""

from __future__ import annotations

from typing import Any

NAME = "approvals_decision_not_own_version"
WORDS = "nobody decides on a version they wrote"
WROTE = (
    "EXISTS (SELECT 1 FROM approvals_version_editors WHERE version_id = NEW.version_id AND user_id = NEW.person_id)"
    " OR EXISTS (SELECT 1 FROM approvals_version WHERE id = NEW.version_id AND submitted_by_id = NEW.person_id)"
)
BEFORE = f"CREATE TRIGGER {NAME} BEFORE INSERT ON approvals_decision"
POSTGRESQL = (
    f"CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {WROTE} THEN "
    f"RAISE EXCEPTION '{WORDS}' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
    f"{BEFORE} FOR EACH ROW EXECUTE FUNCTION {NAME}()",
)
SQLITE = (f"{BEFORE} WHEN {WROTE} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",)


def put_on(connection: Any) -> None:
    """Create the trigger."""
    _run(connection, POSTGRESQL if connection.vendor == "postgresql" else SQLITE)


def take_off(connection: Any) -> None:
    """Drop the trigger, for going back to before it."""
    if connection.vendor == "postgresql":
        return _run(connection, (f"DROP TRIGGER {NAME} ON approvals_decision", f"DROP FUNCTION {NAME}()"))
    return _run(connection, (f"DROP TRIGGER {NAME}",))


def _run(connection: Any, statements: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
