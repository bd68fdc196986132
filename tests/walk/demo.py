"""The demo's accounts, each in a browser of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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

    def first(self, who: str, name: str, state: str, holding: str = "") -> str:
        """The path of the first such place that this account gets a page for, which holds these words.

        Raises LookupError when the demo has none.
        """
        client = client_of(who)
        for place in self.places:
            if (place.name, place.state) == (name, state):
                answer = client.get(place.path)
                if answer.status_code in (200, int(state) if state.isdigit() else 200) and holding in html(answer):
                    return place.path
        raise LookupError(f"The demo has no {name} ({state}) for {who}{' that holds ' if holding else ''}{holding}.")


def html(answer: Any) -> str:
    return "" if answer.streaming else str(answer.content.decode())


def client_of(name: str) -> Client:
    """The same without a browser."""
    return Client() if name == NOBODY else signed_in(User.objects.get(username=name))
