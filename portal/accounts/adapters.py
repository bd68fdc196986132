"""What the sign-in library asks of us: our words, our record, and who may come in through a provider."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.shortcuts import render
from django.template.loader import render_to_string

from approvals import validity
from portal.accounts import provided, recorded, sealed
from portal.models import User

logger = logging.getLogger(__name__)

# What the library wants to say → what we say. What is not here is not said: the page shows it.
SAYS = {
    "account/messages/password_changed.txt": "Your password is changed. Every other session of yours is signed out.",
    "mfa/messages/totp_activated.txt": "Your authenticator app is set up. From now on signing in asks for a code.",
    "mfa/messages/totp_deactivated.txt": "Your authenticator app is removed.",
    "mfa/messages/webauthn_added.txt": "Your passkey is added. You can sign in with it alone.",
    "mfa/messages/webauthn_removed.txt": "The passkey is removed.",
    "mfa/messages/recovery_codes_generated.txt": "",
}


class AccountAdapter(DefaultAccountAdapter):
    """Local accounts: made by an administrator, never by a visitor."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "Username and password do not fit together. Both are case-sensitive.",
        "incorrect_password": "This is not your password.",
        "enter_current_password": "This is not your password now.",
        "invalid_password_reset": "This link has been used, or is older than an hour. Ask for a new one.",
    }

    def add_message(self, request: HttpRequest, level: int, message_template: str | None = None,
                    *args: Any, **kwargs: Any) -> None:  # fmt: skip
        """Say it in our words, or nothing."""
        words = kwargs.pop("message", None) or SAYS.get(message_template or "", "")
        if words:
            super().add_message(request, level, message=str(words))

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """Every way in comes by here, a passkey and the provider too: an access that has ended opens none."""
        if not user.may_enter(validity.now()):
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A password that did not fit stands in the record, whether the name is one or not."""
        recorded.failed(credentials.get("username", ""), "password", address=self.get_client_ip(request))

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Whoever has a second factor is asked for it; the password alone would not be enough to take it away."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        factors = [method for method in methods if method["id"].startswith("mfa")]
        words = {"mfa_reauthenticate": "Use a code", "mfa_reauthenticate:webauthn": "Use a passkey"}
        return [method | {"description": words.get(method["id"], "Use your password")} for method in factors or methods]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return "/account/"

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """Sent at once and kept nowhere, because whoever reads it can set the password. Silent when it fails."""
        if not user.has_usable_password():
            return  # their sign-in is the provider's
        try:
            text = render_to_string("accounts/password_lost_mail.txt", {"person": user, **context})
            send_mail("Set a new password for Agent Approvals", text, settings.DEFAULT_FROM_EMAIL, [user.email])
        except OSError:  # SMTPException is one; the page must not tell whether the account exists
            logger.exception("a mail for a new password was not sent", extra={"person": user.pk})


class FactorAdapter(DefaultMFAAdapter):
    """Second factors: seeds encrypted, our name in the app."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code or passkey does not fit, or was used already. Try again with a new one.",
        "cannot_generate_recovery_codes": "Recovery codes go with an authenticator app or a passkey. Set one up first.",
    }

    def encrypt(self, text: str) -> str:
        return sealed.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealed.unseal(encrypted_text)

    def _get_site_name(self) -> str:
        return "Agent Approvals"

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)


class ProviderAdapter(DefaultSocialAccountAdapter):
    """People who come through the OpenID Connect provider."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return True  # whom the provider lets in has an account; what they may do says their groups

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Find, link or refuse the account, and take its groups from the claims."""
        refusal = provided.arrive(request, sociallogin)
        if refusal is not None:
            raise ImmediateHttpResponse(render(request, "accounts/not_let_in.html", {"refusal": refusal}, status=403))

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> User:
        """The account of somebody who comes for the first time."""
        return provided.first_time(super().save_user, request, sociallogin)

    def on_authentication_error(self, request: HttpRequest, provider: Any, error: Any = None,
                                exception: Any = None, extra_context: Any = None) -> None:  # fmt: skip
        """Why the provider sent nobody, for whoever operates this."""
        logger.warning("sign-in with the provider failed", extra={"error": str(error), "exception": repr(exception)})
