"""What a page showed comes back with what its reader does: the hidden fields, and the answer to a refusal."""

from __future__ import annotations

from django.http import QueryDict

from approvals.errors import Refused
from approvals.transitions import Seen

NOT_YOU = {"not_you", "no_seat", "no_way", "own_version", "inactive", "not_your_agent"}
MEND_IT = {
    "no_reason", "too_long_text", "cuts_unclear", "nothing_given_up", "not_narrower", "no_such_line", "cut_twice",
    "too_long", "incomplete", "malformed", "end_passed", "unknown_person", "inactive_person", "not_chosen",
    "outside_parent", "no_such_finding", "no_rule", "nobody_to_sign", "bad_end", "hidden_text", "secret_text",
    "no_password", "wrong", "wrong_code",
}  # fmt: skip


def status_of(refusal: Refused) -> int:
    """403: not this person. 422: something typed has to change. 409: the packet is not as it was."""
    if refusal.code in NOT_YOU:
        return 403
    return 422 if refusal.code in MEND_IT else 409


def refuse_who(refusal: Refused | None) -> None:
    """Raise the refusal if it is about the person: that comes before anything that is wrong with what they typed."""
    if refusal is not None and refusal.code in NOT_YOU:
        raise refusal


def seen_in(data: QueryDict) -> Seen:
    """What the person had before their eyes. Raises Refused when the form does not say it."""
    try:
        revision = int(data.get("revision", ""))
    except ValueError:
        raise Refused(
            "stale", "The form did not say which content you saw.", "Look at the page, then try again."
        ) from None
    return Seen(revision, data.get("digest", ""), data.get("cuts", ""), data.get("state", ""))
