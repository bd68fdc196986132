"""The inputs of the packet form: text, lines, instants and links. What was typed stays readable whatever is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator

from approvals.content import Link, normal
from approvals.scope.grammar import Line, LineError, read

# For inputs that hold the name of something: the browser neither completes nor corrects it.
NAME: dict[str, Any] = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
WRONG_INSTANT = "Write a date such as 2027-02-26, or a date and a time in UTC such as 2027-02-26 12:00."


class TextField(forms.CharField):
    """Free text in NFC with LF line ends, as documents hold it. Hidden characters are named by `completeness`."""

    def __init__(self, *, rows: int = 0, **options: Any) -> None:
        options.setdefault("required", False)
        if rows:
            options["widget"] = forms.Textarea(attrs={"rows": rows})
        super().__init__(**options)
        self.validators = [one for one in self.validators if not isinstance(one, ProhibitNullCharactersValidator)]

    def to_python(self, value: Any) -> str:
        return str(normal(super().to_python(value) or "")).strip()


class LinesField(forms.Field):
    """Lines of the scope. Every line that cannot be read is an error of its own: where it stands, and what to write."""

    def __init__(self, *, rows: int = 4, **options: Any) -> None:
        attrs = {"rows": rows, "class": "mono", "spellcheck": "false", "autocapitalize": "none"}
        super().__init__(required=False, widget=forms.Textarea(attrs=attrs), **options)

    def to_python(self, value: Any) -> tuple[Line, ...]:
        reading = read(value or "")
        if reading.errors:
            raise ValidationError([ValidationError(told(error)) for error in reading.errors])
        return tuple(line for _, line in reading.lines)

    def readable(self, value: Any) -> tuple[Line, ...]:
        """The lines that can be read, whatever is wrong with the others."""
        return tuple(line for _, line in read(str(value or "")).lines)


def told(error: LineError) -> str:
    """The error as one text: line, column, what is wrong, what to write."""
    return f"Line {error.line}, column {error.column}: {error.message} {error.remedy}".strip()


class InstantField(forms.CharField):
    """One instant. A bare date means 00:00 UTC of that day; a time without an offset is UTC."""

    def __init__(self, *, proposals: str = "", **options: Any) -> None:
        attrs = {"autocomplete": "off", "data-instant": "", "maxlength": "40"}
        attrs |= {"list": proposals} if proposals else {}
        super().__init__(required=False, widget=forms.TextInput(attrs=attrs), **options)

    def to_python(self, value: Any) -> datetime | None:  # type: ignore[override]  # an instant, not its text
        typed = (super().to_python(value) or "").strip().removesuffix("UTC").strip()
        if not typed:
            return None
        try:
            return instant_of(typed)
        except ValueError as error:
            raise ValidationError(WRONG_INSTANT) from error

    def prepare_value(self, value: Any) -> Any:
        return shown(value) if isinstance(value, datetime) else value


def instant_of(typed: str) -> datetime:
    """The instant a person typed. Raises ValueError."""
    read_at = datetime.combine(date.fromisoformat(typed), time()) if len(typed) <= 10 else datetime.fromisoformat(typed)
    if not 2000 <= read_at.year < 2200:  # what is shown in any zone stays inside the calendar
        raise ValueError(typed)
    there = read_at.replace(tzinfo=UTC) if read_at.tzinfo is None else read_at.astimezone(UTC)
    return there.replace(microsecond=0)


def shown(moment: datetime) -> str:
    """The instant as the input holds it, to the second only when it has seconds."""
    there = moment.astimezone(UTC)
    return f"{there:%Y-%m-%d %H:%M:%S}" if there.second else f"{there:%Y-%m-%d %H:%M}"


class LinksField(TextField):
    """Links, one a line; the SHA-256 of what is behind a link may follow after a space."""

    def to_python(self, value: Any) -> tuple[Link, ...]:  # type: ignore[override]  # links, not their text
        return tuple(_link(line) for line in super().to_python(value).split("\n") if line.strip())


def _link(line: str) -> Link:
    url, _, digest = line.strip().partition(" ")
    return Link(url, digest.strip().lower())
