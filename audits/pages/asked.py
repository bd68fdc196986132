"""What a list of lines is asked for (a moment, a kind, a page), as read from the address, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from approvals import validity
from approvals.pages import Request
from approvals.vocabulary import Field
from audits.moments import MomentError, read_moment

PAGE = 50
LAST_PAGE = 400  # as far as one answer reads
FUTURE = "That moment is still to come. What will be allowed then is not decided yet; ask about now or about the past."
KINDS: dict[str, str] = {"": "All", "allowed": "Allowed", "human": "Asks a person", "never": "Never"}
FIELDS: dict[str, tuple[Field, ...]] = {
    "": tuple(Field),
    "allowed": tuple(field for field in Field if field.allows),
    "human": (Field.HUMAN_APPROVAL,),
    "never": (Field.NEVER,),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One choice of the filter as a tab."""

    label: str
    url: str
    current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as read. `typed` are those given, for links; `problem` is a sentence, or empty."""

    at: datetime
    is_now: bool
    kind: str
    page: int
    typed: dict[str, str]
    problem: str = ""

    @property
    def fields(self) -> tuple[Field, ...]:
        return FIELDS[self.kind]

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE

    def link(self, **changes: object) -> str:
        """The same question with these answers instead; an empty one is left out, and so is the page."""
        values = {key: value for key, value in {**self.typed, "page": "", **changes}.items() if value}
        return "?" + urlencode(values)

    def pages(self, there_is_more: bool) -> tuple[str, str]:
        """Addresses of the page before and of the next one; empty where there is none."""
        before = self.link(page=self.page - 1 if self.page > 2 else "") if self.page > 1 else ""
        return before, self.link(page=self.page + 1) if there_is_more and self.page < LAST_PAGE else ""

    def tabs(self, counts: dict[str, int] | None = None) -> Sequence[Kind]:
        return [
            Kind(label, self.link(kind=key), key == self.kind, counts.get(key) if counts else None)
            for key, label in KINDS.items()
        ]


def read(request: Request, *names: str, longest: int) -> Asked:
    """The filters of this address; `names` are the page's own, each cut at `longest` characters."""
    typed = {name: _clean(request.GET.get(name, ""), longest) for name in (*names, "kind", "at")}
    typed["kind"] = typed["kind"] if typed["kind"] in KINDS else ""
    now, page = validity.now(), request.GET.get("page", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 5 else 1
    at, problem = now, ""
    try:
        at = read_moment(typed["at"], request.user.zone, now).at
    except MomentError as error:
        problem = str(error)
    if at > now:
        at, problem = now, FUTURE
    is_now = typed["at"].lower() in ("", "now")
    return Asked(at, is_now, typed["kind"], min(max(number, 1), LAST_PAGE), typed, problem)


def _clean(text: str, longest: int) -> str:
    return text.replace("\x00", "").strip()[:longest]
