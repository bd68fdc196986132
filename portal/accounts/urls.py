"""Addresses of the accounts. The names beside ours are the ones the sign-in library looks for."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseBase
from django.urls import path, re_path
from django.views.generic import TemplateView

from portal.accounts import doors, factors, showing, yours

again = factors.PasswordAgain.as_view()
provider = {"provider_id": settings.OIDC_PROVIDER}


def page(template: str) -> Callable[..., HttpResponseBase]:
    """A page that only says something, to whoever asks."""
    return login_not_required(TemplateView.as_view(template_name=template))


urlpatterns = [
    path("sign-in/", doors.sign_in, name="sign-in"),
    path("sign-in/", doors.sign_in, name="account_login"),
    path("sign-in/second-factor/", doors.second_factor, name="mfa_authenticate"),
    path("sign-in/passkey/", doors.passkey_sign_in, name="mfa_login_webauthn"),
    path("sign-in/provider/", doors.to_provider, name="provider"),
    path("sign-in/provider/callback/", doors.from_provider, provider, name="openid_connect_callback"),
    path("sign-in/provider/failed/", page("socialaccount/authentication_error.html"), name="provider-failed"),
    path("sign-in/provider/cancelled/", page("accounts/cancelled.html"), name="socialaccount_login_cancelled"),
    path("sign-in/lost-password/", doors.password_lost, name="account_reset_password"),
    path("sign-in/lost-password/sent/", doors.password_lost_sent, name="account_reset_password_done"),
    re_path(
        "^sign-in/lost-password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        doors.password_new,
        name="account_reset_password_from_key",
    ),
    path("sign-in/deactivated/", page("accounts/deactivated.html"), name="account_inactive"),
    path("sign-out/", doors.sign_out, name="sign-out"),
    path("sign-out/", doors.sign_out, name="account_logout"),
    path("account/", yours.account, name="account"),
    path("account/", yours.account, name="mfa_index"),
    path("account/", yours.account, name="mfa_list_webauthn"),
    path("account/second-factor/", yours.second_factor_needed, name="second-factor-needed"),
    path("account/again/", again, name="account_reauthenticate"),
    path("account/again/code/", factors.CodeAgain.as_view(), name="mfa_reauthenticate"),
    path("account/again/passkey/", factors.PasskeyAgain.as_view(), name="mfa_reauthenticate_webauthn"),
    path("account/show/", showing.show, name="show-again"),
    path("account/show/provider/", showing.show_at_provider, name="show-again-provider"),
    path("account/password/", factors.PasswordChanged.as_view(), name="account_change_password"),
    path("account/app/", factors.AppSetUp.as_view(), name="mfa_activate_totp"),
    path("account/app/picture.svg", factors.app_picture, name="app-picture"),
    path("account/app/remove/", factors.AppRemoved.as_view(), name="mfa_deactivate_totp"),
    path("account/passkeys/add/", factors.PasskeyAdded.as_view(), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove/", factors.PasskeyRemoved.as_view(), name="mfa_remove_webauthn"),
    path("account/recovery-codes/", factors.CodesShown.as_view(), name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new/", factors.CodesMade.as_view(), name="mfa_generate_recovery_codes"),
    path("account/sessions/<int:pk>/end/", yours.end_session, name="end-session"),
    path("account/sessions/end/", yours.end_every_session, name="end-every-session"),
]
