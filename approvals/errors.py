"""A refusal: what happened and what to do next, with a code that machines and tests can ask for."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError

# The database does not answer: whoever goes through many things stops, and the next run goes on.
DATABASE_GONE = (OperationalError, InterfaceError)


class Refused(Exception):
    """A verb did not happen. `code` is stable; `message` and `remedy` are full sentences for the person."""

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        self.code, self.message, self.remedy = code, message, remedy
        super().__init__(f"{message} {remedy}".strip())


def refuse_if(reason: Refused | None) -> None:
    """Raise the refusal it is given, or go on."""
    if reason is not None:
        raise reason
