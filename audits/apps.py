"""The auditor's side, as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class AuditsConfig(AppConfig):
    """Reads approvals; changes nothing there."""

    name = "audits"
    verbose_name = "Audits"
