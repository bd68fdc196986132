"""Django's admin as part of the portal: at `/`, behind our own pages, our own sign-in and our own Home."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class PortalAdminSite(AdminSite):
    """The stock screens, under the portal's name. People without staff rights get a plain 403 there."""

    site_header = site_title = "Agent Approvals"
    index_title = "Administration"
    enable_nav_sidebar = False
    final_catch_all_view = False  # an address nobody knows is a 404, whoever asks

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """As Django's, but a filter that no database can be asked for is a bad request, on each of them."""

        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if any("\x00" in value for values in request.GET.lists() for value in values[1]):
                raise BadRequest("A filter holds a character that no name has.")
            return view(request, *args, **kwargs)

        return super().admin_view(cast(View, asked), cacheable)

    def get_urls(self) -> list[Any]:
        """As Django's, without the detour by which anybody with staff rights learns where any row has its page."""
        return [one for one in super().get_urls() if getattr(one, "name", "") != "view_on_site"]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one door. Someone signed in without staff rights is told so."""
        if request.user.is_authenticated:
            raise PermissionDenied("Only administrators and the people who look over everything can open this page.")
        return redirect_to_login(request.get_full_path())
