"""A person over https without a browser: reads a page, fills in the form with a button of this name, and sends it."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode, urljoin


@dataclass
class Form:
    """One form of a page, as it would be sent."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


class Forms(HTMLParser):
    """Every form of a page with what stands in it; fields and buttons that name their form by id belong to that one."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.by_id: dict[str, Form] = {}
        self.found: list[Form] = []
        self._open: Form | None = None
        self._owner: Form | None = None
        self._told: dict[str, str] = {}
        self._said = ""
        self._select = ""
        self.feed(page)

    def named(self, name: str) -> Form:
        """The form with this id, also when only a button before it has spoken of it."""
        if name not in self.by_id:
            self.by_id[name] = Form("")
            self.found.append(self.by_id[name])
        return self.by_id[name]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = self.named(told.get("id") or f"number {len(self.found)}")
            self._open.action = told.get("action", "")
        owner = self.named(told["form"]) if "form" in told else self._open
        if owner is not None:
            self._take(tag, told, owner)

    def _take(self, tag: str, told: dict[str, str], owner: Form) -> None:
        ticked = "on" if told.get("type") in ("checkbox", "radio") else ""
        name, value = told.get("name", ""), told.get("value", ticked)
        if tag == "input" and told.get("type") == "submit":
            owner.buttons[value] = (name, value)
        elif tag == "input" and (told.get("type") not in ("checkbox", "radio", "file") or "checked" in told):
            owner.fields.append((name, value))
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in told:
            owner.fields.append((self._select, value))
        elif tag in ("textarea", "button"):
            self._owner, self._told, self._said = owner, told, ""

    def handle_data(self, data: str) -> None:
        self._said += data

    def handle_endtag(self, tag: str) -> None:
        name, value = self._told.get("name", ""), self._told.get("value", "")
        if tag == "form":
            self._open = None
        elif tag == "textarea" and self._owner:
            self._owner.fields.append((name, self._said.removeprefix("\n")))
        elif tag == "button" and self._owner:
            self._owner.buttons[" ".join(self._said.split())] = (name, value)


class Visitor:
    """One person's cookies, and the page they see."""

    def __init__(self, address: str, trusts: ssl.SSLContext) -> None:
        self.jar = CookieJar()
        self._open = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=trusts), urllib.request.HTTPCookieProcessor(self.jar)
        )
        self.url, self.page, self.status = address, "", 0
        self.headers: dict[str, str] = {}

    def go(self, path: str, data: bytes | None = None) -> str:
        """Ask for this path; what is there after redirects."""
        request = urllib.request.Request(urljoin(self.url, path), data, {"Referer": self.url})
        try:
            answer = self._open.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            self.status, self.url, self.page = answer.status, answer.url, answer.read().decode()
            self.headers = {name.lower(): value for name, value in answer.headers.items()}
        return self.page

    def press(self, button: str, **typed: Any) -> str:
        """Send the form that has this button, with these fields typed in; a list ticks several boxes."""
        there = [(form, words) for form in Forms(self.page).found for words in form.buttons]
        form, pressed = next((one for one in there if one[1] == button), (None, ""))
        assert form, f"{self.url} has no button {button}, but {[words for _, words in there]}."
        kept = [pair for pair in form.fields if pair[0] not in typed]
        more = [(name, one) for name, value in typed.items() for one in (value if isinstance(value, list) else [value])]
        own = [form.buttons[pressed]] if form.buttons[pressed][0] else []
        return self.go(form.action or self.url, urlencode([*kept, *more, *own]).encode())

    def sign_in(self, name: str, password: str) -> None:
        self.go("/sign-in/")
        self.press("Sign in", login=name, password=password)
        assert self.status == 200 and "/sign-in/" not in self.url, self.page[:3000]
