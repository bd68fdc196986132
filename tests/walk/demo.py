"""The demo's accounts, each in a browser of their own."""

from __future__ import annotations

from dataclasses import dataclass

from django.test import Client
from playwright.sync_api import Browser, BrowserContext

from portal.models import User
from tests.pages.asking import signed_in
from tests.walk.places import Place

NOBODY = "nobody"


@dataclass(frozen=True)
class Demo:
    """A running portal with the demo in it, and every page it has."""

    url: str
    places: list[Place]

    def browser_of(self, name: str, browser: Browser) -> BrowserContext:
        """A browser this account is signed in with; nobody is in none. Nothing moves in it."""
        context = browser.new_context(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
        if session := client_of(name).cookies.get("sessionid"):
            context.add_cookies([{"name": "sessionid", "value": session.value, "url": self.url}])
        return context


def client_of(name: str) -> Client:
    """The same without a browser."""
    return Client() if name == NOBODY else signed_in(User.objects.get(username=name))
