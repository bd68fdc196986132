"""The life of a packet, as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Packets, versions, signatures, letters."""

    name = "approvals"
    verbose_name = "Approvals"
