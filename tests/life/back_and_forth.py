"""Fill a database by walking the verbs, migrate it to nothing and forward again: `python -m tests.life.back_and_forth`.

It runs in a process of its own, on the database the environment names.
"""

from __future__ import annotations

import os
import sys

import django


def main() -> None:
    """Raises when a step does not hold; says nothing otherwise."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    count = fill()
    if sys.argv[1:] == ["there"]:
        the_record_is_guarded(count)
        return
    for app in ("audits", "approvals", "portal"):
        call_command("migrate", app, "zero", verbosity=0)
        assert not tables_of(app), f"migrating {app} to zero leaves {tables_of(app)}"
    call_command("migrate", verbosity=0)
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    the_record_is_guarded(fill())


def tables_of(app: str) -> list[str]:
    """The tables of an application that are there."""
    from django.db import connection

    return [name for name in connection.introspection.table_names() if name.startswith(f"{app}_")]


def fill() -> int:
    """One packet through most verbs, one revoked, one rejected, one run; returns how many events that made."""
    from approvals import transitions
    from approvals.content import Content
    from approvals.cuts import Cut, Cuts
    from approvals.models import Event, Version
    from approvals.transitions import Seen
    from approvals.vocabulary import Field, Role
    from tests import present
    from tests.cast import TEAM, content, latest, person, rules_ask, run_content, sign

    engineer, _ = (person(name, name, "Ek", (TEAM, Role.ENGINEERS)) for name in ("engineer", "teammate"))
    security, _ = (person(name, name, "Sato", (Role.SECURITY,)) for name in ("security", "security2"))
    rules_ask({"Security": 1})

    def submitted(body: Content | None = None) -> Version:
        version = transitions.draft(body or content(), actor=engineer)
        return latest(transitions.submit(version.pk, seen=Seen.of(version), actor=engineer))

    first = submitted()
    question = transitions.ask(first.pk, "Why?", actor=security)
    transitions.answer(question.pk, "So.", actor=engineer)
    first = sign(first, security, cuts=Cuts((Cut(Field.TOOLS, "Bash(git log *)", Field.HUMAN_APPROVAL),)))
    transitions.share(first.packet_id, actor=engineer, person=security)
    transitions.suspend(first.packet_id, actor=security, reason="Look.")
    transitions.resume(first.packet_id, actor=security, reason="Well.")
    sign(submitted(run_content(first.packet)), security)
    cut = Cuts((Cut(Field.TOOLS, "Bash(git diff *)"),))
    transitions.give_up(first.pk, seen=Seen.of(latest(first)), actor=engineer, cuts=cut)
    transitions.renew(first.pk, actor=engineer)
    second = submitted()
    present.reject(second.pk, seen=Seen.of(second), actor=security, reason="No.")
    transitions.revoke(submitted().packet_id, actor=security, reason="No.")
    return Event.objects.count()


def the_record_is_guarded(count: int) -> None:
    """After all that the triggers are in place again."""
    from django.db import DatabaseError, connection, transaction

    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM approvals_event")
    except DatabaseError:
        assert count > 20
        return
    raise AssertionError("The record can be deleted after migrating back and forth.")


if __name__ == "__main__":
    main()
