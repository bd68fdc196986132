"""The forms of signing in, in the portal's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms

from portal.models import User


class SignInForm(LoginForm):
    """Username and password; nothing else is a sign-in name here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label="Username",
            max_length=150,
            widget=forms.TextInput(
                attrs={"autocomplete": "username webauthn", "autofocus": True, "spellcheck": "false"}
            ),
        )
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}
        self.fields["password"].max_length = 4096
        self.fields["password"].help_text = ""
        self.order_fields(["login", "password"])


class OneTimeCode(forms.CharField):
    """Six digits of the app, or one of the recovery codes."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        super().__init__(max_length=32, widget=forms.TextInput(attrs=attrs), **kwargs)


class CodeForm(AuthenticateForm):
    """The second factor at sign-in."""

    code = OneTimeCode(label="Code", help_text="Six digits from your authenticator app, or one of your recovery codes.")


class CodeAgainForm(mfa.ReauthenticateForm):
    """The second factor, asked again."""

    code = OneTimeCode(label="Code", help_text="Six digits from your authenticator app, or one of your recovery codes.")


class FirstCodeForm(ActivateTOTPForm):
    """Shows that the app has the secret."""

    code = OneTimeCode(label="Code", help_text="The six digits your app shows now.")


# What the library raises when a browser sends something that is no answer to its challenge.
MALFORMED = (KeyError, TypeError, ValueError, AttributeError)


class PasskeySignInForm(LoginWebAuthnForm):
    """A passkey alone."""

    def clean_credential(self) -> Any:
        return well_formed(super().clean_credential)


class PasskeyStepForm(AuthenticateWebAuthnForm):
    """A passkey after the password."""

    def clean_credential(self) -> Any:
        return well_formed(super().clean_credential)


class PasskeyAgainForm(ReauthenticateWebAuthnForm):
    """A passkey, asked again."""

    def clean_credential(self) -> Any:
        return well_formed(super().clean_credential)


def well_formed(read: Callable[[], Any]) -> Any:
    """What was read, or the same refusal as for a passkey that does not fit."""
    try:
        return read()
    except MALFORMED:
        raise get_adapter().validation_error("incorrect_code") from None


class PasskeyForm(AddWebAuthnForm):
    """A new passkey; it always asks for a finger, a face or a PIN, so it can stand for password and code."""

    name = forms.CharField(
        label="Name", max_length=60, help_text="So that you know it again, such as Laptop or Blue key."
    )

    def clean(self) -> dict[str, Any]:
        """As the library's, and never without the person having been verified."""
        self.cleaned_data["passwordless"] = True
        return dict(well_formed(super().clean))


class PasswordAgainForm(ReauthenticateForm):
    """The password, asked again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self.fields["password"], "Password")


class NewPasswordForm(ResetPasswordKeyForm):
    """A new password after the old one was lost."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        two_new(self)


class ChangedPasswordForm(ChangePasswordForm):
    """The old password, then the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self.fields["oldpassword"], "Password now")
        two_new(self)


class LostPasswordForm(ResetPasswordForm):
    """The address somebody's account has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self.fields["email"], "E-mail address", "The one your account here has.")


def plain(field: forms.Field, label: str, help_text: str = "") -> None:
    """Our words instead of the library's, and no placeholder."""
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)


def two_new(form: forms.Form) -> None:
    """The new password, typed twice."""
    plain(form.fields["password1"], "New password", "At least 12 characters, not a common one, not your name.")
    plain(form.fields["password2"], "New password again")


class YourselfForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy only
    """What people may change of their own account."""

    class Meta:
        model = User
        fields = ("time_zone", "night_contact")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.fields["time_zone"]
        zone.help_text = "Such as Europe/Berlin. Letters and pages show this time beside UTC."
        self.fields["night_contact"].label = "How to reach you at night"
        self.fields["night_contact"].help_text = "A phone number or pager. It stands where you are rollback owner."
