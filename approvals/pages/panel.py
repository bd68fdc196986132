"""The rail of a packet page: the decision for those who may decide; for others what keeps them from it, in words."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from approvals import rules
from approvals.models import Version
from approvals.pages.cutting_form import cut_groups
from approvals.pages.decision_form import DecisionForm
from approvals.pages.dossier import Dossier
from approvals.pages.waiting import line_of, place_of
from approvals.vocabulary import Verdict


def panel(person: Any, dossier: Dossier, typed: QueryDict | None) -> dict[str, Any]:
    """What the rail of a version in review says to this person."""
    shown, line = dossier.shown, line_of(person)
    refusal = rules.why_not_decide(shown, person)
    if refusal is not None:
        own = next((one for one in shown.decisions.all() if one.person_id in person.accounts()), None)
        return {"why_not_decide": refusal, "own_decision": own, "own_verdict": own and Verdict(own.verdict).past,
                "next_waiting": next(iter(line), None)}  # fmt: skip
    seat = rules.seat_for(shown, person)
    return {
        "decision": DecisionForm(shown, typed if typed and "verdict_form" in typed else None),
        "cut_groups": cut_groups(shown, dossier.moment, typed),
        "place": place_of(shown, line),
        "seat_words": _seat_words(shown, seat),
        "signing_as": seat.group.name if seat else "",
        "rule_names": sorted({row["name"] for row in shown.rules if seat and row["group"] == seat.group_id}),
    }


def _seat_words(version: Version, own: Any) -> str:
    """“1 of 2 signatures. You can give the last one, for Security.”"""
    seats = list(version.seats.all())
    given = sum(seat.decision is not None for seat in seats)
    count = f"{given} of {len(seats)} signature{'' if len(seats) == 1 else 's'}"
    if own is None:
        return f"{count}. Those of your group are given; you can still send it back or reject it."
    which = "it" if len(seats) == 1 else "the last one" if given == len(seats) - 1 else "one"
    return f"{count}. You can give {which}, for {own.group.name}."
