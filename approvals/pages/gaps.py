"""What a packet still lacks before it can be submitted, each with the input to go to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.forms import BoundField

from approvals.completeness import Flaw
from approvals.forms.fields import LinesField
from approvals.forms.packet import PacketForm
from approvals.pages.as_it_stands import AsItStands
from approvals.rule_words import NUMBERS
from approvals.scope.grammar import read
from approvals.vocabulary import Level


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing to do: at an input, or None when no input of this form is about it; `says` what is wrong there."""

    field: BoundField | None
    key: str
    says: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands there yet: then its name says enough."""
        return self.field is not None and not self.field.value()


def gaps(form: PacketForm, stands: AsItStands) -> list[Gap]:
    """In the order of the form, one for each input: what cannot be read, then what is missing, then what is wrong."""
    found: dict[str, Gap] = {}
    for flaw in (*_unread(form), *_unnamed(form), *stands.missing, *stands.wrong):
        field = form[flaw.key] if flaw.key in form.fields else None
        found.setdefault(flaw.key, Gap(field, flaw.key, flaw.message))
    order = list(form.fields)
    return sorted(found.values(), key=lambda gap: order.index(gap.key) if gap.key in order else len(order))


def _unread(form: PacketForm) -> Iterator[Flaw]:
    for name in form.unread:
        if isinstance(form.fields[name], LinesField):
            yield Flaw(name, _to_mend(len(read(str(form[name].value() or "")).errors)))
        else:
            yield Flaw(name, "cannot be read")


def _to_mend(count: int) -> str:
    return "one line to mend" if count == 1 else f"{NUMBERS[count] if count < len(NUMBERS) else count} lines to mend"


def _unnamed(form: PacketForm) -> Iterator[Flaw]:
    """Of a packet that is not there yet: which agent, and inside which packet."""
    if form.fixed is None and not form.cleaned_data.get("agent"):
        yield Flaw("agent", "Name the agent.")
    if form.fixed is None and form.chosen_level is Level.RUN and not form.cleaned_data.get("parent"):
        yield Flaw("parent", "Name the system packet this run is inside.")
