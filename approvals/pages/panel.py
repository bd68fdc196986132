"""The rail of a packet page: the decision for those who may decide; for others what keeps them from it, in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import QueryDict

from approvals import rules
from approvals.cuts import Cuts
from approvals.errors import Refused
from approvals.models import Version
from approvals.pages import Request, proving
from approvals.pages.cutting_form import cut_groups, cuts_in
from approvals.pages.decision_form import DecisionForm
from approvals.pages.dossier import Dossier
from approvals.pages.waiting import line_of, place_of
from approvals.transitions import Seen
from approvals.vocabulary import Verdict


def panel(request: Request, dossier: Dossier, typed: QueryDict | None, refusal: Refused | None) -> dict[str, Any]:
    """What the rail of a version in review says to this person."""
    person, shown = request.user, dossier.shown
    line = line_of(person)
    why_not = rules.why_not_decide(shown, person)
    if why_not is not None:
        own = next((one for one in shown.decisions.all() if one.person_id in person.accounts()), None)
        return {"why_not_decide": why_not, "own_decision": own, "own_verdict": own and Verdict(own.verdict).past,
                "next_waiting": next(iter(line), None)}  # fmt: skip
    seat = rules.seat_for(shown, person)
    chosen = typed if typed and "verdict_form" in typed else proving.kept(request, shown, shown.get_absolute_url())
    ways = proving.ways(request)
    form = DecisionForm(shown, chosen, ways)
    if refusal is not None:
        form.refuse(refusal)
    return {
        "decision": form,
        "ways": ways,
        "shown_until": _shown_until(request, shown, form, chosen) if chosen else None,
        "typed": typed or chosen,
        "cut_groups": cut_groups(shown, dossier.moment, chosen),
        "place": place_of(shown, line),
        "seat_words": _seat_words(shown, seat),
        "signing_as": seat.group.name if seat else "",
        "rule_names": sorted({row["name"] for row in shown.rules if seat and row["group"] == seat.group_id}),
    }


def _shown_until(request: Request, version: Version, form: DecisionForm, typed: QueryDict) -> datetime | None:
    """Until when they need not show again that it is them, for what the form says as it stands."""
    try:
        verdict = Verdict(form["verdict"].value() or "")
        cuts = cuts_in(typed, version) if verdict.approves else Cuts()
    except (ValueError, Refused):
        return None
    return proving.holds_until(request, Seen.of(version).purpose(verdict, cuts))


def _seat_words(version: Version, own: Any) -> str:
    """“1 of 2 signatures. You can give the last one, for Security.”"""
    seats = list(version.seats.all())
    given = sum(seat.decision is not None for seat in seats)
    count = f"{given} of {len(seats)} signature{'' if len(seats) == 1 else 's'}"
    if own is None:
        return f"{count}. Those of your group are given; you can still send it back or reject it."
    which = "it" if len(seats) == 1 else "the last one" if given == len(seats) - 1 else "one"
    return f"{count}. You can give {which}, for {own.group.name}."
