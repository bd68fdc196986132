"""What the findings need to know beside the content; the caller looks it up (`approvals.circumstances`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from approvals.content import Content
from approvals.risk.register import Registered
from approvals.scope.grammar import Line
from approvals.vocabulary import Field


@dataclass(frozen=True, slots=True)
class Beside:
    """A line that stands in another packet of the agent now: `packet` is its reference."""

    packet: str
    field: Field
    line: Line


@dataclass(frozen=True, slots=True)
class Facts:
    """`now` is the moment of looking; everything else holds then, and is empty where there is nothing to know.

    `parent` is what the system packet of a run grants, None when there is none. `sharing` and `alike` are other agents
    with this identity or with a name like this one, as they may be called here. `owner_answers_alone`: nobody but the
    owner could answer what needs human approval. `longest_life` is what the rules allow, None when that is not known.
    """

    now: datetime
    parent: Content | None = None
    beside: tuple[Beside, ...] = ()
    register: tuple[Registered, ...] = ()
    sharing: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    identity_is_a_person: bool = False
    owner_answers_alone: bool = False
    longest_life: timedelta | None = None
