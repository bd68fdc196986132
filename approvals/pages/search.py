"""Search: agents, packets and people by the words somebody types. Only what they may see; an exact name opens."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from approvals import validity
from approvals.models import Agent, Packet, Version
from approvals.pages.filter_bar import LONGEST
from approvals.pages.lists import rows_of
from approvals.querysets import packets_with
from approvals.terms import asked_terms
from approvals.walks import NEWEST, narrowed, packets_along, sizes

SHOWN = 10  # of each kind
COUNTED = 99  # more than this is "more than 99": nobody counts further
REFERENCE = re.compile(r"ap-?0*([1-9]\d{0,8})(?:\s*v(\d{1,6}))?", re.IGNORECASE | re.ASCII)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What matches every word, by kind; or straight to what has exactly this name."""
    typed = "".join(one for one in request.GET.get("q", "") if one.isprintable()).strip()[:LONGEST]
    terms = asked_terms(typed)
    context: dict[str, Any] = {"words": typed, "readable": bool(terms)}
    if terms:
        exact, sets = _exact(request.user, typed), [packets_with(term) for term in terms]
        counted = sizes([*exact.values(), *sets])
        for (name, rows), size in zip(exact.items(), counted, strict=False):
            if size:
                return redirect(_address(name, rows, typed, size))
        context |= _found(request.user, typed, terms, counted[len(exact) :])
    return render(request, "approvals/search.html", context)


def _exact(viewer: Any, typed: str) -> dict[str, QuerySet[Any]]:
    """What has exactly this name, of what this person may see: the first that is there opens."""
    packets = Packet.objects.visible_to(viewer)
    reference = REFERENCE.fullmatch(typed)
    named = packets.filter(reference=f"AP-{int(reference[1]):04d}") if reference else packets.none()
    of_identity = Version.objects.filter(identity=typed, packet__in=packets)
    found = {
        "packet": named.values("pk"),
        "agent": Agent.objects.visible_to(viewer).filter(slug=typed.lower()).values("pk"),
        "identity": of_identity.order_by().values("packet").distinct(),
        "person": _people(viewer).filter(username=typed).values("pk"),
    }
    return {name: rows for name, rows in found.items() if not rows.query.is_empty()}


def _address(name: str, rows: QuerySet[Any], typed: str, size: int) -> str:
    match name:
        case "packet":
            return _packet(typed)
        case "agent":
            return reverse("agent", args=[typed.lower()])
        case "identity" if size == 1:
            return Packet.objects.get(pk__in=rows).get_absolute_url()
    return f"{reverse('packets')}?{urlencode({'tab': 'all', name: typed})}"


def _packet(typed: str) -> str:
    reference = REFERENCE.fullmatch(typed)
    assert reference is not None  # noqa: S101 - what was found by it matches it
    key = f"AP-{int(reference[1]):04d}"
    return reverse("version", args=[key, int(reference[2])]) if reference[2] else reverse("packet", args=[key])


def _found(viewer: Any, typed: str, terms: list[bytes], counted: list[int]) -> dict[str, Any]:
    """What matches, by kind, each cut at what the page shows."""
    rows = narrowed(Packet.objects.saying(terms), [packets_with(term) for term in terms], counted)
    keys = packets_along(rows.legs_of(viewer), NEWEST, limit=COUNTED + 1)
    agents = list(_with_words(Agent.objects.visible_to(viewer), terms, ("slug",)).select_related("team")[: SHOWN + 1])
    people = list(_with_words(_people(viewer), terms, ("username", "first_name", "last_name"))[: SHOWN + 1])
    return {
        "packets": rows_of(keys[:SHOWN], validity.now()),
        "packet_count": f"More than {COUNTED}" if len(keys) > COUNTED else len(keys),
        "more_packets": len(keys) > SHOWN,
        "agents": agents[:SHOWN], "more_agents": len(agents) > SHOWN,
        "people": people[:SHOWN], "more_people": len(people) > SHOWN,
        "every": urlencode({"tab": "all", "q": typed}),
    }  # fmt: skip


def _with_words(rows: Any, terms: list[bytes], columns: tuple[str, ...]) -> Any:
    """Those rows one of whose columns holds each word, whatever its capitals."""
    for term in terms:
        found = Q()
        for column in columns:
            found |= Q(**{f"{column}__icontains": term.decode()})
        rows = rows.filter(found)
    return rows.order_by(columns[0])


def _people(viewer: Any) -> QuerySet[Any]:
    """People whom a packet names that this person may see."""
    roles = Q(owner=OuterRef("pk")) | Q(backup_owner=OuterRef("pk")) | Q(rollback_owner=OuterRef("pk"))
    return get_user_model()._default_manager.filter(Exists(Version.objects.visible_to(viewer).filter(roles)))


urls = [path("search/", search, name="search")]
