"""The portal's addresses and three that somebody forgot to guard, to show that the matrix would notice."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.urls import path

from approvals.models import Packet
from portal.urls import urlpatterns as portal


def everybodys(request: HttpRequest) -> HttpResponse:
    """Every packet, whoever asks."""
    return HttpResponse("\n".join(Packet.objects.values_list("reference", flat=True)))


def by_number(request: HttpRequest, reference: str) -> HttpResponse:
    """A packet's agent for whoever knows its number, and only for people of some team."""
    if not request.user.is_authenticated or not request.user.teams():
        return HttpResponse(status=404)
    return HttpResponse(Packet.objects.get(reference=reference).agent.slug)


def acts_on_get(request: HttpRequest) -> HttpResponse:
    """Makes something because somebody looked."""
    Group.objects.create(name="Made by looking")
    return HttpResponse("Done.")


urlpatterns = [
    path("unguarded/", everybodys, name="unguarded"),
    path("unguarded/<str:reference>/", by_number, name="unguarded-packet"),
    path("acts/", acts_on_get, name="acts-on-get"),
    *portal,
]
