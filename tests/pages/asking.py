"""How the tests of the pages ask: as somebody, and with what a page showed them."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client
from zeal import zeal_ignore

from approvals.models import Version
from portal.models import User
from tests.cast import PASSWORD


class Browser(Client):
    """What is shown is held to asking once for all rows; a verb acts on row after row, on purpose."""

    def post(self, *args: Any, **kwargs: Any) -> Any:
        with zeal_ignore():
            return super().post(*args, **kwargs)


def signed_in(person: User) -> Client:
    """A browser of this person's. Unlike `force_login` it leaves no trace on the account."""
    client = Browser()
    session = client.session
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(person.pk), person.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    return client


def seen(version: Version, **more: Any) -> dict[str, Any]:
    """The hidden fields of the page as it shows this version."""
    return {
        "revision": version.revision, "digest": version.digest, "cuts": version.cuts_digest, "state": version.state
    } | more  # fmt: skip


def signing(version: Version, **more: Any) -> dict[str, Any]:
    """What the panel of this version sends: what was seen, a verdict, and the password of whoever it is."""
    return seen(version, **{"verdict": "approve", "password": PASSWORD, **more})


def verb(version: Version, name: str) -> str:
    """The address of a verb of the version."""
    return f"{version.get_absolute_url()}{name}/"


class Buttons(HTMLParser):
    """The words on every button, and the labels of every field of the term list."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {"button": [], "dt": [], "h1": [], "h2": []}
        self.open: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.found:
            self.open = tag
            self.found[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.open:
            self.open = None

    def handle_data(self, data: str) -> None:
        if self.open:
            self.found[self.open][-1] += data


def words_of(response: Any, tag: str) -> list[str]:
    """What stands in every element of this kind on the page's main part, without space around it."""
    parser = Buttons()
    parser.feed(response.content.decode().partition("<main")[2])
    return [" ".join(words.split()) for words in parser.found[tag]]
