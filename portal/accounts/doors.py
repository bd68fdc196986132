"""The ways in: password, second factor, passkey, provider; and a new password for who lost theirs."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.decorators import login_not_required
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LoginView, PasswordResetDoneView, PasswordResetFromKeyView, PasswordResetView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.internal import flows
from allauth.mfa.webauthn.views import LoginWebAuthnView
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.openid_connect.views import callback
from django.conf import settings
from django.contrib.auth.views import LogoutView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from requests import RequestException

from portal.accounts.factors import as_text
from portal.accounts.guarding import Guarded, address, by_address, refused
from portal.accounts.limits import CODE, MAIL, PASSWORD, Counted
from portal.accounts.places import passkeys_impossible


class SignIn(Guarded, LoginView):
    """Username and password; whatever else is possible here stands below."""

    template_name = "portal/sign_in.html"

    def counted(self, request: HttpRequest) -> list[Counted]:
        name = request.POST.get("login", "").strip().lower()
        return [Counted(f"password {name} {address(request)}", PASSWORD), by_address(request)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "next": get_next_redirect_url(self.request) or "",
            "passkeys_impossible": passkeys_impossible(self.request),
            "provider": provider_name(),
            "mail": bool(settings.EMAIL_URL),
        }


class SecondFactor(Guarded, AuthenticateView):
    """The code or the passkey after the password."""

    template_name = "accounts/second_factor.html"

    def counted(self, request: HttpRequest) -> list[Counted]:
        return [Counted(f"code {self.stage.login.user.pk}", CODE), by_address(request)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        options = context.get("js_data", {}).get("request_options", {})
        has_passkey = bool(options.get("publicKey", {}).get("allowCredentials"))
        return context | {"has_passkey": has_passkey, "options": as_text(options)}


class PasskeySignIn(Guarded, LoginWebAuthnView):
    """A passkey alone: it is what one has, and the finger or PIN it asks for."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The challenge, as JSON. It is kept in a session, so asking for it is counted too."""
        response: HttpResponse = refused(request, self.counted(request)) or super().get(request, *args, **kwargs)
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        authenticator = form.cleaned_data["credential"]
        login = Login(user=authenticator.user, redirect_url=get_next_redirect_url(self.request))
        response: HttpResponse = flows.perform_passwordless_login(self.request, authenticator, login)
        return response


class PasswordLost(Guarded, PasswordResetView):
    """Asks for a mail with a link. The answer is the same whether an account has the address or not."""

    template_name = "accounts/password_lost.html"

    def counted(self, request: HttpRequest) -> list[Counted]:
        asked = request.POST.get("email", "").strip().lower()
        return [Counted(f"mail {asked}", MAIL), Counted(f"mail from {address(request)}", PASSWORD)]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Each mail counts; none is taken back because it was sent."""
        if not settings.EMAIL_URL:
            raise Http404("No mail server is set up here.")
        response: HttpResponse = refused(request, self.counted(request)) or PasswordResetView.post(self, request)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"mail": bool(settings.EMAIL_URL)}


class NewPassword(Guarded, PasswordResetFromKeyView):
    """The page the link in the mail opens."""

    template_name = "accounts/password_new.html"
    success_url = "/sign-in/"


@never_cache
@login_not_required
@require_safe
def to_provider(request: HttpRequest) -> HttpResponse:
    """Off to the provider. What the address asks for beyond `next` is not handed on."""
    try:
        provider = get_adapter().get_provider(request, settings.OIDC_PROVIDER)
    except SocialApp.DoesNotExist:
        raise Http404("No sign-in provider is set up here.") from None
    try:
        response: HttpResponse = provider.redirect(
            request, process=AuthProcess.LOGIN, next_url=get_next_redirect_url(request)
        )
    except (RequestException, ValueError, KeyError) as error:
        get_adapter().on_authentication_error(request, provider, exception=error)
        return HttpResponseRedirect("/sign-in/provider/failed/")
    return response


def provider_name() -> str:
    """How the provider is called on the button; empty when there is none."""
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    return str(apps[0]["name"]) if apps else ""


from_provider = never_cache(callback)
sign_in = SignIn.as_view()
sign_out = login_not_required(LogoutView.as_view())  # also for who is half way in
second_factor = SecondFactor.as_view()
passkey_sign_in = PasskeySignIn.as_view()
password_lost = PasswordLost.as_view()
password_lost_sent = PasswordResetDoneView.as_view(template_name="accounts/password_sent.html")
password_new = NewPassword.as_view()
