"""Accounts: who signs in here."""

from __future__ import annotations

from simple_history.models import HistoricalRecords

from approvals.people import Account


class User(Account):
    """An account, with the history of its fields and its groups."""

    history = HistoricalRecords(m2m_fields=["groups"], excluded_fields=["password", "last_login"])
