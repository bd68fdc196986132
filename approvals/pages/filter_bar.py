"""The bar above a list: what it can be filtered and sorted by, read from the address and shown again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from django.http import QueryDict

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Box:
    """One filter: its name in the address, its label, and how it is asked for.

    `kind` is text, search, date, or hidden when only a link asks for it; with `choices` it is one of them.
    """

    name: str
    label: str
    hint: str = ""
    kind: str = "text"
    longest: int = LONGEST
    choices: Mapping[str, str] = field(default_factory=dict)
    teams: bool = False  # the reader's teams are proposed

    def problem(self, value: str) -> str:
        """Why this cannot be meant, in a sentence; empty when it can."""
        if len(value) > LONGEST:
            return f"{self.label} was longer than {LONGEST} characters, so it was left out."
        if not value.isprintable():
            return f"{self.label} held characters that no name has, so it was left out."
        if self.choices and value not in self.choices:
            return f"“{value}” is not one of the choices for {self.label}, so it was left out."
        if self.kind == "date" and midnight(value) is None:
            return f"“{value}” is not a date such as 2026-12-31, so “{self.label}” was left out."
        return ""

    def told(self, value: str) -> str:
        """The words of its chip."""
        shown = self.choices.get(value, value)
        return f"{self.label}: {shown} 00:00 UTC" if self.kind == "date" else f"{self.label}: {shown}"


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is on: what it says, and the address of the same list without it."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Sort:
    """The order asked for, or the list's own; `problem` says why it is not the one asked for."""

    name: str
    choices: Mapping[str, str]
    problem: str = ""

    @property
    def label(self) -> str:
        return self.choices[self.name]

    @property
    def is_own(self) -> bool:
        """Whether it is the list's own order, which need not stand in the address."""
        return next(iter(self.choices)) == self.name


@dataclass(frozen=True, slots=True)
class Bar:
    """What the bar shows. `address` makes the same list's with other values; `kept` goes along with a new filter."""

    boxes: Sequence[Box]
    asked: Mapping[str, str]
    sort: Sort
    address: Callable[..., str]
    csv: str
    kept: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[str] = ()

    @property
    def filled(self) -> list[tuple[Box, str]]:
        """Every box with what it holds."""
        return [(box, self.asked.get(box.name, "")) for box in self.boxes]

    @property
    def chips(self) -> list[Chip]:
        return [Chip(box.told(value), self.address(**{box.name: ""})) for box, value in self.filled if value]

    @property
    def clear(self) -> str:
        """The same list without any filter."""
        return self.address(**dict.fromkeys(self.asked, ""))


def read(boxes: Iterable[Box], given: QueryDict) -> tuple[dict[str, str], list[str]]:
    """What was asked and can be answered, by name; and in sentences what could not, which is left out."""
    typed = [(box, value) for box in boxes if (value := given.get(box.name, "").strip())]
    problems = [box.problem(value) for box, value in typed]
    return {box.name: value for (box, value), problem in zip(typed, problems, strict=True) if not problem}, [
        problem for problem in problems if problem
    ]


def chosen(given: QueryDict, choices: Mapping[str, str]) -> Sort:
    """The order the address asks for; the first of these when it asks for none, or for none of them."""
    asked, own = given.get("sort", ""), next(iter(choices))
    if asked in choices:
        return Sort(asked, choices)
    why = f"This list cannot be sorted that way. It shows {choices[own].lower()}." if asked else ""
    return Sort(own, choices, why)


def midnight(day: str) -> datetime | None:
    """00:00 UTC of that day; None when it is no date."""
    try:
        return datetime.combine(date.fromisoformat(day), time(), UTC)
    except ValueError:
        return None
