"""The Letters page: every e-mail one may see, where it stands, and its text. No mail server is needed to read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from approvals import access
from approvals.errors import Refused
from approvals.letters.answers import Answer
from approvals.letters.trial import send_trial
from approvals.letters.writing import message_id
from approvals.models import Letter
from approvals.owing import LetterQuerySet
from approvals.pages import Request
from approvals.pages.filter_bar import Bar, Box, Sort, chosen, read
from approvals.pages.list_places import place_of_key
from approvals.pages.lists import Tab
from approvals.pages.turning import leaf
from approvals.vocabulary import LetterState
from approvals.walks import NEWEST, Order, Place

PAGE = 25
LARGEST = 2**63 - 1
VIEWS = {"": "All", "mine": "To me", "undelivered": "Not delivered"}
BOXES = (
    Box("packet", "Packet", "AP-0042", longest=20),
    Box("to", "To", "sign-in name", longest=150),
    Box("status", "Status", choices={state.value: state.tag.words for state in LetterState}),
)
COLUMNS = {"packet": "version__packet__reference", "to": "recipient__username", "status": "state"}
SORTS = {"newest": "Newest first", "oldest": "Oldest first"}
ORDERS = {"newest": NEWEST, "oldest": Order("pk")}


@dataclass(frozen=True, slots=True)
class LettersListing:
    """The list as the address asks for it: tab, filters and order."""

    person: Any
    view: str
    asked: dict[str, str]
    problems: list[str]
    sort: Sort

    @classmethod
    def of(cls, request: HttpRequest) -> LettersListing:
        view = request.GET.get("show", "")
        asked, problems = read(BOXES, request.GET)
        return cls(request.user, view if view in VIEWS else "", asked, problems, chosen(request.GET, SORTS))

    @property
    def order(self) -> Order:
        return ORDERS[self.sort.name]

    def letters(self) -> LetterQuerySet:
        """All of them, in no order yet, without their words."""
        found: LetterQuerySet = Letter.objects.on_the_way_of(self.person)
        if self.view == "mine":
            found = found.filter(recipient=self.person)
        if self.view == "undelivered":
            found = found.filter(undelivered=True)
        # A reference has capital letters only: asked as it is written, its index answers.
        asked = {name: value.upper() if name == "packet" else value for name, value in self.asked.items()}
        found = found.filter(**{COLUMNS[name]: value for name, value in asked.items()})
        return found.select_related("recipient", "version__packet").defer("text", "html")

    def url(self, **changes: str) -> str:
        """The address of this list with other values; empty ones are left out."""
        given = {"show": self.view, **self.asked, "sort": "" if self.sort.is_own else self.sort.name} | changes
        return "?" + urlencode({name: value for name, value in given.items() if value})

    def bar(self) -> Bar:
        problems = [*self.problems, *filter(None, [self.sort.problem])]
        file = reverse("letters-csv") + self.url()
        return Bar(BOXES, self.asked, self.sort, self.url, file, {"show": self.view}, problems)


@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """One's own letters and those about packets one may see, newest first unless asked otherwise."""
    listing = LettersListing.of(request)
    before, after = _place(request, "before"), _place(request, "after")
    page = leaf(listing.letters(), listing.order, PAGE, before=before, after=after)
    context = {
        "rows": page.rows, "view": listing.view, "bar": listing.bar(), "by_time": listing.sort.is_own,
        "tabs": [Tab(label, listing.url(show=key), key == listing.view) for key, label in VIEWS.items()],
        "newer": listing.url(after=str(page.rows[0].pk)) if page.newer else "",
        "older": listing.url(before=str(page.rows[-1].pk)) if page.older else "",
    }  # fmt: skip
    return render(request, "approvals/letters.html", context)


def _place(request: HttpRequest, name: str) -> Place | None:
    """A place from the address; None when there is none, 404 when it is no key."""
    typed = request.GET.get(name, "")
    place = place_of_key(typed)
    if typed and place is None:
        raise Http404
    return place


@require_safe
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """One letter: where it stands, its headers, and its text as it was written."""
    if pk > LARGEST:
        raise Http404
    found = Letter.objects.visible_to(request.user).select_related("recipient", "version__packet")
    row = get_object_or_404(found, pk=pk)
    headers = {
        "From": settings.DEFAULT_FROM_EMAIL, "To": row.address, "Reply-To": row.reply_to, "Subject": row.subject,
        "Message-ID": message_id(row),
    }  # fmt: skip
    # A stop may name other packets, those its recipient may see: only they and who sees every packet read the words.
    readable = row.recipient_id == request.user.pk or access.sees_every_packet(request.user)
    context = {
        "letter": row, "headers": {k: v for k, v in headers.items() if v}, "readable": readable, "tries": _tries(row),
    }  # fmt: skip
    return render(request, "approvals/letter.html", context)


def _tries(row: Letter) -> list[Any]:
    """Each attempt with what came of it in words: no more than is known."""
    tries: list[Any] = list(row.tries.all())
    for one in tries:
        one.words = Answer(one.answer).label if one.answer else _unanswered(one, row)
    return tries


def _unanswered(one: Any, row: Letter) -> str:
    if row.state == LetterState.SENDING and one.number == row.attempts:
        return "Being sent"
    left = "after its text had gone out: it may have arrived" if one.text_left_at else "before its text went out"
    return f"Broken off {left}"


@require_POST
def trial(request: Request) -> HttpResponse:
    """A test e-mail to oneself; its page says what becomes of it."""
    try:
        written = send_trial(request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("letters")
    messages.success(
        request,
        "The test e-mail is written. The worker sends it; open this page again to see what the mail server said.",
    )
    return redirect("letter", written.pk)


urls: list[URLPattern] = [
    path("letters/", letters, name="letters"),
    path("letters/try/", trial, name="letter-trial"),
    path("letters/<int:pk>/", letter, name="letter"),
]
