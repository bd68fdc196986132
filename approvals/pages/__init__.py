"""Doors for people: GET shows, POST acts, refusals become words."""

from __future__ import annotations

from django.http import HttpRequest

from approvals.people import Person


class Request(HttpRequest):
    """A request of someone signed in: the middleware lets no one else through to these pages."""

    user: Person
