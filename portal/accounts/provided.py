"""People who come through the OpenID Connect provider: which account is theirs, and which groups the claims give them.

An account is found by the provider's own key for the person (`sub`), which never changes hands. Linking by address
happens once, and only where nobody can have prepared the account: see `_account_to_link`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from approvals import events
from approvals.errors import Refused
from approvals.vocabulary import EventKind
from portal import memberships
from portal.accounts import arriving, reauthentication
from portal.models import User

logger = logging.getLogger(__name__)
SYSTEM = "sign-in with the provider"


def arrive(request: HttpRequest, sociallogin: Any) -> Refused | None:
    """Link where that is safe, and bring the groups up to date. A refusal says why nobody was signed in."""
    if sociallogin.state.get("process") == AuthProcess.REDIRECT:
        return _shown_again(request, sociallogin)
    if sociallogin.is_existing and not sociallogin.user.is_active:
        return Refused("inactive", "Your account here is deactivated.", "Ask an administrator of this portal.")
    if sociallogin.is_existing:
        bring_up_to_date(sociallogin.user, claims(sociallogin))
        return None
    address = verified_address(sociallogin)
    sociallogin.user.email, sociallogin.email_addresses = address, []  # kept in one place only, and only if verified
    try:
        account = _account_to_link(address)
    except Refused as refusal:
        logger.warning("sign-in with the provider refused", extra={"code": refusal.code})
        return refusal
    if account is None:
        return None  # a first sign-in: the library goes on and saves the account
    with transaction.atomic():
        if account.awaited:
            newcomer = sociallogin.user
            arriving.let_in(account, first_name=newcomer.first_name, last_name=newcomer.last_name)
        sociallogin.connect(request, account)
        events.record(EventKind.PROVIDER_LINKED, actor=account, detail=_linked(account))
        bring_up_to_date(account, claims(sociallogin))
    return None


def _shown_again(request: HttpRequest, sociallogin: Any) -> Refused | None:
    """Somebody who is signed in went there to show once more who they are."""
    try:
        reauthentication.from_provider(request, sociallogin)
    except Refused as refusal:
        return refusal
    return None


def first_time(save: Callable[..., Any], request: HttpRequest, sociallogin: Any) -> User:
    """Save the account of a newcomer: no password here, and nothing that anybody else could have prepared."""
    person: User = sociallogin.user
    with transaction.atomic():
        save(request, sociallogin)
        detail = {"what": "user", "name": person.username, "fields": ["email", "name", "username"], "new": True}
        events.record(EventKind.PERSON_CHANGED, actor=None, system=SYSTEM, detail=detail)
        bring_up_to_date(person, claims(sociallogin))
    return person


def claims(sociallogin: Any) -> dict[str, Any]:
    """What the provider says of the person: the ID token, and over it what its userinfo address answers."""
    data = sociallogin.account.extra_data
    return {**(data.get("id_token") or {}), **(data.get("userinfo") or {})}


def bring_up_to_date(person: User, said: dict[str, Any]) -> None:
    """Groups named in OIDC_GROUPS follow the claim, both ways. No claim means none of them."""
    if not settings.OIDC_GROUPS:
        return
    theirs = said.get(settings.OIDC_CLAIM) or []
    listed = (
        {str(one) for one in theirs} if isinstance(theirs, list) else {theirs} if isinstance(theirs, str) else set()
    )
    wanted = {ours for name, ours in settings.OIDC_GROUPS.items() if name in listed}
    memberships.keep_to(person, wanted, of=settings.OIDC_GROUPS.values(), system=SYSTEM)


def verified_address(sociallogin: Any) -> str:
    """The address the provider has verified; empty when it has not said so."""
    return next((str(one.email) for one in sociallogin.email_addresses if one.verified), "")


def _account_to_link(address: str) -> User | None:
    """The account here with this verified address, or None for a newcomer.

    Nobody can lie in wait with an account that has somebody else's address: visitors cannot make accounts, and people
    cannot change their own address. Somebody named by e-mail has an account that was never opened: it has no password,
    no factor and no group, and the verified address lets its person in. Still refused: two accounts with it, one that
    is deactivated, one that belongs to another person at the provider, and a superuser, whose account no provider
    hands out.
    """
    accounts = list(User.objects.filter(email__iexact=address)[:2]) if address else []
    if not accounts:
        return None
    remedy = "Ask an administrator of this portal to look at the accounts that have this address."
    if len(accounts) > 1:
        raise Refused("ambiguous", "More than one account here has your e-mail address.", remedy)
    account = accounts[0]
    if account.has_left:
        raise Refused("inactive", "The account with your e-mail address is deactivated.", remedy)
    if account.is_superuser:
        raise Refused("superuser", "The account with your e-mail address signs in with its password only.", remedy)
    if SocialAccount.objects.filter(user=account, provider=settings.OIDC_PROVIDER).exists():
        raise Refused("taken", "The account with your e-mail address belongs to somebody else at the provider.", remedy)
    return account


def _linked(account: User) -> dict[str, str]:
    return {"person": account.username, "provider": settings.OIDC_ISSUER}
