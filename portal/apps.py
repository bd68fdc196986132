"""The portal's applications: the shell, and the admin on our own site."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """Django's admin on the portal's own site."""

    default_site = "portal.admin_site.PortalAdminSite"


class PortalConfig(AppConfig):
    """Accounts, shell and system checks."""

    name = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        """Register the system checks, record what happens at the doors, and say who can sign."""
        from approvals.pages import proving
        from portal import checks  # noqa: F401
        from portal.accounts import recorded, sessions, signing

        recorded.connect()
        proving.register(signing)
        sessions.connect()
