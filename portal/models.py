"""Accounts: who signs in here."""

from __future__ import annotations

from typing import Any

from simple_history.models import HistoricalRecords

from approvals.people import Account


class User(Account):
    """An account, with the history of its fields and its groups."""

    history = HistoricalRecords(m2m_fields=["groups"], excluded_fields=["password", "last_login"])

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the account. A sign-in changes none of the fields whose history is kept, so it adds no row there."""
        if list(kwargs.get("update_fields") or ()) != ["last_login"]:
            super().save(*args, **kwargs)
            return
        self.skip_history_when_saving = True  # the library asks only whether it is there
        try:
            super().save(*args, **kwargs)
        finally:
            del self.skip_history_when_saving
