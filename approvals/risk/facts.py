"""What the findings need to know beside the content; the caller looks it up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from approvals.content import Content


@dataclass(frozen=True, slots=True)
class Facts:
    """`now` is the moment of looking; `parent` what the system packet of a run grants then, None when there is none."""

    now: datetime
    parent: Content | None = None
