"""“Your account”: what one may change of oneself, second factors, sessions, and what others decide."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones as available

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals import events
from approvals.vocabulary import EventKind, Role
from portal.accounts import sessions
from portal.accounts.browsers import called
from portal.accounts.doors import provider_name
from portal.accounts.forms import YourselfForm
from portal.accounts.places import passkeys_impossible
from portal.accounts.requirement import missing
from portal.models import User


@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """GET shows the account; POST keeps time zone and night contact."""
    signed_in: Any = request.user
    form = YourselfForm(request.POST or None, instance=User.objects.get(pk=signed_in.pk))
    if request.method == "POST" and form.is_valid():
        keep(form)
        messages.success(request, "Your account is changed.")
        return redirect("account")
    status = 422 if form.errors else 200
    return render(request, "accounts/account.html", {"form": form, **shown(request)}, status=status)


@transaction.atomic
def keep(form: YourselfForm) -> None:
    """Only these columns, so that nothing an administrator changes meanwhile is written back; and an event."""
    person: User = form.instance
    if form.changed_data:
        person.save(update_fields=form.changed_data)
        what = {"what": "user", "name": person.username, "fields": sorted(form.changed_data), "new": False}
        events.record(EventKind.PERSON_CHANGED, actor=person, detail=what)


def shown(request: HttpRequest) -> dict[str, Any]:
    """What stands on the page beside the form."""
    person: Any = request.user
    factors = list(Authenticator.objects.filter(user=person.pk).order_by("pk"))
    alive = list(sessions.of(person)[:50])
    for session in alive:
        session.browser, session.current = (
            called(session.user_agent),
            session.session_key == request.session.session_key,
        )
    linked = bool(provider_name()) and SocialAccount.objects.filter(user=person.pk, provider=settings.OIDC_PROVIDER)
    return {
        "app": next((one for one in factors if one.type == Authenticator.Type.TOTP), None),
        "passkeys": [one for one in factors if one.type == Authenticator.Type.WEBAUTHN],
        "codes": next((one for one in factors if one.type == Authenticator.Type.RECOVERY_CODES), None),
        "sessions": alive,
        "roles": person.roles(),
        "teams": person.teams(),
        "provider": provider_name() if linked and linked.exists() else "",
        "passkeys_impossible": passkeys_impossible(request),
        "zones": sorted(available()),
    }


@require_safe
def second_factor_needed(request: HttpRequest) -> HttpResponse:
    """Where somebody is led whose role needs a second factor."""
    person: Any = request.user
    if not missing(request):
        return redirect("account")
    return render(
        request,
        "accounts/second_factor_needed.html",
        {"roles": [role for role in person.roles() if role in set(Role)], "impossible": passkeys_impossible(request)},
    )


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign out of one session elsewhere. Somebody else's is not there."""
    person: Any = request.user
    if sessions.end(person, sessions.of(person).filter(pk=pk), actor=person):
        messages.success(request, "That session is signed out.")
    return redirect("account")


@require_POST
def end_every_session(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere, here too."""
    person: Any = request.user
    sessions.end(person, sessions.of(person), actor=person)
    request.session.flush()
    return redirect("sign-in")
