"""`manage.py sweep`: by hand what the scheduler pokes, and over everything that is still owed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.management import BaseCommand, CommandError

import audits.tasks
import portal.tasks
from approvals import tasks


class Command(BaseCommand):
    """Ends first, then idle reviews and reminders, so that their letters leave in the same run; then the seal."""

    help = "Write down ends, close idle reviews, flag what is overdue or ends soon, send what is due, seal the record."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what was done. A step that fails does not stop the others, and makes the exit code 1."""
        failed = [name for name, step in STEPS.items() if not self._do(name, step)]
        if failed:
            raise CommandError(f"Not done: {', '.join(failed)}. The log says why; running sweep again is harmless.")

    def _do(self, name: str, step: Callable[[], str]) -> bool:
        try:
            self.stdout.write(f"{name}: {step()}")
        except Exception as error:  # the next step may still do its work
            self.stderr.write(f"{name}: failed with {type(error).__name__}: {error}")
            return False
        return True


def _letters() -> str:
    counts = tasks.send_letters(everything=True)
    return ", ".join(f"{count} {state}" for state, count in counts.items()) or "nothing due"


STEPS: dict[str, Callable[[], str]] = {
    "Ends written down": lambda: str(tasks.expire_due()),
    "Ends of access written down": lambda: str(portal.tasks.end_access()),
    "Unfilled break-glass suspended": lambda: str(tasks.suspend_unfilled()),
    "Idle reviews closed": lambda: str(tasks.close_idle()),
    "Idle reviews warned of": lambda: str(tasks.warn_idle()),
    "Overdue answers told": lambda: str(tasks.flag_overdue()),
    "Late renewals told": lambda: str(tasks.flag_unrenewed()),
    "Reminders flagged": lambda: str(tasks.flag_expiring()),
    "Letters": _letters,
    "Working copies forgotten": lambda: str(tasks.forget_working_copies()),
    "Events sealed": lambda: str(audits.tasks.seal_record()),
}
