"""Django's admin as part of the portal: at `/`, behind our own pages, our own sign-in and our own Home."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse


class PortalAdminSite(AdminSite):
    """The stock screens, under the portal's name. People without staff rights get a plain 403 there."""

    site_header = site_title = "Agent Approvals"
    index_title = "Administration"
    enable_nav_sidebar = False
    final_catch_all_view = False  # an address nobody knows is a 404, whoever asks

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one door. Someone signed in without staff rights is told so."""
        if request.user.is_authenticated:
            raise PermissionDenied("Only administrators and the people who look over everything can open this page.")
        return redirect_to_login(request.get_full_path())
