"""Whoever needs a second factor and has none is led to set one up, and can do nothing else until then."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from portal.accounts import recorded

SET_UP = "/account/second-factor/"
# Where a factor is set up, and the way out.
OPEN = (SET_UP, "/account/app/", "/account/passkeys/add/", "/account/again/", "/account/recovery-codes/",
        "/sign-out/", "/healthz", "/readyz")  # fmt: skip


class SecondFactorMiddleware:
    """Asks nothing of the database: the account of the request knows (`AccountBackend`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            not missing(request)
            or request.path.startswith(OPEN)
            or request.path.startswith(staticfiles_storage.url(""))
        ):
            return self.get_response(request)
        back = {"next": request.get_full_path()} if request.method == "GET" else {}
        return HttpResponseRedirect(f"{SET_UP}?{urlencode(back)}" if back else SET_UP)


def missing(request: HttpRequest) -> bool:
    """Whether this person's role needs a factor that neither they nor the provider they came through have shown."""
    person = request.user
    if not getattr(person, "factor_required", False) or getattr(person, "has_factor", True):
        return False
    return "provider" not in recorded.means(request, person)
