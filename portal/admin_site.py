"""Django's admin as part of the portal."""

from __future__ import annotations

from django.contrib.admin import AdminSite


class PortalAdminSite(AdminSite):
    """The stock screens, under the portal's name."""

    site_header = site_title = "Agent Approvals"
