"""Asking right at a line: which line's form is open, and where it goes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.urls import reverse

from approvals.models import Version
from approvals.pages.sheet import Place


@dataclass(frozen=True, slots=True)
class Asking:
    """A form that stands under its line: the page it is on, the address it is sent to, and what was typed before."""

    line: str
    at: str
    to: str
    text: str = ""


def asking_at(version: Version, line: str, text: str) -> Asking:
    """The form under this line of the version."""
    return Asking(
        line, version.get_absolute_url(), reverse("version-ask", args=[version.packet.reference, version.number]), text
    )


def with_form(places: dict[str, Place], asking: Asking) -> dict[str, Place]:
    """The places, the first that holds the line with the form; a line that no longer stands has none."""
    first = next((key for key, place in places.items() if any(str(line) == asking.line for line in place.lines)), None)
    return {key: replace(place, asking=asking) if key == first else place for key, place in places.items()}
