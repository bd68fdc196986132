"""Who is asking, read anew for every request: deactivated people are out at the next one, and so at an access's end."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.backends import ModelBackend
from django.db.models import Exists, OuterRef

from approvals import validity
from portal.models import SecondFactorRule, User

# Recovery codes are a way back in, never the factor itself.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class AccountBackend(ModelBackend):
    """Password sign-in, and the account of a session with what the second factor rules say of it: one statement."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Asked at each sign-in with a password and at each request; the clock ends an access, no worker has to."""
        return isinstance(user, User) and user.may_enter(validity.now())

    def get_user(self, user_id: Any) -> User | None:
        """The active account, or None. `factor_required` and `has_factor` say how it stands with second factors."""
        required = SecondFactorRule.objects.filter(required=True, group__user=OuterRef("pk"))
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
        people = User.objects.annotate(factor_required=Exists(required), has_factor=Exists(factors))
        person = people.filter(pk=user_id).first()
        return person if person is not None and self.user_can_authenticate(person) else None
