"""What every page shows around its content: where one can go, what waits, and who one is."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest, HttpResponse

from approvals import events
from approvals.pages.waiting import counted, line_of
from approvals.people import Person
from approvals.vocabulary import Role

ADMINISTRATION = "/administration/"
STOCK_SCREENS = (ADMINISTRATION, "/portal/", "/auth/", "/approvals/")  # where Django's admin answers


@dataclass(frozen=True, slots=True)
class Section:
    """One link of the navigation."""

    url: str
    label: str
    current: bool
    count: str = ""


class Shell:
    """What `base.html` reads. Asked lazily: a page without navigation costs nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        user = getattr(request, "user", None)  # not there on the page that refuses a host: nobody was looked up yet
        self.person = user if isinstance(user, Person) else None

    @cached_property
    def sections(self) -> list[Section]:
        links = [("/", "Home"), ("/packets/", "Packets"), ("/agents/", "Agents"), ("/why/", "Why?"),
                 ("/record/", "Record"), ("/letters/", "E-mails")]  # fmt: skip
        if self.person is not None and self.person.is_in(Role.ADMINISTRATORS, Role.SECURITY):
            links.append(("/health/", "Health"))
        if self.request.user.is_staff:
            links.append((ADMINISTRATION, "Administration"))
        return [self._section(url, label) for url, label in links]

    def _section(self, url: str, label: str) -> Section:
        path = self.request.path
        within = STOCK_SCREENS if url == ADMINISTRATION else url
        current = path == url if url == "/" else path.startswith(within)
        return Section(url, label, current, self.waiting if url == "/" else "")

    @cached_property
    def waiting(self) -> str:
        """How many versions wait for this person's signature, in words; empty for none."""
        if self.person is None:
            return ""
        return counted(line_of(self.person))

    @cached_property
    def roles(self) -> str:
        """What is printed beside the name: roles and teams. Whoever is on a team need not be called an engineer."""
        if self.person is None:
            return ""
        teams = [team.name for team in self.person.teams()]
        return ", ".join([role for role in self.person.roles() if not teams or role != Role.ENGINEERS] + teams)

    @cached_property
    def may_draft(self) -> bool:
        """Whether this person is on a team, so that an agent can be theirs."""
        return self.person is not None and bool(self.person.teams())


def shell(request: HttpRequest) -> dict[str, Shell]:
    """The context processor."""
    return {"shell": Shell(request)}


class RequestIdMiddleware:
    """Each request has an id; the events it causes carry it, and the answer names it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = events.request_id.set(uuid.uuid4().hex)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = events.request_id.get()
            if request.user.is_authenticated and not response.has_header("Cache-Control"):
                response["Cache-Control"] = "private, no-store"  # a shared computer keeps no page of the record
            return response
        finally:
            events.request_id.reset(token)
