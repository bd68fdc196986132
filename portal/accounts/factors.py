"""Second factors and the password, by their owner: set up, take away, look at once. Each asks who it is first."""

from __future__ import annotations

import json
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.views import PasswordChangeView, ReauthenticateView
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import ReauthenticateView as CodeAgainView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import AddWebAuthnView, ReauthenticateWebAuthnView, RemoveWebAuthnView
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from portal.accounts.guarding import Guarded, by_address
from portal.accounts.limits import CODE, Counted
from portal.accounts.places import passkeys_impossible


class Yours(Guarded):
    """A page of the signed-in person where something could be guessed: counted by account."""

    def counted(self, request: HttpRequest) -> list[Counted]:
        return [Counted(f"again {request.user.pk}", CODE), by_address(request)]


class PasswordAgain(Yours, ReauthenticateView):
    template_name = "accounts/again_password.html"


class CodeAgain(Yours, CodeAgainView):
    template_name = "accounts/again_code.html"


class PasskeyAgain(Yours, ReauthenticateWebAuthnView):
    template_name = "accounts/again_passkey.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        alternatives = self.get_reauthentication_alternatives()
        return context | {"options": as_text(context["js_data"]["request_options"]),
                          "reauthentication_alternatives": alternatives}  # fmt: skip

    def form_invalid(self, form: Any) -> HttpResponse:
        """Here again, with what was wrong; the library would send them to the sign-in page."""
        for error in form.errors.get("credential", []):
            messages.error(self.request, error)
        return redirect(self.request.get_full_path())


class PasswordChanged(Yours, PasswordChangeView):
    template_name = "accounts/password_change.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not request.user.has_usable_password():
            raise Http404("Your password is the provider's.")
        return super().dispatch(request, *args, **kwargs)


class AppSetUp(ActivateTOTPView):
    template_name = "accounts/app_set_up.html"


class AppRemoved(DeactivateTOTPView):
    template_name = "accounts/app_remove.html"


class PasskeyAdded(AddWebAuthnView):
    template_name = "accounts/passkey_add.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The challenge: a key that lives on the device and always asks for finger, face or PIN."""
        context: dict[str, Any] = super(AddWebAuthnView, self).get_context_data(**kwargs)
        impossible = passkeys_impossible(self.request)
        options = {} if impossible else auth.begin_registration(self.request.user, True)
        return context | {"options": as_text(options), "passkeys_impossible": impossible}


class PasskeyRemoved(RemoveWebAuthnView):
    template_name = "accounts/passkey_remove.html"
    http_method_names = ("get", "head", "options", "post")  # DELETE would act too, and no page sends it
    success_url = "/account/"


class CodesShown(ViewRecoveryCodesView):
    template_name = "accounts/recovery_codes.html"


class CodesMade(GenerateRecoveryCodesView):
    template_name = "accounts/recovery_codes_new.html"


@require_safe
@reauthentication_required(app="allauth.mfa")
def app_picture(request: HttpRequest) -> HttpResponse:
    """The secret of the app that is being set up, as a picture to scan. Nothing keeps it."""
    secret = request.session.get(SECRET_SESSION_KEY)
    if not secret:
        raise Http404("No app is being set up.")
    adapter = get_adapter()
    picture = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
    return HttpResponse(picture, content_type="image/svg+xml", headers={"Cache-Control": "private, no-store"})


def as_text(options: Any) -> str:
    """What the browser is asked, as the script reads it."""
    return json.dumps(options, default=dict)
