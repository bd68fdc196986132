"""“Looking at it now”: a page that is open says so, and learns who else decides on it. It locks nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_POST

from approvals import rules, validity
from approvals.models import Looking, Version
from approvals.pages import Request
from approvals.together import Part

logger = logging.getLogger(__name__)
COUNTS_FOR = timedelta(seconds=90)  # the page says it again every thirty


def lookers(version: Version, moment: datetime) -> Part:
    """Who looked at this version a moment ago, to ask together with the rest of the page."""
    names = (("username", F("person__username")), ("first", F("person__first_name")), ("last", F("person__last_name")))
    return Part(Looking.objects.filter(version=version, at__gt=moment - COUNTS_FOR), beside=names)


def words(names: Iterable[str]) -> str:
    """“Looking at it now: Ines Duarte, Sam Okafor”; empty when nobody else does."""
    found = ", ".join(sorted(names))
    return f"Looking at it now: {found}" if found else ""


@require_POST
def looking(request: Request, reference: str, number: int) -> JsonResponse:
    """Say that this person has the version open, if they may decide on it; answers who else has."""
    rows = Version.objects.visible_to(request.user).for_page()
    version = get_object_or_404(rows, packet__reference=reference, number=number)
    if rules.why_not_decide(version, request.user) is not None:
        return JsonResponse({"words": ""})
    now = validity.now()
    _keep(request.user, version, now)
    decided = {decision.person_id for decision in version.decisions.all()}
    others = Looking.objects.filter(version=version, at__gt=now - COUNTS_FOR).exclude(person=request.user)
    there = [one.person for one in others.select_related("person") if one.person_id not in decided]
    return JsonResponse({"words": words(person.printed_name for person in there)})


def _keep(person: Any, version: Version, now: datetime) -> None:
    """One row a person. What cannot be kept is not worth a complaint: nothing depends on it."""
    try:
        with transaction.atomic():
            Looking(person=person, version=version, at=now).save()
    except DatabaseError:
        logger.info("a look was not kept", extra={"version": version.pk})


urls = [path("packets/<str:reference>/v<int:number>/looking/", looking, name="version-looking")]
